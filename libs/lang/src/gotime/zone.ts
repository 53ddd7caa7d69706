/** A wall clock reading in some zone. `month` is 1–12, `weekday` 0 = Sunday. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  readonly weekday: number;
}

/** Answers questions about one time zone. */
export interface Zone {
  /** The IANA name as given. */
  readonly name: string;
  /** Offset from UTC in milliseconds at an instant; east is positive. */
  offsetMs(epochMs: number): number;
  /** The abbreviation in use at an instant, for example `CEST`. */
  abbreviation(epochMs: number): string;
}

const UTC: Zone = { name: 'UTC', offsetMs: () => 0, abbreviation: () => 'UTC' };

/**
 * Looks a zone up by its IANA name; '' and `UTC` are UTC, as in Go. `Local` is UTC too, because a
 * pure function must not depend on where it runs.
 * @returns undefined when there is no such zone.
 */
export function zoneOf(name: string): Zone | undefined {
  if (name === '' || name === 'UTC' || name === 'Local' || name === 'Etc/UTC') return UTC;
  if (/^[+-]/.test(name)) return undefined;
  const known = zones.get(name);
  if (known !== undefined) return known;
  try {
    const zone = intlZone(name);
    if (zones.size >= ZONES_KEPT_MAX) zones.clear();
    zones.set(name, zone);
    return zone;
  } catch {
    return undefined;
  }
}

/** Zones kept, because making a formatter costs far more than using one. */
const ZONES_KEPT_MAX = 100;
/** A memo, not state: it changes how fast an answer comes, never which one. */
const zones = new Map<string, Zone>();

const WEEK_MS = 604_800_000;
/** Weeks whose offsets are kept per zone. */
const WEEKS_KEPT_MAX = 2000;

interface Week {
  readonly before: number;
  readonly after: number;
  /** The instant from which `after` holds; the end of the week when nothing changes. */
  readonly changeMs: number;
}

/**
 * Keeps offsets by week and finds the instant of a change by halving, because asking Intl is slow.
 * No zone has changed its offset twice within a week.
 */
function memoized(offsetMs: (epochMs: number) => number): (epochMs: number) => number {
  const kept = new Map<number, Week>();
  const weekOf = (startMs: number): Week => {
    const endMs = startMs + WEEK_MS;
    const [before, after] = [offsetMs(startMs), offsetMs(endMs)];
    if (before === after) return { before, after, changeMs: endMs };
    let [low, high] = [startMs, endMs];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetMs(middle) === before) low = middle;
      else high = middle;
    }
    return { before, after, changeMs: high };
  };
  return (epochMs) => {
    const number = Math.floor(epochMs / WEEK_MS);
    let week = kept.get(number);
    if (week === undefined) {
      if (kept.size >= WEEKS_KEPT_MAX) kept.clear();
      week = weekOf(number * WEEK_MS);
      kept.set(number, week);
    }
    return epochMs < week.changeMs ? week.before : week.after;
  };
}

/** A locale knows the abbreviations of its own region only, so several are asked. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'ja-JP', 'ko-KR', 'he-IL'];

function intlZone(name: string): Zone {
  const wallFormat = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const nameFormats = LOCALES.map(
    (locale) => new Intl.DateTimeFormat(locale, { timeZone: name, timeZoneName: 'short' }),
  );
  const offsetMs = memoized((epochMs) => {
    const whole = Math.floor(epochMs / 1000) * 1000;
    const field = new Map<string, string>();
    for (const part of wallFormat.formatToParts(whole)) field.set(part.type, part.value);
    const number = (key: string): number => Number(field.get(key) ?? '0');
    const year = field.get('era') === 'BC' ? 1 - number('year') : number('year');
    const date = new Date(0);
    date.setUTCFullYear(year, number('month') - 1, number('day'));
    date.setUTCHours(number('hour'), number('minute'), number('second'));
    return date.getTime() - whole;
  });
  return {
    name,
    offsetMs,
    abbreviation: (epochMs) => {
      for (const format of nameFormats) {
        const parts = format.formatToParts(epochMs);
        const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
        if (/^[A-Z]+$/.test(text)) return text;
      }
      return offsetText(offsetMs(epochMs));
    },
  };
}

/** `+02`, `+0530`: how Go names a zone that has no abbreviation. */
function offsetText(offsetMs: number): string {
  const minutes = Math.abs(Math.round(offsetMs / 60_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const sign = offsetMs < 0 ? '-' : '+';
  const rest = minutes % 60;
  return `${sign}${two(Math.floor(minutes / 60))}${rest === 0 ? '' : two(rest)}`;
}

/** The wall clock of a zone at an instant. */
export function wallTimeAt(epochMs: number, zone: Zone): WallTime {
  const shifted = new Date(epochMs + zone.offsetMs(epochMs));
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
    millisecond: shifted.getUTCMilliseconds(),
    weekday: shifted.getUTCDay(),
  };
}

/** A date and time of day to be placed in a zone; fields may overflow (month 13 = next January). */
export type WallFields = Pick<WallTime, 'year' | 'month' | 'day'> & {
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly millisecond?: number;
};

/**
 * The instant of a wall clock reading, as Go's time.Date chooses: in a gap or an overlap it takes the
 * offset found by looking up the reading as if it were UTC, corrected once.
 */
export function epochMsOf(fields: WallFields, zone: Zone): number {
  const date = new Date(0);
  date.setUTCFullYear(fields.year, fields.month - 1, fields.day);
  date.setUTCHours(
    fields.hour ?? 0,
    fields.minute ?? 0,
    fields.second ?? 0,
    fields.millisecond ?? 0,
  );
  const asUtcMs = date.getTime();
  const guess = zone.offsetMs(asUtcMs);
  if (guess === 0) return asUtcMs;
  // Go looks the offset up at the reading taken as UTC; when the instant so found lies outside the
  // span of that offset, it takes the offset that holds there.
  const candidateMs = asUtcMs - guess;
  const actual = zone.offsetMs(candidateMs);
  return actual === guess ? candidateMs : asUtcMs - actual;
}
