// Covers what sources of lending queues share, with a queue in memory: order, removal after storing, a bus that
// is away, trouble with the queue, messages that are no events, the stop. Leaves out every protocol.
import { ArgosyError, err, ok } from '@argosy/base';
import { eventually } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { driverRecorder, emittedData } from '../testing/driver-recorder.ts';
import { startPulling, type PulledQueue } from './pulling.ts';

interface MemoryQueue extends PulledQueue<number> {
  /** What is in the queue; it lends up to three at a time and hides nothing. */
  readonly content: number[];
  receives: number;
  failure: Error | undefined;
  isClosed: boolean;
}

/** Odd numbers from 100 on are no events. */
function queueOf(content: number[], changes: Partial<MemoryQueue> = {}): MemoryQueue {
  const queue: MemoryQueue = {
    content,
    receives: 0,
    failure: undefined,
    isClosed: false,
    heldMs: 60_000,
    unreadable: 'Removed',
    async receive() {
      queue.receives += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (queue.failure !== undefined) throw queue.failure;
      return content.slice(0, 3);
    },
    eventOf: (number) =>
      number >= 100 && number % 2 === 1
        ? err('odd')
        : ok({ data: new TextEncoder().encode(JSON.stringify({ number })), id: `id-${number}` }),
    remove(numbers) {
      for (const number of numbers) content.splice(content.indexOf(number), 1);
      return Promise.resolve();
    },
    close() {
      queue.isClosed = true;
      return Promise.resolve();
    },
    ...changes,
  };
  return queue;
}

test('messages are stored in their order and taken out of the queue after that', async () => {
  const recorder = driverRecorder();
  const queue = queueOf([1, 2, 3, 4, 5]);
  const running = startPulling(queue, recorder.context);
  await eventually(() => queue.content.length === 0);
  await running.stop();
  expect(emittedData(recorder).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  expect(queue.isClosed).toBe(true);
  expect(running.health()).toEqual({ kind: 'Healthy' });
});

test('a bus that is away is waited for with the messages in hand', async () => {
  const recorder = driverRecorder();
  recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
  const queue = queueOf([1, 2]);
  const running = startPulling(queue, recorder.context);
  await eventually(() => running.health().kind === 'Failing');
  expect([queue.content, queue.receives]).toEqual([[1, 2], 1]);
  recorder.failure = undefined;
  await eventually(() => queue.content.length === 0);
  await eventually(() => running.health().kind === 'Healthy');
  await running.stop();
  expect(emittedData(recorder).map(({ number }) => number)).toEqual([1, 2]);
});

test('what is not stored while it is held is left in the queue and received again', async () => {
  const recorder = driverRecorder();
  recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
  const queue = queueOf([1], { heldMs: 100 });
  const running = startPulling(queue, recorder.context);
  await eventually(() => queue.receives > 1);
  expect(queue.content).toEqual([1]);
  await running.stop();
  expect(queue.content).toEqual([1]);
  expect(emittedData(recorder)).toEqual([]);
});

test('a queue that cannot be reached is told and tried again', async () => {
  const recorder = driverRecorder();
  const queue = queueOf([1]);
  queue.failure = new Error('no such queue');
  const running = startPulling(queue, recorder.context);
  await eventually(() => running.health().kind === 'Failing');
  expect(running.health()).toMatchObject({ reason: 'no such queue' });
  queue.failure = undefined;
  await eventually(() => queue.content.length === 0);
  expect(running.health()).toEqual({ kind: 'Healthy' });
  await running.stop();
});

test('what is no event is taken out, or left for the dead letters of the queue', async () => {
  for (const [unreadable, left] of [
    ['Removed', []],
    ['Left', [101]],
  ] as const) {
    const recorder = driverRecorder();
    const queue = queueOf([101, 2], { unreadable });
    const running = startPulling(queue, recorder.context);
    await eventually(() => recorder.emitted.length === 1);
    await eventually(() => queue.content.length === left.length);
    await running.stop();
    expect(queue.content).toEqual(left);
    expect(recorder.refusals).toBeGreaterThan(0);
  }
});

test('a message that the bus will never take stays in the queue and holds up no other', async () => {
  const recorder = driverRecorder();
  const { emit } = recorder.context;
  const context: typeof recorder.context = {
    ...recorder.context,
    emit: (event) =>
      event.id === 'id-1'
        ? Promise.reject(new ArgosyError('RESOURCE_EXHAUSTED', 'at most 8 MiB'))
        : emit(event),
  };
  const queue = queueOf([1, 2]);
  const running = startPulling(queue, context);
  await eventually(() => recorder.emitted.length === 1);
  await eventually(() => queue.content.length === 1);
  await running.stop();
  expect(queue.content).toEqual([1]);
});
