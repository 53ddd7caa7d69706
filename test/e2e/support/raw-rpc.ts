import { connect } from 'node:http2';

/** What a gRPC server answered. */
export interface RawAnswer {
  /** gRPC's status number; 0 is OK. */
  readonly status: number;
  readonly message: string;
  /** The messages, without their frames. */
  readonly messages: readonly Buffer[];
}

const TIMEOUT_MS = 10_000;
const FRAME_HEADER_BYTES = 5;

/** Calls a method as any gRPC client would, with bytes of our own: also methods that do not exist. */
export async function callRaw(
  address: string,
  path: string,
  options: { readonly token?: string; readonly message?: Uint8Array } = {},
): Promise<RawAnswer> {
  const session = connect(`http://${address}`);
  try {
    return await new Promise((resolve, reject) => {
      session.once('error', reject);
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      });
      stream.setTimeout(TIMEOUT_MS, () => {
        reject(new Error(`${path} did not answer`));
      });
      const chunks: Buffer[] = [];
      let status: Readonly<Record<string, unknown>> = {};
      stream.on('response', (headers) => (status = { ...status, ...headers }));
      stream.on('trailers', (trailers) => (status = { ...status, ...trailers }));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('error', reject);
      stream.once('close', () => {
        resolve({
          status: Number(status['grpc-status']),
          message: decodeURIComponent(String(status['grpc-message'] ?? '')),
          messages: unframed(Buffer.concat(chunks)),
        });
      });
      stream.end(framed(options.message ?? new Uint8Array()));
    });
  } finally {
    session.close();
  }
}

function framed(message: Uint8Array): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

function unframed(bytes: Buffer): readonly Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + FRAME_HEADER_BYTES <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + length));
    at += FRAME_HEADER_BYTES + length;
  }
  return messages;
}
