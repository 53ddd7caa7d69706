// Covers the mqtt source against a real mosquitto: both qualities of service, acknowledgement after the event
// is stored, a broker that is killed, users, TLS. Leaves out settings and bodies (mqtt.test.ts).
import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import { eventually, tellSkipped, temporaryDirectory, testCertificate } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { driverRecorder, emittedData } from '../../testing/driver-recorder.ts';
import { createMqttDriver } from './driver.ts';
import { mosquittoVersion, startTestMosquitto } from './testing/mosquitto.ts';

const version = mosquittoVersion();
const title = `source mqtt, against ${version ?? 'Mosquitto'}`;
if (version === undefined) tellSkipped(title, 'mosquitto is not installed');
const driver = createMqttDriver();

describe.skipIf(version === undefined)(title, () => {
  test('what is published on a topic becomes an event', async () => {
    await using directory = await temporaryDirectory();
    await using broker = await startTestMosquitto(directory.path);
    const recorder = driverRecorder();
    const settings = { url: broker.url, topic: 'shop/+', clientId: 'c', jsonBody: true };
    const running = await driver.start(settings, recorder.context);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    const client = await broker.client();
    await client.publishAsync('shop/orders', '{"a":1}', { qos: 1 });
    await client.publishAsync('other', '{}', { qos: 1 });
    await client.publishAsync('shop/orders', '{', { qos: 1 });
    await eventually(() => recorder.emitted.length === 1 && recorder.refusals === 1);
    expect(emittedData(recorder)).toEqual([{ topic: 'shop/orders', messageId: 0, body: { a: 1 } }]);
    await running.stop();
  });

  test('with qos 1 what comes while the source is stopped or the bus is away is stored in its order', async () => {
    await using directory = await temporaryDirectory();
    await using broker = await startTestMosquitto(directory.path);
    const recorder = driverRecorder();
    const settings = { url: broker.url, topic: 'orders', clientId: 'c', qos: 1, jsonBody: true };
    const first = await driver.start(settings, recorder.context);
    recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
    const client = await broker.client();
    for (const body of ['1', '2', '3']) await client.publishAsync('orders', body, { qos: 1 });
    await eventually(() => JSON.stringify(first.health()).includes('the bus is away'));
    await first.stop();
    expect(recorder.emitted).toEqual([]);
    await client.publishAsync('orders', '4', { qos: 1 });
    recorder.failure = undefined;
    const again = await driver.start(settings, recorder.context);
    await eventually(() => recorder.emitted.length === 4);
    expect(emittedData(recorder).map((data) => data['body'])).toEqual([1, 2, 3, 4]);
    await again.stop();
    // All of it was acknowledged: nothing comes again.
    const last = await driver.start(settings, recorder.context);
    await client.publishAsync('orders', '5', { qos: 1 });
    await eventually(() => recorder.emitted.length === 5);
    expect(emittedData(recorder).at(-1)).toMatchObject({ body: 5 });
    await last.stop();
  });

  test('a broker that is killed and comes back is listened to again, and the health tells it meanwhile', async () => {
    await using directory = await temporaryDirectory();
    await using broker = await startTestMosquitto(directory.path);
    const recorder = driverRecorder();
    const settings = { url: broker.url, topic: 'orders', clientId: 'c' };
    const running = await driver.start(settings, recorder.context);
    await broker.kill();
    await eventually(() => running.health().kind === 'Failing');
    await broker.restart();
    await eventually(() => running.health().kind === 'Healthy');
    const client = await broker.client();
    await client.publishAsync('orders', 'hi', { qos: 1 });
    await eventually(() => recorder.emitted.length === 1);
    expect(emittedData(recorder)).toEqual([{ topic: 'orders', messageId: 0, body: 'aGk=' }]);
    await running.stop();
  });

  test('a user logs in over TLS with the secrets; what is wrong is told without them', async () => {
    await using directory = await temporaryDirectory();
    await chmod(directory.path, 0o755);
    const certificate = await testCertificate(['127.0.0.1']);
    const file = (name: string): string => join(directory.path, name);
    await writeFile(file('cert.pem'), certificate.cert);
    await writeFile(file('key.pem'), certificate.key);
    await chmod(file('key.pem'), 0o644);
    spawnSync('mosquitto_passwd', ['-b', '-c', file('users'), 'ann', 'secret']);
    await chmod(file('users'), 0o644);
    await using broker = await startTestMosquitto(directory.path, [
      'allow_anonymous false',
      `password_file ${file('users')}`,
      `certfile ${file('cert.pem')}`,
      `keyfile ${file('key.pem')}`,
    ]);
    const settings = {
      url: broker.url.replace('tcp:', 'ssl:'),
      topic: 'orders',
      clientId: 'c',
      auth: { username: { name: 'm', key: 'user' }, password: { name: 'm', key: 'password' } },
      tls: { caCertSecret: { name: 'm', key: 'ca' } },
    };
    const secrets = { 'm/user': 'ann', 'm/password': 'secret', 'm/ca': certificate.cert };
    const start = async (values: Readonly<Record<string, string>>): Promise<string> => {
      const running = await driver.start(settings, driverRecorder(values).context);
      const health = JSON.stringify(running.health());
      await running.stop();
      return health;
    };
    expect(await start(secrets)).toContain('Healthy');
    const wrong = await start({ ...secrets, 'm/password': 'hunter2' });
    expect(wrong).toMatch(/not authorized/i);
    expect(wrong).not.toContain('hunter2');
    const stranger = await testCertificate(['127.0.0.1']);
    expect(await start({ ...secrets, 'm/ca': stranger.cert })).toContain('certificate');
    expect(await start({})).toContain('the secret m has no key user');
  });
});
