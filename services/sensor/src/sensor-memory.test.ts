// Covers the memory of a sensor on a bus in memory: each message has its effect once, whatever the server forgets
// and however often it delivers, over crashes and between replicas. Leaves out what decides an effect (libs/core-events).
import { BUCKETS } from '@argosy/api';
import { createMemoryBus, type Delivery } from '@argosy/bus';
import { expect, test } from 'vitest';
import type { Firing, SensorLogic } from './sensor-logic.ts';
import { createSensorMemory, type SensorMemory } from './sensor-memory.ts';
import { createStateStore } from './state-store.ts';

/** Two messages make a pair, which fires; what waits is the first one's sequence. */
const pairs: SensorLogic = {
  dependencies: [],
  triggers: new Map(),
  adopt: (pending) => pending ?? [],
  receive(before, { sequence }) {
    const waiting = before as readonly number[];
    if (waiting.length === 0) return { pending: [sequence], firings: [], dropped: [] };
    const id = [...waiting, sequence].join('+');
    const firing: Firing = { id, trigger: 't', on: 'd', events: {}, firedMs: 0 };
    return { pending: [], firings: [firing], dropped: [] };
  },
  apply: () => ({ ok: true, value: '' }),
  payload: () => ({ ok: true, value: '' }),
};

function delivery(sequence: number, storedAtMs = 1_000): Delivery {
  const event = { id: `e${sequence}`, source: 's', type: 't', data: new Uint8Array() };
  return {
    subject: 'events.x',
    event,
    sequence,
    storedAtMs,
    deliveryCount: 1,
    ack: () => Promise.resolve(),
    retry: () => undefined,
    drop: () => undefined,
    extend: () => undefined,
  };
}

function memories(bus = createMemoryBus()): () => SensorMemory {
  return () => createSensorMemory(pairs, createStateStore(bus, 'default', 's'));
}

/** The ids of what the messages fired. */
async function fire(memory: SensorMemory, ...batch: readonly Delivery[]): Promise<string[]> {
  const outcomes = await memory.receive(batch);
  return outcomes.flatMap(({ firings }) => firings.map(({ id }) => id));
}

/** What a sensor does when all that a message fired is done. */
async function finish(memory: SensorMemory, done: Delivery): Promise<void> {
  await memory.settle(done);
  memory.acknowledged(done);
}

test('a message that is delivered again before its firing is done fires the same again', async () => {
  const start = memories();
  expect(await fire(start(), delivery(1), delivery(2))).toEqual(['1+2']);
  expect(await fire(start(), delivery(2))).toEqual(['1+2']);
  expect(await fire(start(), delivery(1))).toEqual([]);
});

test('a message whose acknowledgement the server has forgotten has no effect a second time', async () => {
  const start = memories();
  const memory = start();
  expect(await fire(memory, delivery(1), delivery(2))).toEqual(['1+2']);
  await finish(memory, delivery(1));
  await finish(memory, delivery(2));
  expect(await fire(memory, delivery(3))).toEqual([]);
  expect(await fire(memory, delivery(1), delivery(2))).toEqual([]);
  expect(await fire(start(), delivery(1), delivery(2))).toEqual([]);
  expect(await fire(start(), delivery(4))).toEqual(['3+4']);
});

test('messages of a stream that was lost and made again count, though their sequences are known', async () => {
  const memory = memories()();
  expect(await fire(memory, delivery(1), delivery(2))).toEqual(['1+2']);
  await finish(memory, delivery(1));
  await finish(memory, delivery(2));
  expect(await fire(memory, delivery(1, 2_000), delivery(2, 2_001))).toEqual(['1+2']);
});

test('replicas that work off the same messages in turn make one firing of each pair', async () => {
  const start = memories();
  const [left, right] = [start(), start()];
  expect(await fire(left, delivery(1))).toEqual([]);
  expect(await fire(right, delivery(2))).toEqual(['1+2']);
  expect(await fire(left, delivery(3))).toEqual([]);
  expect(await fire(right, delivery(1), delivery(4))).toEqual(['3+4']);
});

test('a stored state that is lost while the sensor runs is written again', async () => {
  const bus = createMemoryBus();
  const memory = memories(bus)();
  expect(await fire(memory, delivery(1))).toEqual([]);
  const bucket = await bus.keyValue(BUCKETS.sensorState);
  await bucket.delete('sensor.default.s');
  expect(await fire(memory, delivery(2))).toEqual(['1+2']);
  expect((await bucket.get('sensor.default.s'))?.value).toBeDefined();
});
