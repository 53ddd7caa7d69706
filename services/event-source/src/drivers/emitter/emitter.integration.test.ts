// Covers the emitter source against a mosquitto that stands in for Emitter, which speaks MQTT: the key before
// the channel's name, its absence from events, a broker that is killed. Leaves out how Emitter
// itself judges keys.
import { eventually, tellSkipped, temporaryDirectory } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { driverRecorder, emittedData } from '../../testing/driver-recorder.ts';
import { mosquittoVersion, startTestMosquitto } from '../mqtt/testing/mosquitto.ts';
import { createEmitterDriver } from './driver.ts';

const version = mosquittoVersion();
const title = `source emitter, against ${version ?? 'Mosquitto'}`;
if (version === undefined) tellSkipped(title, 'mosquitto is not installed');
const driver = createEmitterDriver();

describe.skipIf(version === undefined)(title, () => {
  test('what is sent to a channel becomes an event without the key, also after the broker was killed', async () => {
    await using directory = await temporaryDirectory();
    await using broker = await startTestMosquitto(directory.path);
    const recorder = driverRecorder({ 'e/key': 'k3y' });
    const settings = {
      broker: broker.url,
      channelName: 'shop/orders',
      channelKey: { name: 'e', key: 'key' },
      jsonBody: true,
    };
    const running = await driver.start(settings, recorder.context);
    const publish = async (body: string): Promise<void> => {
      const client = await broker.client();
      await client.publishAsync('k3y/shop/orders/', body, { qos: 1 });
    };
    await publish('1');
    await eventually(() => recorder.emitted.length === 1);
    await broker.kill();
    await eventually(() => running.health().kind === 'Failing');
    await broker.restart();
    await eventually(() => running.health().kind === 'Healthy');
    await publish('2');
    await eventually(() => recorder.emitted.length === 2);
    expect(emittedData(recorder)).toEqual([
      { topic: 'shop/orders/', body: 1 },
      { topic: 'shop/orders/', body: 2 },
    ]);
    await running.stop();
  });

  test('a missing key is told by the health', async () => {
    const settings = {
      broker: 'tcp://127.0.0.1:1',
      channelName: 'a',
      channelKey: { name: 'e', key: 'key' },
    };
    const running = await driver.start(settings, driverRecorder().context);
    expect(JSON.stringify(running.health())).toContain('the secret e has no key key');
    await running.stop();
  });
});
