// Covers how often and how fast triggers are tried: reading of retryStrategy and rateLimit, waits, the limiter and the
// semaphore. Leaves out the attempts themselves (sensor.test.ts).
import { expect, test } from 'vitest';
import { createRateLimiter, parseRateLimit } from './rate-limit.ts';
import { RETRY_WAIT_MS_MAX, parseRetryStrategy, retryWaitMs } from './retry-strategy.ts';
import { createSemaphore } from './semaphore.ts';

test('an absent strategy is one attempt; one without fields is five, a second apart (rule 40)', () => {
  expect(parseRetryStrategy(undefined)).toMatchObject({ steps: 1 });
  const defaults = { steps: 5, durationMs: 1_000, factor: 1, jitter: 1 };
  expect(parseRetryStrategy({})).toEqual(defaults);
  expect(parseRetryStrategy({ steps: 0 })).toEqual(defaults);
});

test('a duration is text as Go writes it or a whole number of nanoseconds (rule 40)', () => {
  expect(parseRetryStrategy({ duration: '1m30s' })).toMatchObject({ durationMs: 90_000 });
  expect(parseRetryStrategy({ duration: 2_000_000 })).toMatchObject({ durationMs: 2 });
  expect(parseRetryStrategy({ duration: '2000000' })).toMatchObject({ durationMs: 2 });
});

test.each([
  { value: 5, field: 'retryStrategy' },
  { value: { steps: -1 }, field: 'steps' },
  { value: { factor: 'twice' }, field: 'factor' },
  { value: { jitter: -1 }, field: 'jitter' },
  { value: { duration: 'soon' }, field: 'duration' },
  { value: { duration: '-1s' }, field: 'duration' },
])('a wrong strategy names its field: $field', ({ value, field }) => {
  const parsed = parseRetryStrategy(value);
  expect('problem' in parsed ? parsed.problem : '').toContain(field);
});

test('waits grow by the factor, chance adds up to the jitter, and none is longer than the most', () => {
  const strategy = { steps: 9, durationMs: 100, factor: 2, jitter: 0.5 };
  expect([1, 2, 3].map((attempt) => retryWaitMs(strategy, attempt, 0))).toEqual([100, 200, 400]);
  expect(retryWaitMs(strategy, 1, 1)).toBe(150);
  expect(retryWaitMs(strategy, 100, 1)).toBe(RETRY_WAIT_MS_MAX);
});

test('a rate limit is read per second, minute or hour', () => {
  expect(parseRateLimit({ unit: 'Minute', requestsPerUnit: 30 })).toEqual({ spacingMs: 2_000 });
  expect(parseRateLimit({ requestsPerUnit: 4 })).toEqual({ spacingMs: 250 });
  expect(parseRateLimit(undefined)).toEqual({ spacingMs: 0 });
  for (const wrong of [5, { unit: 'Day' }, { requestsPerUnit: -1 }]) {
    expect(parseRateLimit(wrong)).toHaveProperty('problem');
  }
});

test('after a pause ten attempts may go at once, and then they are spread (rule 39)', async () => {
  let nowMs = 1_000_000;
  const limiter = createRateLimiter({ spacingMs: 20 }, () => nowMs);
  const { signal } = new AbortController();
  const startedMs = performance.now();
  for (let index = 0; index < 11; index += 1) await limiter(signal);
  expect(performance.now() - startedMs).toBeLessThan(15);
  await limiter(signal);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(19);
  nowMs += 10_000;
  const laterMs = performance.now();
  await limiter(signal);
  expect(performance.now() - laterMs).toBeLessThan(15);
});

test('a limiter lets its callers go when the sensor stops', async () => {
  const limiter = createRateLimiter({ spacingMs: 3_600_000 }, () => 0);
  const stopping = new AbortController();
  for (let index = 0; index < 11; index += 1) await limiter(stopping.signal);
  const waiting = limiter(stopping.signal);
  stopping.abort();
  await waiting;
});

test('a semaphore lets so many work at once, in order, also when work fails', async () => {
  const semaphore = createSemaphore(2);
  const begun: number[] = [];
  const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<undefined>());
  const works = gates.map((gate, index) =>
    semaphore.run(() => {
      begun.push(index);
      return gate.promise;
    }),
  );
  const outcomes = Promise.allSettled(works);
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  gates[1]?.reject(new Error('broken'));
  await works[1]?.catch(() => undefined);
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve(undefined);
  expect((await outcomes).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(begun).toEqual([0, 1, 2, 3]);
});
