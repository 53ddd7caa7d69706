import { formatGoDuration, parseGoDuration } from '@argosy/base';
import { formatGoTime, parseGoTime, zoneOf, type Zone } from '../gotime/index.ts';
import { expectCount, parseInteger, textArgument, type SprigFunction } from './arguments.ts';

const ZERO_TIME_MS = -62_135_596_800_000;
const MS_PER_SECOND = 1000;

function utc(): Zone {
  const zone = zoneOf('UTC');
  if (zone === undefined) throw new Error('UTC is always known');
  return zone;
}

const RFC3339_LAYOUT = '2006-01-02T15:04:05Z07:00';

/**
 * The instant of a time.Time, of whole seconds since 1970, or of an RFC 3339 text. Sprig takes the present moment for
 * every text; there is no clock here, and the text's own time is what is meant.
 */
function instantOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint') return Number(value) * MS_PER_SECOND;
  const text = timeText(value);
  const parsed = text === undefined ? undefined : parseGoTime(RFC3339_LAYOUT, text, utc());
  if (parsed?.ok === true) return parsed.value;
  throw new Error('the date must be a time, an RFC 3339 text or whole seconds since 1970');
}

/** workflow.creationTimestamp is in expressions the map of its formats, `RFC3339` among them. */
function timeText(value: unknown): string | undefined {
  const text =
    typeof value === 'object' && value !== null && 'RFC3339' in value ? value.RFC3339 : value;
  return typeof text === 'string' ? text : undefined;
}

function dateArgument(args: readonly unknown[], index: number): Date {
  const value = args[index];
  if (value instanceof Date) return value;
  throw new Error('wrong type for value; expected time.Time');
}

const HTML_LAYOUT = '2006-01-02';

function format(layout: string, value: unknown, zoneName: string): string {
  return formatGoTime(layout, instantOf(value), zoneOf(zoneName) ?? utc());
}

function modify(must: boolean): SprigFunction {
  return (args) => {
    expectCount(args, 2);
    const date = dateArgument(args, 1);
    const shift = parseGoDuration(textArgument(args, 0));
    if (shift.ok) return new Date(date.getTime() + shift.value);
    if (must) throw new Error(shift.error);
    return date;
  };
}

function toDate(must: boolean): SprigFunction {
  return (args) => {
    expectCount(args, 2);
    const parsed = parseGoTime(textArgument(args, 0), textArgument(args, 1), utc());
    if (parsed.ok) return new Date(parsed.value);
    if (must) throw new Error(parsed.error);
    return new Date(ZERO_TIME_MS);
  };
}

/** Rounds down to the largest unit that is exceeded, as sprig prints ages: `3d`, `2mo`. */
function roundDuration(durationMs: number): string {
  const hourMs = 3_600_000;
  const units: readonly (readonly [string, number])[] = [
    ['y', hourMs * 24 * 365],
    ['mo', hourMs * 24 * 30],
    ['d', hourMs * 24],
    ['h', hourMs],
    ['m', 60_000],
    ['s', MS_PER_SECOND],
  ];
  const absoluteMs = Math.abs(durationMs);
  const unit = units.find(([, sizeMs]) => absoluteMs > sizeMs);
  return unit === undefined ? '0s' : `${Math.floor(absoluteMs / unit[1])}${unit[0]}`;
}

const NS_PER_MS = 1e6;

function durationOf(value: unknown): number {
  if (typeof value === 'bigint') return Number(value) / NS_PER_MS;
  if (typeof value !== 'string') return 0;
  const parsed = parseGoDuration(value);
  return parsed.ok ? parsed.value : 0;
}

const dateInZone: SprigFunction = (args) => {
  expectCount(args, 3);
  return format(textArgument(args, 0), args[1], textArgument(args, 2));
};

/** Functions on given dates. Those that would read the clock (`now`, `ago`) are not here. */
export const dateFunctions: Readonly<Record<string, SprigFunction>> = {
  date: (args) => {
    expectCount(args, 2);
    return format(textArgument(args, 0), args[1], 'Local');
  },
  dateInZone,
  date_in_zone: dateInZone,
  htmlDate: (args) => {
    expectCount(args, 1);
    return format(HTML_LAYOUT, args[0], 'Local');
  },
  htmlDateInZone: (args) => {
    expectCount(args, 2);
    return format(HTML_LAYOUT, args[0], textArgument(args, 1));
  },
  dateModify: modify(false),
  date_modify: modify(false),
  mustDateModify: modify(true),
  must_date_modify: modify(true),
  toDate: toDate(false),
  mustToDate: toDate(true),
  unixEpoch: (args) => {
    expectCount(args, 1);
    return String(Math.floor(dateArgument(args, 0).getTime() / MS_PER_SECOND));
  },
  duration: (args) => {
    expectCount(args, 1);
    const value = args[0];
    const seconds = typeof value === 'string' ? (parseInteger(value) ?? 0n) : value;
    return formatGoDuration(typeof seconds === 'bigint' ? Number(seconds) * MS_PER_SECOND : 0);
  },
  durationRound: (args) => {
    expectCount(args, 1);
    return roundDuration(durationOf(args[0]));
  },
};
