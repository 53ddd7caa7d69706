import { err, ok, parseGoDuration, type Result } from '@argosy/base';
import {
  formatGoTime,
  goJson,
  nextFireMs,
  parseCron,
  parseGoTime,
  wallTimeAt,
  zoneOf,
  type CronSchedule,
  type Zone,
} from '@argosy/lang';

/** The fields of a calendar event. */
export interface CalendarSettings {
  readonly schedule?: string;
  readonly interval?: string;
  readonly exclusionDates?: readonly string[];
  readonly timezone?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly persistence?: {
    readonly catchup?: { readonly enabled?: boolean; readonly maxDuration?: string };
  };
}

/** When a calendar fires. */
export interface CalendarPlan {
  readonly zone: Zone;
  readonly rule:
    | { readonly kind: 'Cron'; readonly schedule: CronSchedule }
    | { readonly kind: 'Interval'; readonly intervalMs: number };
  /** `YYYY-MM-DD` in the zone. */
  readonly excludedDates: ReadonlySet<string>;
  /** How far back missed times are made up for; undefined = not at all. */
  readonly catchupMs: number | undefined;
}

const CATCHUP_MS_DEFAULT = 24 * 3_600_000;
/** Excluded fires that are passed over before the plan counts as never firing. */
const EXCLUDED_MAX = 100_000;
/** Missed times made up for at once. */
export const CATCHUP_TIMES_MAX = 1_000;
/** Go's time.Time.String(). */
const GO_STRING_LAYOUT = '2006-01-02 15:04:05.999999999 -0700 MST';
const EXDATE_LAYOUTS = ['20060102T150405Z', '20060102T150405', '20060102'];

/**
 * Reads a calendar's settings; `schedule` (five fields, no descriptors) wins over `interval`.
 * @returns a sentence that names the wrong field.
 */
export function calendarPlan(settings: CalendarSettings): Result<CalendarPlan, string> {
  const name = settings.timezone ?? '';
  const zone = zoneOf(name);
  if (zone === undefined) return err(`failed to load timezone: unknown time zone ${name}`);
  const rule = ruleOf(settings);
  if (!rule.ok) return rule;
  const catchup = catchupOf(settings);
  if (!catchup.ok) return catchup;
  const excluded = exclusionDatesMs(settings.exclusionDates ?? []);
  if (!excluded.ok) return excluded;
  const excludedDates = new Set(
    excluded.value.map((atMs) => dateText(atMs, zoneOf('UTC') ?? zone)),
  );
  return ok({ zone, rule: rule.value, excludedDates, catchupMs: catchup.value });
}

function ruleOf(settings: CalendarSettings): Result<CalendarPlan['rule'], string> {
  const { schedule = '', interval = '' } = settings;
  if (schedule !== '') {
    const parsed = parseCron(schedule, { descriptors: false });
    if (!parsed.ok) return err(`failed to parse schedule ${schedule}: ${parsed.error}`);
    return ok({ kind: 'Cron', schedule: parsed.value });
  }
  if (interval === '') return err('must have either schedule or interval');
  const parsed = parseGoDuration(interval);
  if (!parsed.ok) return err(`failed to parse interval ${interval}: ${parsed.error}`);
  if (parsed.value <= 0) return err(`interval ${interval} must be longer than nothing`);
  return ok({ kind: 'Interval', intervalMs: parsed.value });
}

function catchupOf(settings: CalendarSettings): Result<number | undefined, string> {
  const catchup = settings.persistence?.catchup;
  if (catchup?.enabled !== true) return ok(undefined);
  if (catchup.maxDuration === undefined || catchup.maxDuration === '') {
    return ok(CATCHUP_MS_DEFAULT);
  }
  const parsed = parseGoDuration(catchup.maxDuration);
  return parsed.ok ? parsed : err(`failed to parse maxDuration: ${parsed.error}`);
}

/** The instants in `EXDATE:` lists (RFC 5545); an entry without that prefix is ignored. */
export function exclusionDatesMs(entries: readonly string[]): Result<readonly number[], string> {
  const found: number[] = [];
  const utc = zoneOf('UTC');
  for (const entry of entries) {
    if (!/^EXDATE[;:]/.test(entry) || utc === undefined) continue;
    for (const text of entry.slice(entry.indexOf(':') + 1).split(',')) {
      const parsed = EXDATE_LAYOUTS.map((layout) => parseGoTime(layout, text, utc)).find(
        (result) => result.ok,
      );
      if (parsed?.ok !== true) return err(`failed to parse exclusion date ${text}`);
      found.push(parsed.value);
    }
  }
  return ok(found);
}

function dateText(epochMs: number, zone: Zone): string {
  const { year, month, day } = wallTimeAt(epochMs, zone);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}`;
}

/** The next time after `afterMs`; days that are excluded are passed over. */
export function nextOccurrenceMs(plan: CalendarPlan, afterMs: number): number | undefined {
  let atMs = afterMs;
  for (let count = 0; count < EXCLUDED_MAX; count += 1) {
    const next =
      plan.rule.kind === 'Interval'
        ? atMs + plan.rule.intervalMs
        : nextFireMs(plan.rule.schedule, atMs, plan.zone.name);
    if (next === undefined) return undefined;
    if (!plan.excludedDates.has(dateText(next, plan.zone))) return next;
    atMs = next;
  }
  return undefined;
}

/**
 * The times between the last one that was published and now, oldest first, when the plan makes up for
 * them: not older than its duration, at most `CATCHUP_TIMES_MAX`.
 */
export function missedOccurrencesMs(
  plan: CalendarPlan,
  lastMs: number,
  nowMs: number,
): readonly number[] {
  if (plan.catchupMs === undefined) return [];
  const missed: number[] = [];
  let atMs = nextOccurrenceMs(plan, Math.max(lastMs, nowMs - plan.catchupMs));
  while (atMs !== undefined && atMs <= nowMs && missed.length < CATCHUP_TIMES_MAX) {
    missed.push(atMs);
    atMs = nextOccurrenceMs(plan, atMs);
  }
  return missed;
}

/** The data of a calendar event, as JSON text: `eventTime` in Go's form, `metadata`. */
export function calendarEventData(
  plan: CalendarPlan,
  atMs: number,
  metadata?: Readonly<Record<string, string>>,
): string {
  const eventTime = formatGoTime(GO_STRING_LAYOUT, atMs, plan.zone);
  const copied = metadata === undefined || Object.keys(metadata).length === 0 ? {} : { metadata };
  return goJson({ eventTime, ...copied });
}

/** Reads `eventTime` back: Go's form, also with the clock reading (` m=+0.5`) Go may append. */
export function parseEventTime(text: string): Result<number, string> {
  const plain = text.replace(/ m=[+-].*$/, '').replace(/ (?:[A-Z]{1,5}|[+-]\d{2,4})$/, '');
  const utc = zoneOf('UTC');
  if (utc === undefined) return err('UTC is always known');
  return parseGoTime('2006-01-02 15:04:05 -0700', plain, utc);
}
