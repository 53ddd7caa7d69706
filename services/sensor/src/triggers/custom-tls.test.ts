// Covers the custom trigger over TLS against an HTTP/2 server that answers gRPC by hand: the server is known by the
// certificate out of the secret. Leaves out what the calls say (custom.test.ts).
import { createSecureServer } from 'node:http2';
import { once } from 'node:events';
import { testCertificate } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { environmentWith, runTrigger } from '../testing/trigger-call.ts';
import { createCustomTrigger } from './custom.ts';

/** A gRPC frame: not compressed, four bytes of length, the message `success: true` or nothing. */
const frameOf = (path: string): Buffer =>
  path.endsWith('/ApplyPolicy') ? Buffer.from([0, 0, 0, 0, 2, 8, 1]) : Buffer.alloc(5);

test('a secure server must have the certificate of the secret, under the name that is given', async () => {
  const good = await testCertificate(['trigger.example']);
  const other = await testCertificate(['trigger.example']);
  const server = createSecureServer({ cert: good.cert, key: good.key });
  const paths: string[] = [];
  server.on('stream', (stream, headers) => {
    const path = String(headers[':path']);
    paths.push(path);
    stream.on('error', () => undefined);
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(frameOf(path));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const environment = environmentWith({ 'tls/good': good.cert, 'tls/other': other.cert });
  const settings = (key: string): object => ({
    serverURL: `127.0.0.1:${port}`,
    spec: {},
    secure: true,
    certSecret: { name: 'tls', key },
    serverNameOverride: 'trigger.example',
  });
  const trigger = createCustomTrigger();
  try {
    expect(await runTrigger(trigger, settings('good'), { environment })).toEqual({ kind: 'Done' });
    expect(paths).toEqual(
      ['FetchResource', 'Execute', 'ApplyPolicy'].map((name) => `/triggers.Trigger/${name}`),
    );
    expect((await runTrigger(trigger, settings('other'), { environment })).kind).toBe('Failed');
    expect(paths).toHaveLength(3);
  } finally {
    await trigger.close?.();
    server.close();
  }
});
