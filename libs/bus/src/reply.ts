import { ArgosyError } from '@argosy/base';
import type { BusMessage } from './types.ts';

export interface AwaitedReply {
  accept(message: BusMessage): void;
  /** Rejects with DEADLINE_EXCEEDED or CANCELLED. */
  readonly promise: Promise<BusMessage>;
  /** To be called at the end, whatever it was. */
  stop(): void;
}

/** Waits for one answer, for so long and as long as the signal allows. */
export function waitForReply(
  subject: string,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): AwaitedReply {
  let accept: (message: BusMessage) => void = () => undefined;
  let stop: () => void = () => undefined;
  const promise = new Promise<BusMessage>((resolve, reject) => {
    accept = resolve;
    const timer = setTimeout(() => {
      const why = `no answer to ${subject} within ${options.timeoutMs} ms`;
      reject(new ArgosyError('DEADLINE_EXCEEDED', why));
    }, options.timeoutMs);
    const onAbort = (): void => {
      reject(new ArgosyError('CANCELLED', `waiting for the answer to ${subject} was cancelled`));
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    stop = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    };
  });
  // A publish that fails first leaves nobody to hear of the deadline.
  promise.catch(() => undefined);
  return {
    accept: (message) => {
      accept(message);
    },
    promise,
    stop,
  };
}
