import { ArgosyError, parseGoDuration } from '@argosy/base';

/** A place in the history of a run. */
export type Moment =
  /** After its n-th fact, from 1. */
  | { readonly kind: 'Sequence'; readonly sequence: number }
  /** With all facts up to this instant, milliseconds since the epoch. */
  | { readonly kind: 'Time'; readonly atMs: number }
  /** With all facts up to so long after the first one, milliseconds. */
  | { readonly kind: 'Offset'; readonly offsetMs: number };

/** A moment whose instant is known where it has one. */
export type FixedMoment = Exclude<Moment, { readonly kind: 'Offset' }>;

const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(\.\d{1,3})?)?$/;
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * Reads `#17` or `17` (after the 17th fact), `+90s` (after the first fact), `-5m` (before now), `12:30:00`
 * (today, UTC), and RFC 3339.
 * @throws ArgosyError INVALID_ARGUMENT that names the forms.
 */
export function parseMoment(text: string, nowMs: number): Moment {
  const sequence = /^#?(\d{1,15})$/.exec(text)?.[1];
  if (sequence !== undefined && Number(sequence) > 0) {
    return { kind: 'Sequence', sequence: Number(sequence) };
  }
  const relative = relativeMoment(text, nowMs);
  if (relative !== undefined) return relative;
  const atMs = clockMs(text, nowMs) ?? absoluteMs(text);
  if (atMs !== undefined) return { kind: 'Time', atMs };
  const message =
    `"${text}" is no moment of a run: write a time (2030-01-31T12:00:00Z, or 12:00:00 for today), ` +
    '+90s (after its start), -5m (before now), or #17 (after its 17th fact).';
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

function relativeMoment(text: string, nowMs: number): Moment | undefined {
  const sign = text.charAt(0);
  if (sign !== '+' && sign !== '-') return undefined;
  const duration = parseGoDuration(text.slice(1));
  if (!duration.ok || duration.value < 0) return undefined;
  return sign === '+'
    ? { kind: 'Offset', offsetMs: duration.value }
    : { kind: 'Time', atMs: nowMs - duration.value };
}

/** The moment of a run whose first fact is of that instant. */
export function fixMoment(moment: Moment, firstMs: number): FixedMoment {
  return moment.kind === 'Offset' ? { kind: 'Time', atMs: firstMs + moment.offsetMs } : moment;
}

function clockMs(text: string, nowMs: number): number | undefined {
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  const [, hours, minutes, seconds = '0', fraction = ''] = match;
  const midnight = new Date(nowMs).setUTCHours(0, 0, 0, 0);
  const time = (Number(hours) * 60 + Number(minutes)) * 60 + Number(`${seconds}${fraction}`);
  return midnight + Math.round(time * 1_000);
}

function absoluteMs(text: string): number | undefined {
  const atMs = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
