import { connect } from '@nats-io/transport-node';

/** Deletes a stream behind everybody's back; a bucket's is `KV_<bucket>`. */
export async function deleteStream(
  server: { readonly url: string; readonly token: string },
  name: string,
): Promise<void> {
  const client = await connect({ servers: server.url, token: server.token });
  await client.request(`$JS.API.STREAM.DELETE.${name}`);
  await client.close();
}
