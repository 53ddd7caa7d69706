import { pause } from '@argosy/shell';

/** Spreads events over time. */
export interface Pacer {
  /** Resolves when the next event may go on; false when the signal came first. */
  turn(signal: AbortSignal): Promise<boolean>;
}

/** @param eventsPerSecondMax none when undefined */
export function createPacer(eventsPerSecondMax: number | undefined): Pacer {
  const spacingMs = eventsPerSecondMax === undefined ? 0 : 1_000 / eventsPerSecondMax;
  let nextMs = 0;
  return {
    async turn(signal) {
      const nowMs = performance.now();
      const turnMs = Math.max(nextMs, nowMs);
      nextMs = turnMs + spacingMs;
      if (turnMs > nowMs) await pause(turnMs - nowMs, signal);
      return !signal.aborted;
    },
  };
}
