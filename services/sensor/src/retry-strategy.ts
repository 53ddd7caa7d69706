import { parseGoDuration } from '@argosy/base';
import { isRecord } from './triggers/trigger.ts';

/** How often a trigger is tried and how long it waits between attempts. */
export interface RetryStrategy {
  /** Attempts in all, at least 1. */
  readonly steps: number;
  readonly durationMs: number;
  /** Each wait is the one before times this. */
  readonly factor: number;
  /** Share of a wait that chance adds: 0 none, 1 up to as much again. */
  readonly jitter: number;
}

export const SINGLE_ATTEMPT: RetryStrategy = { steps: 1, durationMs: 0, factor: 1, jitter: 0 };

const STEPS_DEFAULT = 5;
const STEPS_MAX = 10_000;
const DURATION_MS_DEFAULT = 1_000;
/** Longest wait between two attempts. */
export const RETRY_WAIT_MS_MAX = 60 * 60_000;
const NANOSECONDS_PER_MILLISECOND = 1e6;

/**
 * Reads `retryStrategy`. Absent means one attempt; a strategy without steps has 5, a duration of 1 s, and
 * factor and jitter 1. A duration is Go's text or a whole number of nanoseconds.
 */
export function parseRetryStrategy(value: unknown): RetryStrategy | { readonly problem: string } {
  if (value === undefined || value === null) return SINGLE_ATTEMPT;
  if (!isRecord(value)) return { problem: 'retryStrategy must be a map' };
  const steps = numberOf(value['steps'], 0);
  const factor = numberOf(value['factor'], 1);
  const jitter = numberOf(value['jitter'], 1);
  const durationMs = durationOf(value['duration']);
  if (steps === undefined || steps > STEPS_MAX) {
    return { problem: `retryStrategy.steps must be a number from 0 to ${STEPS_MAX}` };
  }
  if (factor === undefined || jitter === undefined) {
    return { problem: 'retryStrategy.factor and jitter must be numbers that are not negative' };
  }
  if (durationMs === undefined) {
    return { problem: 'retryStrategy.duration must be a duration such as 5s' };
  }
  return { steps: steps === 0 ? STEPS_DEFAULT : steps, durationMs, factor, jitter };
}

/** The wait after a failed attempt (1 = the first), milliseconds. `chance` is from 0 to 1. */
export function retryWaitMs(strategy: RetryStrategy, attempt: number, chance: number): number {
  const waitMs = strategy.durationMs * strategy.factor ** (attempt - 1);
  return Math.min(waitMs * (1 + strategy.jitter * chance), RETRY_WAIT_MS_MAX);
}

/** Amounts are written as numbers or as text; negative ones are wrong. */
function numberOf(value: unknown, absent: number): number | undefined {
  if (value === undefined || value === null) return absent;
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number < Infinity ? number : undefined;
}

function durationOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return DURATION_MS_DEFAULT;
  const isText = typeof value === 'string' && !/^\d+$/.test(value);
  if (!isText) {
    const nanoseconds = numberOf(value, 0);
    return nanoseconds === undefined ? undefined : nanoseconds / NANOSECONDS_PER_MILLISECOND;
  }
  const parsed = parseGoDuration(value);
  return parsed.ok && parsed.value >= 0 ? parsed.value : undefined;
}
