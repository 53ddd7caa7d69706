export type { SchedulerConfig } from './config.ts';
export { startScheduler } from './scheduler.ts';
