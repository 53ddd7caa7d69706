import { setTimeout as delay } from 'node:timers/promises';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_INTERVAL_MS = 10;

export interface EventuallyOptions {
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** Default 10 ms. */
  readonly intervalMs?: number;
}

/**
 * Calls `check` until it neither throws nor returns false, and returns its value. For assertions
 * about what happens soon, in place of sleeping.
 * @throws what the last check threw, or an error that it stayed false, once the time is over.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const giveUpAtMs = Date.now() + timeoutMs;
  for (;;) {
    let problem: unknown;
    try {
      const value = await check();
      if (value !== false) return value;
      problem = new Error(`still false after ${timeoutMs} ms`);
    } catch (error) {
      problem = error;
    }
    if (Date.now() >= giveUpAtMs) throw problem;
    await delay(options.intervalMs ?? DEFAULT_INTERVAL_MS);
  }
}
