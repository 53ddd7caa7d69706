import type { IncomingMessage } from 'node:http';
import { DISCARD_TIMEOUT_MS, DISCARDED_BODY_BYTES_MAX } from '../config.ts';

/**
 * Reads the rest of a body and forgets it. Resolves with whether its end was reached within the bounds;
 * if not the connection is of no further use.
 */
export function discarded(request: IncomingMessage): Promise<boolean> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > DISCARDED_BODY_BYTES_MAX) return Promise.resolve(false);
  if (request.readableEnded || request.complete) return Promise.resolve(true);
  return new Promise((resolve) => {
    let readBytes = 0;
    const finish = (isWhole: boolean) => (): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      resolve(isWhole);
    };
    const onEnd = finish(true);
    const onGone = finish(false);
    const onData = (chunk: Buffer): void => {
      readBytes += chunk.length;
      if (readBytes > DISCARDED_BODY_BYTES_MAX) onGone();
    };
    const timer = setTimeout(onGone, DISCARD_TIMEOUT_MS);
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
    request.resume();
  });
}
