import { parseGoDuration } from '@argosy/base';
import { parseCron, type CronSchedule } from '@argosy/lang';

/** When a calendar event fires. */
export type Rhythm =
  | { readonly kind: 'Schedule'; readonly schedule: CronSchedule; readonly timeZone: string }
  | { readonly kind: 'Interval'; readonly intervalMs: number; readonly timeZone: string };

/** The settings of one calendar event, checked. */
export interface CalendarSettings {
  readonly rhythm: Rhythm;
  /** Dates `YYYY-MM-DD` in the time zone on which nothing fires. */
  readonly excludedDates: ReadonlySet<string>;
  /** How far back slots missed while nobody ran are made up for; undefined = not at all. */
  readonly catchUpMs: number | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

export type ParsedSettings =
  | { readonly kind: 'Valid'; readonly settings: CalendarSettings }
  | { readonly kind: 'Invalid'; readonly problems: readonly string[] };

const INTERVAL_MS_MIN = 100;

/** Reads `spec.calendar.<event>`. A schedule wins over an interval. */
export function parseCalendarSettings(value: unknown): ParsedSettings {
  if (!isRecord(value)) return { kind: 'Invalid', problems: ['the settings must be a map'] };
  const problems: string[] = [];
  const rhythm = parseRhythm(value, parseTimeZone(value['timezone'], problems), problems);
  const excludedDates = parseExclusionDates(value['exclusionDates'], problems);
  const catchUpMs = parseCatchUp(value['persistence'], problems);
  const metadata = value['metadata'];
  if (metadata !== undefined && !isRecord(metadata)) problems.push('metadata must be a map');
  if (rhythm === undefined || problems.length > 0) return { kind: 'Invalid', problems };
  const kept = isRecord(metadata) ? metadata : undefined;
  return { kind: 'Valid', settings: { rhythm, excludedDates, catchUpMs, metadata: kept } };
}

function parseRhythm(
  value: Readonly<Record<string, unknown>>,
  timeZone: string,
  problems: string[],
): Rhythm | undefined {
  const { schedule, interval } = value;
  if (typeof schedule === 'string' && schedule !== '') {
    const parsed = parseCron(schedule);
    if (parsed.ok) return { kind: 'Schedule', schedule: parsed.value, timeZone };
    problems.push(`schedule: failed to parse schedule "${schedule}": ${parsed.error}`);
    return undefined;
  }
  if (typeof interval === 'string' && interval !== '') {
    const parsed = parseGoDuration(interval);
    if (parsed.ok && parsed.value >= INTERVAL_MS_MIN) {
      return { kind: 'Interval', intervalMs: parsed.value, timeZone };
    }
    const reason = parsed.ok ? `it must be at least ${INTERVAL_MS_MIN}ms` : parsed.error;
    problems.push(`interval: failed to parse interval "${interval}": ${reason}`);
    return undefined;
  }
  problems.push('either schedule or interval must be set, such as schedule: "*/5 * * * *"');
  return undefined;
}

function parseTimeZone(value: unknown, problems: string[]): string {
  if (value === undefined || value === '') return 'UTC';
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: String(value) }).resolvedOptions().timeZone;
  } catch {
    problems.push(`timezone: there is no time zone "${String(value)}"; use one like Europe/Paris`);
    return 'UTC';
  }
}

/** Lines such as `EXDATE:20060102T150405Z,20180510T021030Z`; only the date counts. */
export function parseExclusionDates(value: unknown, problems: string[]): ReadonlySet<string> {
  const dates = new Set<string>();
  if (value === undefined) return dates;
  if (!Array.isArray(value)) {
    problems.push('exclusionDates must be a list');
    return dates;
  }
  for (const line of value) {
    const match = /^EXDATE[^:]*:(.*)$/.exec(String(line));
    for (const part of match?.[1]?.split(',') ?? []) {
      const date = /^(\d{4})(\d{2})(\d{2})(T\d{6}Z?)?$/.exec(part.trim());
      if (date === null) problems.push(`exclusionDates: "${part}" is no date as 20060102T150405Z`);
      else dates.add(`${date[1]}-${date[2]}-${date[3]}`);
    }
  }
  return dates;
}

function parseCatchUp(value: unknown, problems: string[]): number | undefined {
  const catchUp = isRecord(value) ? value['catchup'] : undefined;
  if (!isRecord(catchUp) || catchUp['enabled'] !== true) return undefined;
  const text = catchUp['maxDuration'];
  if (typeof text !== 'string' || text === '') return Number.POSITIVE_INFINITY;
  const parsed = parseGoDuration(text);
  if (parsed.ok) return parsed.value;
  problems.push(`persistence.catchup.maxDuration: ${parsed.error}`);
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
