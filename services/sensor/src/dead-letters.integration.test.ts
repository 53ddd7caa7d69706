// Covers dead letters of a sensor that is a process of its own on a real nats-server: it is killed (-9) while triggers
// fail and while letters are redriven; no firing is lost on either way. Leaves out the gateway's part.
import { connectBus } from '@argosy/bus';
import { eventually, startTestNats } from '@argosy/testkit';
import { expect, test, vi } from 'vitest';
import { callTrigger, lettersOn, redriveMail, startTarget } from './testing/dead-letters.ts';
import { applyTo, sendTo, sensorOf } from './testing/harness.ts';
import { startSensorProcess } from './testing/sensor-process.ts';

vi.setConfig({ testTimeout: 240_000 });

const EVENTS = 60;
const WITHIN = { timeoutMs: 60_000, intervalMs: 50 };

test('every failed firing has its letter, and every letter works in the end, over kill -9 of the sensor', async () => {
  await using nats = await startTestNats();
  await using bus = await connectBus({ url: nats.url, token: nats.token, name: 'test' });
  await bus.applyTopology();
  const target = await startTarget();
  let sensor = startSensorProcess(nats);
  try {
    await applyTo(bus, 'Sensor', 's', sensorOf(['orders'], callTrigger(target.url)));
    await eventually(async () => {
      const entry = await (await bus.keyValue('resources')).get('sensor.default.s');
      expect(new TextDecoder().decode(entry?.value)).toContain('"Deployed","status":"True"');
    }, WITHIN);
    for (let index = 0; index < EVENTS; index += 1) {
      await sendTo(bus, { eventSource: 'shop', eventName: 'orders', id: `e${index}` });
    }
    await eventually(() => target.keys.length > 0, WITHIN);
    await sensor.kill();
    sensor = startSensorProcess(nats);
    const letters = await eventually(async () => {
      const found = await lettersOn(bus);
      expect(found).toHaveLength(EVENTS);
      return found;
    }, WITHIN);
    const ids = new Set(letters.map(({ firing }) => firing.events['orders']?.id));
    expect(ids.size).toBe(EVENTS);
    target.status = 200;
    target.keys.length = 0;
    for (const letter of letters) await bus.publish(redriveMail(letter));
    await eventually(() => target.keys.length > 0, WITHIN);
    await sensor.kill();
    sensor = startSensorProcess(nats);
    await eventually(async () => expect(await lettersOn(bus)).toEqual([]), WITHIN);
    // What was done when the sensor was killed may be done again, as the same firing.
    expect(new Set(target.keys)).toEqual(new Set(letters.map(({ firing }) => firing.id)));
  } finally {
    await sensor.kill();
    target.close();
  }
});
