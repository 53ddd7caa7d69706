// Covers what drivers of brokers share: connecting until it works, storing until the bus takes it, telling of
// trouble, bodies and ids. Leaves out every protocol.
import { ArgosyError, unwrap } from '@argosy/base';
import { eventually } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { driverRecorder } from '../testing/driver-recorder.ts';
import { keepConnected, type OriginConnection } from './lasting-connection.ts';
import { messageBody } from './message-body.ts';
import { storePatiently } from './patient-store.ts';
import { stableId } from './stable-id.ts';
import { createTrouble } from './trouble.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a connection that is refused and one that is lost are followed by another one', async () => {
  const recorder = driverRecorder();
  const trouble = createTrouble(recorder.context);
  const lost: ((reason: string) => void)[] = [];
  let tries = 0;
  let closed = 0;
  const running = await keepConnected({
    name: 'the broker',
    trouble,
    open: () => {
      tries += 1;
      if (tries === 1) return Promise.reject(new Error('nobody is there'));
      const { promise, resolve } = Promise.withResolvers<string>();
      lost.push(resolve);
      const close = (): Promise<void> => {
        closed += 1;
        return Promise.resolve();
      };
      return Promise.resolve({ lost: promise, close } satisfies OriginConnection);
    },
  });
  expect(running.health()).toEqual({
    kind: 'Failing',
    reason: 'cannot reach the broker: nobody is there',
  });
  await eventually(() => lost.length === 1);
  await eventually(() => running.health().kind === 'Healthy');
  lost[0]?.('it went away');
  await eventually(() => running.health().kind === 'Failing');
  await eventually(() => running.health().kind === 'Healthy');
  await running.stop();
  expect([tries, closed]).toEqual([3, 2]);
  // Trouble came and went twice.
  expect(recorder.healthChanges).toBe(4);
});

test('a stop while nothing can be reached does not wait for the next try', async () => {
  const recorder = driverRecorder();
  const running = await keepConnected({
    name: 'the broker',
    trouble: createTrouble(recorder.context),
    open: () => Promise.reject(new Error('nobody is there')),
  });
  const startedMs = performance.now();
  await running.stop();
  expect(performance.now() - startedMs).toBeLessThan(200);
});

test('an event waits for a bus that is away, and one that is too large is refused', async () => {
  const recorder = driverRecorder();
  const trouble = createTrouble(recorder.context);
  const { signal } = new AbortController();
  const scope = { context: recorder.context, trouble, signal };
  recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
  const stored = storePatiently({ data: bytes('{}') }, scope);
  await eventually(() => trouble.health().kind === 'Failing');
  // A stream without room takes events again once there is some.
  recorder.failure = new ArgosyError('RESOURCE_EXHAUSTED', 'the disk is full', {
    retry: 'backoff',
  });
  await eventually(() => JSON.stringify(trouble.health()).includes('the disk is full'));
  recorder.failure = undefined;
  expect(await stored).toEqual({ kind: 'Stored' });
  expect(trouble.health()).toEqual({ kind: 'Healthy' });
  recorder.failure = new ArgosyError('RESOURCE_EXHAUSTED', 'at most 8 MiB');
  expect(await storePatiently({ data: bytes('{}') }, scope)).toEqual({
    kind: 'Impossible',
    reason: 'at most 8 MiB',
  });
  expect([recorder.refusals, recorder.emitted.length]).toEqual([1, 1]);
});

test('a stop leaves an event that the bus does not take to its origin', async () => {
  const recorder = driverRecorder();
  recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
  const trouble = createTrouble(recorder.context);
  const stopping = new AbortController();
  const scope = { context: recorder.context, trouble, signal: stopping.signal };
  const stored = storePatiently({ data: bytes('{}') }, scope);
  stopping.abort();
  expect(await stored).toEqual({ kind: 'Stopped' });
});

test('a body is JSON as it came or base64', () => {
  expect(unwrap(messageBody(bytes(' {"a":1.0} '), true))).toBe('{"a":1.0}');
  expect(unwrap(messageBody(bytes('hi'), false))).toBe('"aGk="');
  expect(messageBody(bytes('{'), true).ok).toBe(false);
  expect(messageBody(new Uint8Array([0xff]), true).ok).toBe(false);
});

test('an id tells apart what differs in any part', () => {
  const { context } = driverRecorder();
  const id = stableId(context, 'orders', 1);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(stableId(context, 'orders', 1)).toBe(id);
  expect(stableId(context, 'orders1')).not.toBe(id);
  expect(stableId({ ...context, eventName: 'other' }, 'orders', 1)).not.toBe(id);
});
