import { err, ok, type Result } from '@argosy/base';
import { parseGoTime, RFC3339_LAYOUT, wallTimeAt, zoneOf } from '@argosy/lang';
import type { TimeFilter } from '../manifest/sensor.ts';

/** Seconds since midnight of `HH:MM:SS`, two digits each. */
export function secondOfDay(text: string): Result<number, string> {
  const match = /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/.exec(text);
  if (match === null) return err(`parsing time "${text}" as "15:04:05": cannot parse`);
  return ok(Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]));
}

/**
 * Whether an event's time lies in the window [start, stop) of its day in the zone (default UTC). A
 * window whose stop is before its start wraps midnight.
 */
export function timeFilterPasses(filter: TimeFilter, time: string): Result<boolean, string> {
  const name = filter.timezone ?? '';
  const zone = zoneOf(name);
  const utc = zoneOf('UTC');
  if (zone === undefined || utc === undefined) {
    return err(`invalid timezone '${name}': unknown time zone ${name}`);
  }
  const start = secondOfDay(filter.start ?? '');
  if (!start.ok) return start;
  const stop = secondOfDay(filter.stop ?? '');
  if (!stop.ok) return stop;
  const instant = parseGoTime(RFC3339_LAYOUT, time, utc);
  if (!instant.ok) return instant;
  const wall = wallTimeAt(instant.value, zone);
  const second = wall.hour * 3600 + wall.minute * 60 + wall.second;
  const isAfterStart = second >= start.value;
  const isBeforeStop = second < stop.value;
  return ok(stop.value < start.value ? isAfterStart || isBeforeStop : isAfterStart && isBeforeStop);
}
