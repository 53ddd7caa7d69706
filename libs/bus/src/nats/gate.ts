import { ArgosyError } from '@argosy/base';

/** Lets in so many at a time, and so many bytes; the others wait in line. */
export interface Gate {
  /** Waits for room. @throws ArgosyError CANCELLED */
  enter(sizeBytes: number, signal?: AbortSignal): Promise<void>;
  leave(sizeBytes: number): void;
}

interface Waiter {
  readonly sizeBytes: number;
  readonly admit: () => void;
}

/** A gate. One that is larger than all the bytes is let in when it is alone. */
export function createGate(limits: { readonly count: number; readonly bytes: number }): Gate {
  const line = new Set<Waiter>();
  let count = 0;
  let bytes = 0;
  const hasRoom = (sizeBytes: number): boolean =>
    count === 0 || (count < limits.count && bytes + sizeBytes <= limits.bytes);
  const take = (sizeBytes: number): void => {
    count += 1;
    bytes += sizeBytes;
  };
  let isAdmissionDue = false;
  const admitNext = (): void => {
    isAdmissionDue = false;
    for (const waiter of line) {
      if (!hasRoom(waiter.sizeBytes)) return;
      line.delete(waiter);
      take(waiter.sizeBytes);
      waiter.admit();
    }
  };
  return {
    enter: async (sizeBytes, signal) => {
      if (line.size === 0 && hasRoom(sizeBytes)) {
        take(sizeBytes);
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => {
          line.delete(waiter);
          reject(new ArgosyError('CANCELLED', 'waiting to publish was cancelled'));
        };
        const waiter: Waiter = {
          sizeBytes,
          admit: () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        if (signal?.aborted === true) {
          onAbort();
          return;
        }
        signal?.addEventListener('abort', onAbort, { once: true });
        line.add(waiter);
      });
    },
    leave: (sizeBytes) => {
      count -= 1;
      bytes -= sizeBytes;
      if (isAdmissionDue || line.size === 0) return;
      isAdmissionDue = true;
      // Answers come many in a chunk from the socket: whoever follows them goes out in one write
      // too.
      queueMicrotask(admitNext);
    },
  };
}
