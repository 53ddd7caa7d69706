import { ArgosyError } from '@argosy/base';
import { ARTIFACT_BYTES_MAX } from '../limits.ts';

/** Passes content on up to the limit. @throws ArgosyError RESOURCE_EXHAUSTED beyond it. */
export async function* limitBytes(
  content: AsyncIterable<Uint8Array>,
  bytesMax: number = ARTIFACT_BYTES_MAX,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > bytesMax) {
      throw new ArgosyError('RESOURCE_EXHAUSTED', `it is larger than ${bytesMax} bytes`);
    }
    yield chunk;
  }
}
