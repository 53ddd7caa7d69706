/**
 * A clock that stands still until it is told how far to go; timers fire in order of time, then of
 * creation.
 */
export interface FakeClock {
  nowMs(): number;
  /** Calls back when the clock has come that far; the function it returns cancels. */
  setTimer(delayMs: number, callback: () => void): () => void;
  /** Resolves when the clock has come that far; rejects with the reason of the signal. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Moves on, firing what is due on the way at its own time, and lets what was woken run. */
  advance(durationMs: number): Promise<void>;
  /** Timers that wait. */
  readonly waiting: number;
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Turns of the event loop that whatever a timer woke is given before the next one fires. */
const TURNS_PER_TIMER = 3;

/** A fake clock that shows `startMs` (default: 2026-01-01T00:00:00Z). */
export function fakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  let order = 0;
  const setTimer = (delayMs: number, callback: () => void): (() => void) => {
    order += 1;
    const timer = { atMs: nowMs + Math.max(0, delayMs), order, callback };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const nextDue = (untilMs: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.atMs > untilMs) continue;
      if (next === undefined || timer.atMs < next.atMs) next = timer;
    }
    return next;
  };
  return {
    nowMs: () => nowMs,
    setTimer,
    sleep: (delayMs, signal) => sleepOn(setTimer, delayMs, signal),
    advance: async (durationMs) => {
      const untilMs = nowMs + durationMs;
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        nowMs = timer.atMs;
        timer.callback();
        await settle();
      }
      nowMs = untilMs;
      await settle();
    },
    get waiting() {
      return timers.size;
    },
  };
}

async function sleepOn(
  setTimer: FakeClock['setTimer'],
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = setTimer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS_PER_TIMER; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
