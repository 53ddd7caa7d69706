export { isTimeZone, nextFireMs, previousFireMs } from './fire.ts';
export { parseCron, type CronField, type CronOptions, type CronSchedule } from './parse.ts';
