import { formatGoTime, wallTimeAt, zoneOf, type Zone } from '../gotime/index.ts';
import { integerArgument, textArgument } from './arguments.ts';
import { ExprDuration, ExprTime, NamedInteger } from './value.ts';

/** A method taken from a value: a function of its arguments. */
export type BoundMethod = (args: readonly unknown[]) => unknown;

const NS_PER_MS = 1_000_000n;
const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;

type TimeMethod = (time: ExprTime, args: readonly unknown[]) => unknown;

const TIME_METHODS: Readonly<Record<string, TimeMethod>> = {
  Year: (time) => BigInt(wallTimeAt(time.getTime(), time.zone).year),
  Month: (time) => named(time, wallTimeAt(time.getTime(), time.zone).month, 'January'),
  Day: (time) => BigInt(wallTimeAt(time.getTime(), time.zone).day),
  Hour: (time) => BigInt(wallTimeAt(time.getTime(), time.zone).hour),
  Minute: (time) => BigInt(wallTimeAt(time.getTime(), time.zone).minute),
  Second: (time) => BigInt(wallTimeAt(time.getTime(), time.zone).second),
  Nanosecond: (time) => BigInt(modulo(time.getTime(), MS_PER_SECOND)) * NS_PER_MS,
  YearDay: (time) => BigInt(dayOfYear(time)),
  Weekday: (time) => {
    const shifted = new Date(time.getTime() + time.zone.offsetMs(time.getTime()));
    return named(time, shifted.getUTCDay(), 'Monday');
  },
  Unix: (time) => BigInt(Math.floor(time.getTime() / MS_PER_SECOND)),
  UnixMilli: (time) => BigInt(time.getTime()),
  UnixMicro: (time) => BigInt(time.getTime()) * 1_000n,
  UnixNano: (time) => BigInt(time.getTime()) * NS_PER_MS,
  Format: (time, [layout]) =>
    formatGoTime(textArgument(layout, 'Format'), time.getTime(), time.zone),
  String: (time) => formatGoTime(STRING_LAYOUT, time.getTime(), time.zone),
  Add: (time, [length]) => new ExprTime(time.getTime() + msOf(length), time.zone),
  Sub: (time, [other]) =>
    new ExprDuration(BigInt(time.getTime() - timeArgument(other).getTime()) * NS_PER_MS),
  AddDate: (time, args) => addDate(time, args),
  Before: (time, [other]) => time.getTime() < timeArgument(other).getTime(),
  After: (time, [other]) => time.getTime() > timeArgument(other).getTime(),
  Equal: (time, [other]) => time.getTime() === timeArgument(other).getTime(),
  UTC: (time) => inUtc(time),
  In: (time, [zone]) => new ExprTime(time.getTime(), zoneArgument(zone)),
};

const STRING_LAYOUT = '2006-01-02 15:04:05.999999999 -0700 MST';

const DURATION_METHODS: Readonly<Record<string, (duration: ExprDuration) => unknown>> = {
  Nanoseconds: (duration) => duration.ns,
  Microseconds: (duration) => duration.ns / 1_000n,
  Milliseconds: (duration) => duration.ns / NS_PER_MS,
  Seconds: (duration) => inMs(duration) / MS_PER_SECOND,
  Minutes: (duration) => inMs(duration) / MS_PER_MINUTE,
  Hours: (duration) => inMs(duration) / MS_PER_HOUR,
  Abs: (duration) => new ExprDuration(duration.ns < 0n ? -duration.ns : duration.ns),
  String: (duration) => duration.String(),
};

/** The method of this name, or undefined when the value has none of it. */
export function methodOf(target: unknown, name: unknown): BoundMethod | undefined {
  if (typeof name !== 'string') return undefined;
  if (target instanceof Date && Object.hasOwn(TIME_METHODS, name)) {
    const time = target instanceof ExprTime ? target : inUtc(target);
    return (args) => TIME_METHODS[name]?.(time, args);
  }
  if (target instanceof ExprDuration && Object.hasOwn(DURATION_METHODS, name)) {
    return () => DURATION_METHODS[name]?.(target);
  }
  if (target instanceof NamedInteger && name === 'String') return () => target.String();
  return undefined;
}

/** Times that sprig's functions make carry no zone: they are in UTC. */
function inUtc(time: Date): ExprTime {
  const utc = zoneOf('UTC');
  if (utc === undefined) throw new Error('the time zone UTC is not known');
  return new ExprTime(time.getTime(), utc);
}

/** Go prints months and weekdays by the element of its layouts. */
function named(time: ExprTime, value: number, layout: string): NamedInteger {
  return new NamedInteger(value, formatGoTime(layout, time.getTime(), time.zone));
}

function dayOfYear(time: ExprTime): number {
  const { year, month, day } = wallTimeAt(time.getTime(), time.zone);
  return Math.round((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / MS_PER_DAY) + 1;
}

function addDate(time: ExprTime, args: readonly unknown[]): ExprTime {
  const [years = 0, months = 0, days = 0] = args.map((arg) =>
    Number(integerArgument(arg, 'AddDate')),
  );
  const offsetMs = time.zone.offsetMs(time.getTime());
  const wall = new Date(time.getTime() + offsetMs);
  wall.setUTCFullYear(
    wall.getUTCFullYear() + years,
    wall.getUTCMonth() + months,
    wall.getUTCDate() + days,
  );
  // The offset is taken where the new date lies, which may be across a change of clocks.
  const guessMs = wall.getTime() - offsetMs;
  return new ExprTime(wall.getTime() - time.zone.offsetMs(guessMs), time.zone);
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

function inMs(duration: ExprDuration): number {
  return Number(duration.ns) / Number(NS_PER_MS);
}

function msOf(value: unknown): number {
  if (value instanceof ExprDuration) return inMs(value);
  throw new Error('invalid argument for Add: expected a duration');
}

function timeArgument(value: unknown): Date {
  if (value instanceof Date) return value;
  throw new Error('invalid argument: expected a time');
}

function zoneArgument(value: unknown): Zone {
  if (typeof value === 'object' && value !== null && 'offsetMs' in value) return value as Zone;
  throw new Error('invalid argument for In: expected a timezone');
}
