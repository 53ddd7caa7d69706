import { parseGoDuration } from '@argosy/base';
import { parseGoTime, zoneOf, type Zone } from '../gotime/index.ts';
import { textArgument } from './arguments.ts';
import type { Builtin } from './builtins.ts';
import type { ExprScope } from './scope.ts';
import { ExprDuration, ExprTime } from './value.ts';

const NS_PER_MS = 1_000_000;

/** Layouts `date` tries in this order when none is given. */
const DATE_LAYOUTS = [
  '2006-01-02',
  '15:04:05',
  '2006-01-02 15:04:05',
  '2006-01-02T15:04:05Z07:00',
  '02 Jan 06 15:04 MST',
  'Monday, 02-Jan-06 15:04:05 MST',
  'Mon, 02 Jan 2006 15:04:05 MST',
];

/** Functions on time. */
export const TIME_BUILTINS: Readonly<Record<string, Builtin>> = {
  now: { min: 0, max: 1, call: now },
  duration: { min: 1, max: 1, call: duration },
  date: { min: 1, max: 4, call: date },
  timezone: { min: 1, max: 1, call: ([name]) => loadZone(textArgument(name, 'timezone')) },
};

function now(args: readonly unknown[], scope: ExprScope): ExprTime {
  const { nowMs } = scope.options;
  if (nowMs === undefined) throw new Error('now() is not available here: no clock was given');
  const zone = args.length === 1 && isZone(args[0]) ? args[0] : loadZone('UTC');
  return new ExprTime(nowMs, zone);
}

function duration([value]: readonly unknown[]): ExprDuration {
  const parsed = parseGoDuration(textArgument(value, 'duration'));
  if (!parsed.ok) throw new Error(parsed.error);
  return new ExprDuration(BigInt(Math.round(parsed.value * NS_PER_MS)));
}

function date(given: readonly unknown[]): ExprTime {
  const inZone = isZone(given[0]);
  const args = inZone ? given.slice(1) : given;
  const text = textArgument(args[0], 'date');
  const zoneName = args.length === 3 ? textArgument(args[2], 'date') : 'UTC';
  const zone = inZone && isZone(given[0]) ? given[0] : loadZone(zoneName);
  const layouts = args.length > 1 ? [textArgument(args[1], 'date')] : DATE_LAYOUTS;
  let reason = '';
  for (const layout of layouts) {
    const parsed = parseGoTime(layout, text, zone);
    if (parsed.ok) return new ExprTime(parsed.value, zone);
    reason = parsed.error;
  }
  throw new Error(layouts.length === 1 ? reason : `invalid date ${text}`);
}

function loadZone(name: string): Zone {
  const zone = zoneOf(name);
  if (zone === undefined) throw new Error(`unknown time zone ${name}`);
  return zone;
}

function isZone(value: unknown): value is Zone {
  return typeof value === 'object' && value !== null && 'offsetMs' in value;
}
