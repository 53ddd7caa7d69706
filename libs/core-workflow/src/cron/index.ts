export { backfillWorkflows, CRON_BACKFILL_LABEL, type Backfill } from './backfill.ts';
export { bareWorkflow } from './child.ts';
export { CRON_LABEL, CRON_SERVER_PREFIX, SCHEDULED_TIME } from './keys.ts';
export {
  CRON_ON_TIME_MS,
  decideCron,
  resumedCron,
  withSubmissionError,
  type CronDecision,
  type CronMoment,
  type CronRun,
  type CronView,
} from './machine.ts';
export { nextInstant, timetableOf, type Timetable } from './timetable.ts';
