import { err, ok, type Result } from '@argosy/base';
import { isTimeZone, nextFireMs, parseCron, previousFireMs, type CronSchedule } from '@argosy/lang';
import type { ConditionsReset } from '../manifest/sensor.ts';

/** When a trigger's pending events are dropped: cron schedules in their zones. */
export interface ResetPlan {
  readonly resets: readonly { readonly schedule: CronSchedule; readonly timeZone: string }[];
}

/** Reads `conditionsReset`: five-field cron texts without descriptors, in a zone (default UTC). */
export function resetPlan(resets: readonly ConditionsReset[] = []): Result<ResetPlan, string> {
  const plan: { schedule: CronSchedule; timeZone: string }[] = [];
  for (const { byTime } of resets) {
    if (byTime === undefined) return err('conditionsReset must have byTime');
    const timeZone = byTime.timezone ?? '';
    if (!isTimeZone(timeZone)) return err(`invalid timezone "${timeZone}"`);
    const schedule = parseCron(byTime.cron, { descriptors: false });
    if (!schedule.ok) return err(`invalid cron expression "${byTime.cron}": ${schedule.error}`);
    plan.push({ schedule: schedule.value, timeZone });
  }
  return ok({ resets: plan });
}

/** The next instant after `afterMs` at which pending events are to be dropped. */
export function nextResetMs(plan: ResetPlan, afterMs: number): number | undefined {
  return extreme(plan, Math.min, (schedule, zone) => nextFireMs(schedule, afterMs, zone));
}

/** The last such instant before `beforeMs`: a reset missed while the service was down. */
export function previousResetMs(plan: ResetPlan, beforeMs: number): number | undefined {
  return extreme(plan, Math.max, (schedule, zone) => previousFireMs(schedule, beforeMs, zone));
}

function extreme(
  plan: ResetPlan,
  choose: (...values: readonly number[]) => number,
  fire: (schedule: CronSchedule, timeZone: string) => number | undefined,
): number | undefined {
  const times = plan.resets
    .map(({ schedule, timeZone }) => fire(schedule, timeZone))
    .filter((atMs) => atMs !== undefined);
  return times.length === 0 ? undefined : choose(...times);
}
