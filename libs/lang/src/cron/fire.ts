import { epochMsOf, wallTimeAt, zoneOf, type WallTime, type Zone } from '../gotime/index.ts';
import type { CronField, CronSchedule } from './parse.ts';

type Fields = CronSchedule & { readonly kind: 'Fields' };

/** How far a search goes before it says that a schedule never fires, in years. */
const SEARCH_YEARS_MAX = 5;

/** Last time looked from, in ms since 1970: years before the end of the calendar of JavaScript. */
const TIME_MS_MAX = 8.6e15;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

function requireZone(schedule: CronSchedule, timeZone: string): Zone {
  const named = schedule.kind === 'Fields' ? schedule.timeZone : undefined;
  const zone = zoneOf(named ?? timeZone);
  if (zone === undefined) {
    throw new Error(`unknown time zone ${timeZone}: check it with isTimeZone before`);
  }
  return zone;
}

/** True for a name the schedule functions accept as a time zone; '' is UTC. */
export function isTimeZone(name: string): boolean {
  return zoneOf(name) !== undefined;
}

/**
 * The first instant after `afterMs` at which the schedule fires, in milliseconds since 1970. Like
 * robfig/cron a reading the clocks jump over does not fire, one they repeat fires twice.
 * @returns undefined when it does not fire within five years.
 * @throws Error for a time zone that `isTimeZone` refuses.
 */
export function nextFireMs(
  schedule: CronSchedule,
  afterMs: number,
  timeZone: string,
): number | undefined {
  if (schedule.kind === 'Every') {
    return Math.floor(afterMs / SECOND_MS) * SECOND_MS + schedule.distanceMs;
  }
  const zone = requireZone(schedule, timeZone);
  if (neverFires(schedule) || Math.abs(afterMs) > TIME_MS_MAX) return undefined;
  let atMs = (Math.floor(afterMs / SECOND_MS) + 1) * SECOND_MS;
  const lastYear = wallTimeAt(atMs, zone).year + SEARCH_YEARS_MAX;
  let wall = wallTimeAt(atMs, zone);
  let isAligned = false;
  while (wall.year <= lastYear) {
    const next = advance(schedule, { atMs, wall, zone, isAligned });
    if (next === undefined) return atMs;
    atMs = next;
    wall = wallTimeAt(atMs, zone);
    isAligned = true;
  }
  return undefined;
}

/** A field such as `,` names no value; searching five years for it would take seconds. */
function neverFires(schedule: Fields): boolean {
  const { second, minute, hour, month } = schedule;
  return [second, minute, hour, month].some((field) => field.values.size === 0);
}

interface Candidate {
  readonly atMs: number;
  readonly wall: WallTime;
  readonly zone: Zone;
  /**
   * True after the first step, which cuts off what is smaller than the unit it steps by. Later steps
   * do not cut again, as in robfig/cron; it shows where clocks change by half an hour.
   */
  readonly isAligned: boolean;
}

/** The start of the next month, day, hour, minute or second worth a look; undefined = fires now. */
function advance(schedule: Fields, candidate: Candidate): number | undefined {
  const { atMs, wall, zone, isAligned } = candidate;
  if (!schedule.month.values.has(wall.month)) {
    return epochMsOf({ year: wall.year, month: wall.month + 1, day: 1 }, zone);
  }
  if (!dayMatches(schedule, wall)) return startOfNextDay(candidate);
  if (!schedule.hour.values.has(wall.hour)) {
    // Hours are stepped in absolute time, so a repeated hour comes twice and a skipped one never.
    const sinceHourMs = isAligned ? 0 : wall.minute * MINUTE_MS + wall.second * SECOND_MS;
    return atMs - sinceHourMs + HOUR_MS;
  }
  if (!schedule.minute.values.has(wall.minute)) {
    return atMs - (isAligned ? 0 : wall.second * SECOND_MS) + MINUTE_MS;
  }
  return schedule.second.values.has(wall.second) ? undefined : atMs + SECOND_MS;
}

/** Midnight of the next day; where the clocks skip midnight the nearest full hour takes its place. */
function startOfNextDay({ wall, zone, isAligned }: Candidate): number {
  const time = isAligned ? { hour: wall.hour, minute: wall.minute, second: wall.second } : {};
  const date = { year: wall.year, month: wall.month, day: wall.day + 1 };
  const atMs = epochMsOf({ ...date, ...time }, zone);
  const { hour } = wallTimeAt(atMs, zone);
  if (hour === 0) return atMs;
  return hour > 12 ? atMs + (24 - hour) * HOUR_MS : atMs - hour * HOUR_MS;
}

/** Day of month and weekday: both must match when one is `*`, else one of them is enough. */
function dayMatches(schedule: Fields, wall: Pick<WallTime, 'day' | 'weekday'>): boolean {
  const { dayOfMonth, dayOfWeek } = schedule;
  const byDate = dayOfMonth.values.has(wall.day);
  const byWeekday = dayOfWeek.values.has(wall.weekday);
  return dayOfMonth.isStar || dayOfWeek.isStar ? byDate && byWeekday : byDate || byWeekday;
}

/**
 * The last instant before `beforeMs` at which the schedule fired.
 * @returns undefined when it has not fired within five years, and for `@every`, which has no past.
 * @throws Error for a time zone that `isTimeZone` refuses.
 */
export function previousFireMs(
  schedule: CronSchedule,
  beforeMs: number,
  timeZone: string,
): number | undefined {
  if (schedule.kind === 'Every') return undefined;
  const zone = requireZone(schedule, timeZone);
  if (neverFires(schedule)) return undefined;
  const today = wallTimeAt(beforeMs, zone);
  let dayMs = Date.UTC(today.year, today.month - 1, today.day);
  const lastYear = today.year - SEARCH_YEARS_MAX;
  while (new Date(dayMs).getUTCFullYear() >= lastYear) {
    const day = new Date(dayMs);
    const wall = { day: day.getUTCDate(), weekday: day.getUTCDay() };
    if (schedule.month.values.has(day.getUTCMonth() + 1) && dayMatches(schedule, wall)) {
      const found = lastOnDay(schedule, { dayMs, beforeMs, zone });
      if (found !== undefined) return found;
    }
    dayMs -= DAY_MS;
  }
  return undefined;
}

interface DaySearch {
  /** Midnight of the wall clock's day, taken as if it were UTC. */
  readonly dayMs: number;
  readonly beforeMs: number;
  readonly zone: Zone;
}

/** The last fire on one day of the wall clock; a day with a change of clocks has two offsets. */
function lastOnDay(schedule: Fields, search: DaySearch): number | undefined {
  const { dayMs, zone } = search;
  const offsets = new Set<number>();
  for (let shiftMs = -DAY_MS; shiftMs <= 2 * DAY_MS; shiftMs += DAY_MS / 4) {
    offsets.add(zone.offsetMs(dayMs + shiftMs));
  }
  const found = [...offsets].flatMap((offsetMs) => lastWithOffset(schedule, search, offsetMs));
  return found.length === 0 ? undefined : Math.max(...found);
}

const descending = (field: CronField): readonly number[] =>
  [...field.values].sort((left, right) => right - left);

function lastWithOffset(schedule: Fields, search: DaySearch, offsetMs: number): readonly number[] {
  const { dayMs, beforeMs, zone } = search;
  const minutes = descending(schedule.minute);
  const seconds = descending(schedule.second);
  for (const hour of descending(schedule.hour)) {
    const hourMs = dayMs + hour * HOUR_MS - offsetMs;
    if (hourMs >= beforeMs) continue;
    for (const minute of minutes) {
      for (const second of seconds) {
        const atMs = hourMs + minute * MINUTE_MS + second * SECOND_MS;
        if (atMs < beforeMs && zone.offsetMs(atMs) === offsetMs) return [atMs];
      }
    }
  }
  return [];
}
