import type { IncomingMessage } from 'node:http';
import type { HttpLimits } from './limits.ts';

export type BodyOutcome =
  | { readonly kind: 'Complete'; readonly body: Uint8Array }
  | { readonly kind: 'TooLarge' }
  | { readonly kind: 'Busy' }
  /** The sender went away or was too slow; there is nobody to answer. */
  | { readonly kind: 'Aborted' };

/** Counts the bytes of bodies in memory, over all ports of a process. */
export interface BodyBudget {
  usedBytes: number;
}

/** Reads a body up to a limit. What goes over it is thrown away, never kept. */
export function readBody(
  request: IncomingMessage,
  options: { readonly bytesMax: number; readonly limits: HttpLimits; readonly budget: BodyBudget },
): Promise<BodyOutcome> {
  const { bytesMax, limits, budget } = options;
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > bytesMax + limits.discardedBytesMax) return Promise.resolve({ kind: 'TooLarge' });
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let keptBytes = 0;
    let seenBytes = 0;
    let refusal: 'TooLarge' | 'Busy' | undefined;
    const finish = (outcome: BodyOutcome): void => {
      budget.usedBytes -= keptBytes;
      keptBytes = 0;
      request.off('data', take).off('end', end).off('close', abort).off('error', abort);
      resolve(outcome);
    };
    const take = (chunk: Uint8Array): void => {
      seenBytes += chunk.byteLength;
      if (seenBytes > bytesMax) refusal = 'TooLarge';
      else if (budget.usedBytes + chunk.byteLength > limits.bufferedBytesMax) refusal ??= 'Busy';
      if (refusal === undefined) {
        chunks.push(chunk);
        keptBytes += chunk.byteLength;
        budget.usedBytes += chunk.byteLength;
      } else {
        chunks.length = 0;
        if (seenBytes > bytesMax + limits.discardedBytesMax) finish({ kind: refusal });
      }
    };
    const end = (): void => {
      if (refusal !== undefined) finish({ kind: refusal });
      else finish({ kind: 'Complete', body: joined(chunks, keptBytes) });
    };
    const abort = (): void => finish({ kind: 'Aborted' });
    request.on('data', take).on('end', end).on('close', abort).on('error', abort);
  });
}

function joined(chunks: readonly Uint8Array[], totalBytes: number): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  return Buffer.concat(chunks, totalBytes);
}
