import { ArgosyError } from '@argosy/base';

/** Longest text of an object, in bytes. */
export const SOURCE_BYTES_MAX = 1_048_576;
/** How long one reading of an object may take. */
export const SOURCE_TIMEOUT_MS = 60_000;

/** Content as text. @throws ArgosyError RESOURCE_EXHAUSTED when it is longer than SOURCE_BYTES_MAX */
export async function textOfBytes(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > SOURCE_BYTES_MAX) {
      const message = `it is longer than ${SOURCE_BYTES_MAX} bytes`;
      throw new ArgosyError('RESOURCE_EXHAUSTED', message);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
