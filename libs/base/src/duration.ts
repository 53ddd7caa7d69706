import { err, ok, type Result } from './result.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  // The Greek letter beside the micro sign above: Go reads both.
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Some 292 years: Go counts nanoseconds in 64 bits. */
const DURATION_MS_MAX = 2 ** 63 / 1e6;

/**
 * Parses Go's duration text (`1h30m`, `1.5s`, `-2m`, `0`) into milliseconds.
 * @returns an error sentence naming the text when it is none of these.
 */
export function parseGoDuration(text: string): Result<number, string> {
  const match = /^([+-]?)((?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text);
  if (text === '0' || text === '+0' || text === '-0') return ok(0);
  if (match === null) return err(`time: invalid duration "${text}"`);
  let totalMs = 0;
  for (const part of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    totalMs += Number(part[1]) * (UNIT_MS[part[2] ?? ''] ?? 0);
  }
  if (totalMs > DURATION_MS_MAX) return err(`time: invalid duration "${text}"`);
  return ok(match[1] === '-' ? -totalMs : totalMs);
}

/**
 * Argo's duration fields (`backoff.duration`, `suspend.duration`, `timeout`): a Go duration, or a bare
 * number of seconds. Milliseconds.
 */
export function parseArgoDuration(text: string): Result<number, string> {
  const trimmed = text.trim();
  if (/^[+-]?\d+$/.test(trimmed)) return ok(Number(trimmed) * 1_000);
  return parseGoDuration(trimmed);
}

/** Prints milliseconds as Go prints a Duration: `1h30m0s`, `1.5s`, `250ms`, `56ns`, `0s`. */
export function formatGoDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  const sign = durationMs < 0 ? '-' : '';
  const absoluteMs = Math.abs(durationMs);
  if (absoluteMs < 1e-3) return `${sign}${(absoluteMs * 1e6).toFixed(0)}ns`;
  if (absoluteMs < 1) return `${sign}${trimZeros((absoluteMs * 1e3).toFixed(3))}µs`;
  if (absoluteMs < 1_000) return `${sign}${trimZeros(absoluteMs.toFixed(6))}ms`;
  const hours = Math.floor(absoluteMs / 3_600_000);
  const minutes = Math.floor((absoluteMs % 3_600_000) / 60_000);
  const seconds = trimZeros(((absoluteMs % 60_000) / 1_000).toFixed(9));
  const minutesPart = hours > 0 || minutes > 0 ? `${minutes}m` : '';
  return `${sign}${hours > 0 ? `${hours}h` : ''}${minutesPart}${seconds}s`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
