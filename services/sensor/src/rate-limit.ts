import { pause } from '@argosy/shell';
import { isRecord } from './triggers/trigger.ts';

/** At most so many attempts in a time, evenly spread. */
export interface RateLimit {
  /** Least time between two attempts, milliseconds; 0 = no limit. */
  readonly spacingMs: number;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  Second: 1_000,
  Minute: 60_000,
  Hour: 3_600_000,
};
/** Attempts that may go at once after a pause; what the limit was not used for is saved up to here. */
const SLACK_ATTEMPTS = 10;

/** Reads `rateLimit: {unit, requestsPerUnit}`. */
export function parseRateLimit(value: unknown): RateLimit | { readonly problem: string } {
  if (value === undefined || value === null) return { spacingMs: 0 };
  if (!isRecord(value)) return { problem: 'rateLimit must be a map' };
  const unitMs = UNIT_MS[String(value['unit'] ?? 'Second')];
  if (unitMs === undefined) return { problem: 'rateLimit.unit must be Second, Minute or Hour' };
  const requests = value['requestsPerUnit'];
  if (typeof requests !== 'number' || requests < 0) {
    return { problem: 'rateLimit.requestsPerUnit must be a number that is not negative' };
  }
  return { spacingMs: requests === 0 ? 0 : unitMs / requests };
}

/** A leaky bucket; callers are let through in the order of their calls. */
export function createRateLimiter(
  limit: RateLimit,
  clock: () => number = Date.now,
): (signal: AbortSignal) => Promise<void> {
  let nextMs = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    if (limit.spacingMs === 0) return;
    const nowMs = clock();
    nextMs = Math.max(nextMs, nowMs - SLACK_ATTEMPTS * limit.spacingMs);
    const turnMs = nextMs;
    nextMs += limit.spacingMs;
    if (turnMs > nowMs) await pause(turnMs - nowMs, signal);
  };
}
