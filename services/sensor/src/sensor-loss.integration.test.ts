// Covers a sensor that loses the bus, the stream of events, its consumer or the store of its state, on a real
// nats-server: its health says so, and it goes on by itself. Leaves out its own crash (sensor.integration.test.ts).
import { STREAMS, BUCKETS } from '@argosy/api';
import { connectBus, type NatsBus } from '@argosy/bus';
import { deleteStream } from '@argosy/bus/testing';
import { eventually, startTestNats, type TestNats } from '@argosy/testkit';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import {
  sendTo,
  sensorOf,
  startHarness,
  submitTrigger,
  submittedOn,
  type Harness,
} from './testing/harness.ts';

/** A request that was under way when a consumer went is only missed after its heartbeats. */
const WITHIN = { timeoutMs: 40_000, intervalMs: 20 };

let nats: TestNats;
let bus: NatsBus;
let harness: Harness;

beforeAll(async () => {
  nats = await startTestNats();
  bus = await connectBus({ url: nats.url, token: nats.token, name: 'test' });
});
afterAll(async () => {
  await bus[Symbol.asyncDispose]();
  await nats.stop();
});
beforeEach(async () => {
  await bus.applyTopology();
  await bus.purge(STREAMS.commands, 'cmd.>');
  harness = await startHarness(bus);
  await harness.apply('Sensor', 's', sensorOf(['orders', 'payments'], submitTrigger()));
  await eventually(async () => expect(await harness.condition('s', 'Deployed')).toBe(''), WITHIN);
});
afterEach(async () => {
  await harness[Symbol.asyncDispose]();
});

const send = (eventName: string, id: string): Promise<void> =>
  sendTo(bus, { eventSource: 'shop', eventName, id: `${id} ${Math.random()}` });

async function untilSubmitted(count: number): Promise<void> {
  await eventually(async () => expect((await submittedOn(bus)).length).toBe(count), WITHIN);
}

/** One pair of events, each sent when the former has been taken, that fires. */
async function expectFires(id: string, count: number): Promise<void> {
  await send('orders', id);
  await send('payments', id);
  await untilSubmitted(count);
}

async function untilUnhealthy(reason: RegExp): Promise<void> {
  await eventually(() => {
    const health = harness.service.ready();
    expect(health.ready).toBe(false);
    expect(health.reason).toMatch(reason);
  }, WITHIN);
}

async function untilHealthy(): Promise<void> {
  await eventually(async () => {
    expect(harness.service.ready()).toEqual({ ready: true });
    expect(await harness.condition('s', 'Deployed')).toBe('');
  }, WITHIN);
}

test('without the server the sensor is not ready; when it is back, what waited is still there', async () => {
  await expectFires('before', 1);
  await send('orders', 'half');
  await nats.halt();
  await untilUnhealthy(/bus: /);
  await nats.restart();
  await untilHealthy();
  await send('payments', 'half');
  await untilSubmitted(2);
});

test('without its consumer the sensor is healthy again after it has made one, and misses nothing', async () => {
  await expectFires('before', 1);
  await bus.deleteConsumer(STREAMS.events, 'sensor_default_s');
  await expectFires('after', 2);
  await untilHealthy();
});

test('without the stream of events the sensor says so, and takes all that comes when there is one again', async () => {
  await expectFires('before', 1);
  await deleteStream(nats, STREAMS.events);
  await untilUnhealthy(/sensor\.default\.s hears no events/);
  await bus.applyTopology();
  await expectFires('after', 2);
  await untilHealthy();
});

test('without the store of its state the sensor says so, and what waited is still there afterwards', async () => {
  await send('orders', 'half');
  const state = await bus.keyValue(BUCKETS.sensorState);
  await eventually(async () => {
    const text = new TextDecoder().decode((await state.get('sensor.default.s'))?.value);
    expect(text).toContain('half');
  }, WITHIN);
  await deleteStream(nats, `KV_${BUCKETS.sensorState}`);
  await send('payments', 'half');
  await untilUnhealthy(/its state cannot be stored/);
  await bus.applyTopology();
  await untilSubmitted(1);
  await untilHealthy();
});
