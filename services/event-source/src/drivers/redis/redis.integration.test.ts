// Covers the redis source against a real redis-server: channels and patterns, a user with a password, TLS, a
// server that is killed and comes back, wrong passwords. Leaves out settings and bodies (redis.test.ts).
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  eventually,
  tellSkipped,
  temporaryDirectory,
  testCertificate,
  freePort,
} from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { driverRecorder, emittedData } from '../../testing/driver-recorder.ts';
import { createRedisDriver } from './driver.ts';
import { redisVersion, startTestRedis } from './testing/redis-server.ts';

const version = redisVersion();
const title = `source redis, against ${version ?? 'Redis'}`;
if (version === undefined) tellSkipped(title, 'redis-server is not installed');
const driver = createRedisDriver();

describe.skipIf(version === undefined)(title, () => {
  test('what is published on a channel or fits a pattern becomes an event', async () => {
    await using directory = await temporaryDirectory();
    await using redis = await startTestRedis(directory.path);
    const recorder = driverRecorder();
    const settings = { hostAddress: redis.address, channels: ['FOO'], patterns: ['b?r'] };
    const running = await driver.start(settings, recorder.context);
    const client = redis.client();
    await client.publish('FOO', 'one');
    await client.publish('other', 'unheard');
    await client.publish('bar', 'two');
    await eventually(() => recorder.emitted.length === 2);
    expect(emittedData(recorder)).toEqual([
      { channel: 'FOO', pattern: '', body: 'one' },
      { channel: 'bar', pattern: 'b?r', body: 'two' },
    ]);
    await running.stop();
    await eventually(async () => (await client.publish('FOO', 'three')) === 0);
  });

  test('a server that is killed and comes back is listened to again, and the health tells it meanwhile', async () => {
    await using directory = await temporaryDirectory();
    await using redis = await startTestRedis(directory.path);
    const recorder = driverRecorder();
    const settings = { hostAddress: redis.address, channels: ['FOO'] };
    const running = await driver.start(settings, recorder.context);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    await redis.kill();
    await eventually(() => running.health().kind === 'Failing');
    expect(JSON.stringify(running.health())).toContain(`the Redis server ${redis.address}`);
    await redis.restart();
    await eventually(() => running.health().kind === 'Healthy');
    await redis.client().publish('FOO', 'again');
    await eventually(() => recorder.emitted.length === 1);
    await running.stop();
  });

  test('a user, a password and a database are as the settings say; a wrong password is told without its text', async () => {
    await using directory = await temporaryDirectory();
    await using redis = await startTestRedis(directory.path, ['--requirepass', 'root']);
    const admin = redis.client('root');
    await admin.acl('SETUSER', 'argosy', 'on', '>secret', '~*', '&FOO', '+@all');
    const settings = {
      hostAddress: redis.address,
      channels: ['FOO'],
      db: 3,
      username: 'argosy',
      password: { name: 'redis', key: 'password' },
    };
    const wrong = driverRecorder({ 'redis/password': 'hunter2' });
    const refused = await driver.start(settings, wrong.context);
    expect(JSON.stringify(refused.health())).toContain('WRONGPASS');
    expect(JSON.stringify(refused.health())).not.toContain('hunter2');
    await refused.stop();
    const missing = await driver.start(settings, driverRecorder().context);
    expect(JSON.stringify(missing.health())).toContain('the secret redis has no key password');
    await missing.stop();
    const anonymous = { hostAddress: redis.address, channels: ['FOO'] };
    const unknown = await driver.start(anonymous, driverRecorder().context);
    expect(JSON.stringify(unknown.health())).toContain('NOAUTH');
    await unknown.stop();
    const recorder = driverRecorder({ 'redis/password': 'secret' });
    const running = await driver.start(settings, recorder.context);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    const list = String(await admin.client('LIST'));
    expect(list).toMatch(/name=argosy:default\/src\/example .*db=3 .*sub=1 .*user=argosy/);
    await running.stop();
    const elsewhere = await driver.start({ ...settings, channels: ['BAR'] }, recorder.context);
    expect(JSON.stringify(elsewhere.health())).toContain('NOPERM');
    await elsewhere.stop();
  });

  test('over TLS the server is known by the certificate of the secret', async () => {
    await using directory = await temporaryDirectory();
    const certificate = await testCertificate(['127.0.0.1']);
    const [cert, key] = [join(directory.path, 'cert.pem'), join(directory.path, 'key.pem')];
    await writeFile(cert, certificate.cert);
    await writeFile(key, certificate.key);
    const tlsPort = await freePort();
    await using redis = await startTestRedis(directory.path, [
      ...['--tls-port', String(tlsPort), '--tls-cert-file', cert, '--tls-key-file', key],
      ...['--tls-ca-cert-file', cert, '--tls-auth-clients', 'no'],
    ]);
    const settings = {
      hostAddress: `127.0.0.1:${tlsPort}`,
      channels: ['FOO'],
      tls: { caCertSecret: { name: 'redis', key: 'ca' } },
    };
    const recorder = driverRecorder({ 'redis/ca': certificate.cert });
    const running = await driver.start(settings, recorder.context);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    await redis.client().publish('FOO', 'one');
    await eventually(() => recorder.emitted.length === 1);
    await running.stop();
    const stranger = await testCertificate(['127.0.0.1']);
    const fooled = driverRecorder({ 'redis/ca': stranger.cert });
    const refused = await driver.start(settings, fooled.context);
    expect(JSON.stringify(refused.health())).toContain('certificate');
    await refused.stop();
  });
});
