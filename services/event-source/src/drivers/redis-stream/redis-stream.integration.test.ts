// Covers the redisStream source against a real redis-server: new and pending entries, acknowledgement after
// the event is stored, a server that is killed, a group that is lost, a bus that is away. Leaves out users,
// passwords and TLS (redis.integration.test.ts) and settings (redis.test.ts).
import { ArgosyError } from '@argosy/base';
import { eventually, tellSkipped, temporaryDirectory } from '@argosy/testkit';
import type { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { driverRecorder, emittedData } from '../../testing/driver-recorder.ts';
import { redisVersion, startTestRedis } from '../redis/testing/redis-server.ts';
import { createRedisStreamDriver } from './driver.ts';

const version = redisVersion();
const title = `source redisStream, against ${version ?? 'Redis'}`;
if (version === undefined) tellSkipped(title, 'redis-server is not installed');
const driver = createRedisStreamDriver();

const GROUP = 'argo-events-cg';

/** The ids that were read and not acknowledged. */
async function pendingIds(client: Redis, stream: string): Promise<readonly string[]> {
  const rows = (await client.xpending(stream, GROUP, '-', '+', 100)) as readonly (readonly [
    string,
  ])[];
  return rows.map(([id]) => id);
}

describe.skipIf(version === undefined)(title, () => {
  test('entries that are added after the first start become events and are acknowledged', async () => {
    await using directory = await temporaryDirectory();
    await using redis = await startTestRedis(directory.path);
    const client = redis.client();
    await client.xadd('FOO', '1-0', 'k', 'before');
    const recorder = driverRecorder();
    const settings = { hostAddress: redis.address, streams: ['FOO', 'BAR'] };
    const running = await driver.start(settings, recorder.context);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    await client.xadd('FOO', '2-0', 'k', 'v', 'l', 'ü');
    await client.xadd('BAR', '1-0', 'k', 'w');
    await eventually(() => recorder.emitted.length === 2);
    const byStream = [...emittedData(recorder)].sort((a, b) =>
      String(b['stream']).localeCompare(String(a['stream'])),
    );
    expect(byStream).toEqual([
      { stream: 'FOO', message_id: '2-0', values: { k: 'v', l: 'ü' } },
      { stream: 'BAR', message_id: '1-0', values: { k: 'w' } },
    ]);
    expect(recorder.emitted[0]?.id).toMatch(/^[0-9a-f]{32}$/);
    await eventually(async () => (await pendingIds(client, 'FOO')).length === 0);
    await running.stop();
  });

  test('what is not stored when the source stops is not acknowledged, and comes first the next time', async () => {
    await using directory = await temporaryDirectory();
    await using redis = await startTestRedis(directory.path);
    const client = redis.client();
    const recorder = driverRecorder();
    const settings = { hostAddress: redis.address, streams: ['FOO'], maxMsgCountPerRead: 2 };
    const running = await driver.start(settings, recorder.context);
    recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
    for (const id of ['1-0', '2-0', '3-0']) await client.xadd('FOO', id, 'n', id);
    await eventually(() => JSON.stringify(running.health()).includes('the bus is away'));
    await running.stop();
    const pending = await pendingIds(client, 'FOO');
    expect(pending[0]).toBe('1-0');
    recorder.failure = undefined;
    await client.xadd('FOO', '4-0', 'n', '4-0');
    // One that was deleted while it was pending is acknowledged and makes no event.
    await client.xdel('FOO', pending[0] ?? '');
    const again = await driver.start(settings, recorder.context);
    await eventually(() => recorder.emitted.length === 3);
    expect(emittedData(recorder).map((data) => data['message_id'])).toEqual(['2-0', '3-0', '4-0']);
    await eventually(async () => (await pendingIds(client, 'FOO')).length === 0);
    await again.stop();
  });

  test('an entry whose acknowledgement is lost is stored once', async () => {
    await using directory = await temporaryDirectory();
    await using redis = await startTestRedis(directory.path);
    const client = redis.client();
    await client.xgroup('CREATE', 'FOO', GROUP, '$', 'MKSTREAM');
    await client.xadd('FOO', '1-0', 'k', 'v');
    await client.xreadgroup('GROUP', GROUP, 'argo-events-worker', 'STREAMS', 'FOO', '>');
    const recorder = driverRecorder();
    const settings = { hostAddress: redis.address, streams: ['FOO'] };
    const first = await driver.start(settings, recorder.context);
    await eventually(() => recorder.emitted.length === 1);
    await first.stop();
    await client.xgroup('SETID', 'FOO', GROUP, '0');
    await client.xadd('FOO', '2-0', 'k', 'w');
    const second = await driver.start(settings, recorder.context);
    await eventually(() => emittedData(recorder).at(-1)?.['message_id'] === '2-0');
    await second.stop();
    expect(recorder.emitted.length).toBe(2);
  });

  test('a server that is killed is read again from where it was, and the health tells it meanwhile', async () => {
    await using directory = await temporaryDirectory();
    await using redis = await startTestRedis(directory.path);
    const recorder = driverRecorder();
    const settings = { hostAddress: redis.address, streams: ['FOO'] };
    const running = await driver.start(settings, recorder.context);
    const client = redis.client();
    await client.xadd('FOO', '1-0', 'k', 'v');
    await eventually(() => recorder.emitted.length === 1);
    await redis.kill();
    await eventually(() => running.health().kind === 'Failing');
    await redis.restart();
    // Added before the source is connected again, or after: it is read.
    await redis.client().xadd('FOO', '2-0', 'k', 'w');
    await eventually(() => running.health().kind === 'Healthy');
    await eventually(() => recorder.emitted.length === 2);
    await running.stop();
  });

  test('a group that is lost is made anew behind what was read, so that nothing is missed', async () => {
    await using directory = await temporaryDirectory();
    await using redis = await startTestRedis(directory.path);
    const recorder = driverRecorder();
    const settings = { hostAddress: redis.address, streams: ['FOO'] };
    const running = await driver.start(settings, recorder.context);
    const client = redis.client();
    await client.xadd('FOO', '1-0', 'k', 'v');
    await eventually(() => recorder.emitted.length === 1);
    await client
      .multi()
      .xgroup('DESTROY', 'FOO', GROUP)
      .xadd('FOO', '2-0', 'k', 'w')
      .xadd('FOO', '3-0', 'k', 'x')
      .exec();
    await eventually(() => recorder.emitted.length === 3);
    await eventually(() => running.health().kind === 'Healthy');
    expect(emittedData(recorder).map((data) => data['message_id'])).toEqual(['1-0', '2-0', '3-0']);
    await running.stop();
  });

  test('an entry that the bus never takes is refused, stays pending and holds nothing up', async () => {
    await using directory = await temporaryDirectory();
    await using redis = await startTestRedis(directory.path);
    const client = redis.client();
    const recorder = driverRecorder();
    const settings = { hostAddress: redis.address, streams: ['FOO'] };
    const running = await driver.start(settings, recorder.context);
    recorder.failure = new ArgosyError('RESOURCE_EXHAUSTED', 'at most 8 MiB');
    await client.xadd('FOO', '1-0', 'k', 'v');
    await eventually(() => recorder.refusals === 1);
    recorder.failure = undefined;
    await client.xadd('FOO', '2-0', 'k', 'w');
    await eventually(() => recorder.emitted.length === 1);
    expect(await pendingIds(client, 'FOO')).toContain('1-0');
    await running.stop();
  });
});
