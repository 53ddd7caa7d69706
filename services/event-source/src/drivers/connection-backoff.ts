import { parseGoDuration } from '@argosy/base';
import { isFields, type Fields } from './http/settings.ts';
import type { ConnectionWaits } from './lasting-connection.ts';

const NANOSECONDS_PER_MILLISECOND = 1e6;

/**
 * Reads `connectionBackoff`: `duration` (Go's text or nanoseconds) is the first wait before another try to
 * connect, `factor` makes the next one longer. `steps` and `jitter` are taken and change nothing: a
 * connection is never given up.
 */
export function parseConnectionBackoff(fields: Fields, problems: string[]): ConnectionWaits {
  const value = fields['connectionBackoff'];
  if (value === undefined || value === null) return {};
  if (!isFields(value)) {
    problems.push('connectionBackoff must be a map: {duration, factor, jitter, steps}');
    return {};
  }
  const firstMs = durationMsOf(value['duration']);
  if (firstMs === 'Wrong') problems.push('connectionBackoff.duration must be one such as 10s');
  const factor = amountOf(value['factor']);
  if (factor === 'Wrong') problems.push('connectionBackoff.factor must be a number of at least 1');
  return {
    ...(typeof firstMs === 'number' ? { firstMs } : {}),
    ...(typeof factor === 'number' ? { factor } : {}),
  };
}

function durationMsOf(value: unknown): number | undefined | 'Wrong' {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && value > 0) return value / NANOSECONDS_PER_MILLISECOND;
  const parsed = typeof value === 'string' ? parseGoDuration(value) : undefined;
  return parsed?.ok === true && parsed.value > 0 ? parsed.value : 'Wrong';
}

/** Argo Events writes amounts as numbers or as texts. */
function amountOf(value: unknown): number | undefined | 'Wrong' {
  if (value === undefined || value === null) return undefined;
  const amount = typeof value === 'string' ? Number(value) : value;
  return typeof amount === 'number' && amount >= 1 && amount < Infinity ? amount : 'Wrong';
}
