export { assertNever } from './assert-never.ts';
export { formatGoDuration, parseArgoDuration, parseGoDuration } from './duration.ts';
export { ArgosyError, ERROR_CODES, type ErrorCode, type RetryAdvice } from './errors.ts';
export { fnv1a32, nodeIdOf, partitionOf } from './hash.ts';
export { innermostReason } from './innermost-reason.ts';
export { jsonMergePatch } from './json-merge-patch.ts';
export type { Machine, Refusal } from './machine.ts';
export { err, ok, unwrap, type Result } from './result.ts';
export { timeText } from './time-text.ts';
