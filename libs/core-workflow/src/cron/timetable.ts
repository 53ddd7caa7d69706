import { err, ok, type Result } from '@argosy/base';
import { isTimeZone, nextFireMs, parseCron, previousFireMs, type CronSchedule } from '@argosy/lang';
import type { CronWorkflow, CronWorkflowSpec } from '@argosy/model';
import { parseTime } from '../times.ts';

/** When a CronWorkflow runs: the union of its schedules. */
export interface Timetable {
  readonly schedules: readonly CronSchedule[];
  /** IANA name of the zone of all schedules that name none themselves. */
  readonly timeZone: string;
  /** Where `@every` counts from, milliseconds: the creation, so that every owner finds the same instants. */
  readonly anchorMs: number;
}

/**
 * The timetable of a CronWorkflow.
 * @param localZone the zone of one that names none (or `Local`).
 * @returns why it has none: no schedule, a malformed one, an unknown zone.
 */
export function timetableOf(cron: CronWorkflow, localZone: string): Result<Timetable, string> {
  const { schedules: texts = [], timezone = '' } = cron.spec;
  const timeZone = timezone === '' || timezone === 'Local' ? localZone : timezone;
  if (!isTimeZone(timeZone)) return err(`invalid timezone "${timeZone}"`);
  if (texts.length === 0) return err('cron workflow must have at least one schedule');
  const schedules: CronSchedule[] = [];
  for (const text of texts) {
    const parsed = parseCron(text);
    if (!parsed.ok) return err(`cron schedule ${text} is malformed: ${parsed.error}`);
    schedules.push(parsed.value);
  }
  return ok({ schedules, timeZone, anchorMs: parseTime(cron.metadata.creationTimestamp) });
}

/** The first instant after a time, milliseconds; instants of several schedules that coincide are one. */
export function nextInstant(timetable: Timetable, afterMs: number): number | undefined {
  return best(timetable, Math.min, (schedule) =>
    schedule.kind === 'Every'
      ? everyInstant(timetable, schedule.distanceMs, afterMs) + schedule.distanceMs
      : nextFireMs(schedule, afterMs, timetable.timeZone),
  );
}

/** The last instant that is after one time and not after another; undefined when there is none. */
export function lastInstant(
  timetable: Timetable,
  span: { readonly afterMs: number; readonly untilMs: number },
): number | undefined {
  const { afterMs, untilMs } = span;
  const found = best(timetable, Math.max, (schedule) => {
    if (schedule.kind !== 'Every') {
      return previousFireMs(schedule, untilMs + 1, timetable.timeZone);
    }
    const instant = everyInstant(timetable, schedule.distanceMs, untilMs);
    // The creation itself is no instant.
    return instant > timetable.anchorMs ? instant : undefined;
  });
  return found !== undefined && found > afterMs ? found : undefined;
}

/** The last instant of `@every` that is not after a time; the creation when there was none yet. */
function everyInstant({ anchorMs }: Timetable, distanceMs: number, atMs: number): number {
  return anchorMs + Math.max(0, Math.floor((atMs - anchorMs) / distanceMs)) * distanceMs;
}

function best(
  { schedules }: Timetable,
  choose: (...values: number[]) => number,
  instantOf: (schedule: CronSchedule) => number | undefined,
): number | undefined {
  const found = schedules.map(instantOf).filter((instant) => instant !== undefined);
  return found.length === 0 ? undefined : choose(...found);
}

/** The schedules as one text, which Argo keeps in an annotation to see that they were changed. */
export function scheduleText({ schedules = [], timezone = '' }: CronWorkflowSpec): string {
  const prefix = timezone === '' ? '' : `CRON_TZ=${timezone} `;
  return schedules.map((schedule) => `${prefix}${schedule}`).join(',');
}
