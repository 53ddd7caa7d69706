// Covers the reason that is told of wrapped errors.
import { expect, test } from 'vitest';
import { innermostReason } from './innermost-reason.ts';

test('the reason of a failure is what went wrong, not how often it was tried', () => {
  const inner = new Error('connect ECONNREFUSED 127.0.0.1:1');
  const tries = new AggregateError([new Error('first'), new Error('x', { cause: inner })], 'tried');
  expect(innermostReason(new AggregateError([tries], 'failed 2 times'))).toBe(inner.message);
  expect(innermostReason(new AggregateError([], 'none'))).toBe('none');
  expect(innermostReason('odd')).toBe('odd');
});
