export { gjsonGet } from './get.ts';
export type { GjsonResult, GjsonType } from './result.ts';
export { sjsonSet, type SjsonValue } from './set.ts';
