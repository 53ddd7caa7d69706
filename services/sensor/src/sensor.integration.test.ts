// Covers the sensor as a process of its own on a real nats-server: it is killed (-9) again and again while it works
// off events, the server is killed as well, and in the end each event has led to exactly one submit command.
// Leaves out the event source and the scheduler.
import { connectBus, type NatsBus } from '@argosy/bus';
import { eventually, startTestNats, type TestNats } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { applyTo, sendTo, sensorOf, submitTrigger, submittedOn } from './testing/harness.ts';
import { startSensorProcess } from './testing/sensor-process.ts';

const EVENTS = 1_000;
const PAIRS = 9;
const WITHIN = { timeoutMs: 60_000, intervalMs: 100 };

async function connected(nats: TestNats): Promise<NatsBus> {
  const bus = await connectBus({ url: nats.url, token: nats.token, name: 'test' });
  await bus.applyTopology();
  return bus;
}

async function consumerIsThere(bus: NatsBus): Promise<void> {
  await eventually(async () => {
    const resources = await bus.keyValue('resources');
    const entry = await resources.get('sensor.default.s');
    expect(new TextDecoder().decode(entry?.value)).toContain('"Deployed","status":"True"');
  }, WITHIN);
}

/** Waits until the commands stay as many as they are, and gives their uids. */
async function uidsOf(bus: NatsBus, count: number): Promise<readonly string[]> {
  await eventually(async () => {
    expect((await submittedOn(bus)).length).toBeGreaterThanOrEqual(count);
  }, WITHIN);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return (await submittedOn(bus)).map(({ uid }) => uid);
}

test('1,000 events lead to 1,000 runs over kill -9 of the sensor and of the server', async () => {
  await using nats = await startTestNats();
  await using bus = await connected(nats);
  let sensor = startSensorProcess(nats);
  try {
    await applyTo(bus, 'Sensor', 's', sensorOf(['orders'], submitTrigger()));
    await consumerIsThere(bus);
    await sensor.kill();
    for (let index = 0; index < EVENTS; index += 1) {
      await sendTo(bus, { eventSource: 'shop', eventName: 'orders', id: `e${index}` });
    }
    expect(await submittedOn(bus)).toEqual([]);
    for (const share of [0.1, 0.4]) {
      sensor = startSensorProcess(nats);
      await eventually(async () => {
        expect((await submittedOn(bus)).length).toBeGreaterThan(EVENTS * share);
      }, WITHIN);
      await sensor.kill();
    }
    sensor = startSensorProcess(nats);
    await nats.restart();
    const uids = await uidsOf(bus, EVENTS);
    expect(new Set(uids).size).toBe(EVENTS);
    // The bus drops what is sent again within its window; the owner of the runs does so for ever.
    expect(uids.length).toBe(EVENTS);
  } finally {
    await sensor.kill();
  }
});

test('a conjunction loses and doubles nothing over kill -9 of the sensor', async () => {
  await using nats = await startTestNats();
  await using bus = await connected(nats);
  let sensor = startSensorProcess(nats);
  try {
    await applyTo(bus, 'Sensor', 's', sensorOf(['orders', 'payments'], submitTrigger()));
    await consumerIsThere(bus);
    for (let index = 0; index < PAIRS; index += 1) {
      await sendTo(bus, { eventSource: 'shop', eventName: 'orders', id: `o${index}` });
      await sendTo(bus, { eventSource: 'shop', eventName: 'payments', id: `p${index}` });
      if (index % 3 === 1) {
        await sensor.kill();
        sensor = startSensorProcess(nats);
      }
      await eventually(async () => expect((await submittedOn(bus)).length).toBe(index + 1), WITHIN);
    }
    expect(new Set(await uidsOf(bus, PAIRS)).size).toBe(PAIRS);
  } finally {
    await sensor.kill();
  }
});
