import { pause } from './pause.ts';

export interface KeyedReconcilerOptions {
  /** Brings the world in line with what is wanted for the key now. A throw is tried again. */
  readonly reconcile: (key: string) => Promise<void>;
  /** Told of each throw of `reconcile`, before the wait. */
  readonly onError: (key: string, error: unknown, nextTryMs: number) => void;
  readonly signal: AbortSignal;
}

/** Runs `reconcile` per key: one at a time for a key, different keys side by side. */
export interface KeyedReconciler {
  /** Something about the key changed. Calls while a pass runs are folded into one more pass. */
  touch(key: string): void;
  /** Resolves when no pass runs or waits. */
  settled(): Promise<void>;
}

/** Wait after a failed pass: doubles from the first to the second. */
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 30_000;

/**
 * Level-based: a pass looks at the whole wanted state of a key, so notices may be folded or repeated.
 * After the signal nothing new is begun; `settled` tells when the last pass ended.
 */
export function createKeyedReconciler(options: KeyedReconcilerOptions): KeyedReconciler {
  const working = new Map<string, { dirty: boolean; wake: AbortController }>();
  let waiters: (() => void)[] = [];

  async function work(key: string, slot: { dirty: boolean; wake: AbortController }): Promise<void> {
    let waitMs = RETRY_MS_MIN;
    while (slot.dirty && !options.signal.aborted) {
      slot.dirty = false;
      try {
        await options.reconcile(key);
        waitMs = RETRY_MS_MIN;
      } catch (error) {
        if (options.signal.aborted) break;
        options.onError(key, error, waitMs);
        slot.dirty = true;
        slot.wake = new AbortController();
        await pause(waitMs, AbortSignal.any([slot.wake.signal, options.signal]));
        waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
      }
    }
    working.delete(key);
    if (working.size === 0) {
      for (const waiter of waiters) waiter();
      waiters = [];
    }
  }

  return {
    touch(key) {
      if (options.signal.aborted) return;
      const slot = working.get(key);
      if (slot !== undefined) {
        slot.dirty = true;
        slot.wake.abort();
        return;
      }
      const fresh = { dirty: true, wake: new AbortController() };
      working.set(key, fresh);
      void work(key, fresh);
    },
    settled: () =>
      working.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve)),
  };
}
