export type { CronClock } from './cron/clock.ts';
export type { SchedulerConfig } from './config.ts';
export { startScheduler } from './scheduler.ts';
