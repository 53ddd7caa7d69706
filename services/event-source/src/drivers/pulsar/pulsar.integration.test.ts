// Covers the pulsar source against a real broker: what becomes of messages, acknowledgement after the event is
// stored, batches and compressions as Pulsar's own client makes them, types of subscription, partitions, TLS and
// tokens, a broker that is killed. Skipped, and it says so, where Pulsar is not installed. Leaves out the settings'
// own rules and clusters of several brokers (pulsar.test.ts; libs/pulsar for redirections and proxies).
import { once } from 'node:events';
import { ArgosyError } from '@argosy/base';
import { createProducer, createPulsarClient, type PulsarClient } from '@argosy/pulsar';
import {
  eventually,
  startTestPulsar,
  tellSkipped,
  TEST_PULSAR_NAME,
  testCertificate,
  testPulsarJars,
  type TestPulsar,
} from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { driverRecorder, emittedData, type DriverRecorder } from '../../testing/driver-recorder.ts';
import type { RunningDriver } from '../driver.ts';
import { createPulsarDriver } from './driver.ts';

const SUITE = `source pulsar, against ${TEST_PULSAR_NAME}`;
const isMissing = testPulsarJars() === undefined;
if (isMissing) tellSkipped(SUITE, 'install it with .ci/servers/pulsar.sh');
const START_TIMEOUT_MS = 150_000;
const TEST_TIMEOUT_MS = 150_000;
const WITHIN = { timeoutMs: 90_000, intervalMs: 100 };
const PARTITIONS_CHECK_MS = 500;

describe.skipIf(isMissing)(SUITE, { timeout: TEST_TIMEOUT_MS }, () => {
  let pulsar: TestPulsar;
  let authority: string;
  let client: PulsarClient;
  const driver = createPulsarDriver(PARTITIONS_CHECK_MS);

  beforeAll(async () => {
    const certificate = await testCertificate(['127.0.0.1']);
    authority = certificate.cert;
    pulsar = await startTestPulsar(certificate);
    client = createPulsarClient(pulsar.url, { token: pulsar.token });
    // It listens before it has its first namespace.
    await eventually(() => send('warm', ['0']), WITHIN);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    client?.close();
    await pulsar?.[Symbol.asyncDispose]();
  });

  function recorderOf(secrets: Readonly<Record<string, string>> = {}): DriverRecorder {
    return driverRecorder({ 'pulsar/token': pulsar.token, 'pulsar/ca': authority, ...secrets });
  }
  function start(changes: object, recorder: DriverRecorder): Promise<RunningDriver> {
    const authTokenSecret = { name: 'pulsar', key: 'token' };
    const settings = { url: pulsar.url, jsonBody: true, authTokenSecret, ...changes };
    return driver.start(settings, recorder.context);
  }
  async function send(name: string, payloads: readonly string[]): Promise<void> {
    const producer = await createProducer(client, `persistent://public/default/${name}`);
    for (const payload of payloads) {
      await producer.send(new TextEncoder().encode(payload), {}, Date.now());
    }
    await producer.close();
  }
  /** Sends by Pulsar's own client, which is behind the broker's service of WebSockets. */
  async function sendByPulsar(
    name: string,
    query: string,
    bodies: readonly object[],
  ): Promise<void> {
    const address = pulsar.adminUrl.replace('http', 'ws');
    const url = `${address}/ws/v2/producer/persistent/public/default/${name}?${query}`;
    const headers = { Authorization: `Bearer ${pulsar.token}` };
    const socket = new WebSocket(url, { headers });
    await once(socket, 'open');
    let answers = 0;
    const results: unknown[] = [];
    socket.on('message', (text: Buffer) => {
      answers += 1;
      results.push((JSON.parse(text.toString()) as { result: unknown }).result);
    });
    for (const body of bodies) {
      const payload = Buffer.from(JSON.stringify(body)).toString('base64');
      socket.send(JSON.stringify({ payload, key: 'k', properties: { p: 'q' } }));
    }
    await eventually(() => answers === bodies.length, WITHIN);
    expect(results).toEqual(bodies.map(() => 'ok'));
    socket.close();
  }
  async function administer(method: string, path: string, body: string): Promise<void> {
    const answer = await fetch(`${pulsar.adminUrl}/admin/v2/persistent/public/default/${path}`, {
      method,
      headers: { Authorization: `Bearer ${pulsar.token}`, 'Content-Type': 'application/json' },
      body,
    });
    expect(answer.status, await answer.text()).toBeLessThan(300);
  }
  const bodiesOf = (recorder: DriverRecorder): readonly unknown[] =>
    emittedData(recorder).map(({ body }) => body);
  const texts = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from }, (_, index) => String(from + index));

  test('messages become events in their order, and the subscription goes on where it stopped', async () => {
    await send('plain', ['"before"']);
    const recorder = recorderOf();
    const settings = { topics: ['plain'], metadata: { team: 'x' } };
    const running = await start(settings, recorder);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    const count = 300;
    await send('plain', texts(0, count));
    await eventually(() => recorder.emitted.length >= count, WITHIN);
    await running.stop();
    await send('plain', ['{"n": 1.50}', 'no JSON', '"last"']);
    const again = await start(settings, recorder);
    await eventually(() => recorder.emitted.length === count + 2, WITHIN);
    await again.stop();
    const third = recorderOf();
    const empty = await start(settings, third);
    await send('plain', ['"third"']);
    await eventually(() => third.emitted.length > 0, WITHIN);
    await empty.stop();
    expect(bodiesOf(third)).toEqual(['third']);
    const expected = [...texts(0, count).map(Number), { n: 1.5 }, 'last'];
    expect(bodiesOf(recorder)).toEqual(expected);
    expect(recorder.refusals).toBe(1);
    expect(emittedData(recorder)[0]).toEqual({
      key: '',
      publishTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC$/),
      body: 0,
      metadata: { team: 'x' },
    });
    expect(recorder.emitted[0]?.id).toMatch(/^[0-9a-f]{32}$/);
  });

  test('batches and compressed messages of other clients are read; LZ4 is refused and stays there', async () => {
    const recorder = recorderOf();
    const running = await start({ topics: ['batched'] }, recorder);
    const numbers = Array.from({ length: 30 }, (_, n) => ({ n }));
    const batching = 'batchingEnabled=true&batchingMaxMessages=10&batchingMaxPublishDelay=200';
    await sendByPulsar('batched', batching, numbers);
    await sendByPulsar('batched', 'compressionType=ZLIB', [{ n: 30 }]);
    await sendByPulsar('batched', `${batching}&compressionType=ZSTD`, [{ n: 31 }, { n: 32 }]);
    await sendByPulsar('batched', 'compressionType=LZ4', [{ n: -1 }]);
    await sendByPulsar('batched', 'compressionType=NONE', [{ n: 33 }]);
    await eventually(() => recorder.emitted.length === 34, WITHIN);
    await running.stop();
    expect(bodiesOf(recorder)).toEqual(Array.from({ length: 34 }, (_, n) => ({ n })));
    expect(emittedData(recorder).every(({ key }) => key === 'k')).toBe(true);
    expect(recorder.refusals).toBe(1);
    const again = recorderOf();
    const later = await start({ topics: ['batched'] }, again);
    await eventually(() => again.refusals === 1, WITHIN);
    await later.stop();
    expect(again.emitted).toEqual([]);
  });

  test('what the bus does not take is not acknowledged and comes again, under the same id', async () => {
    const recorder = recorderOf();
    const topics = ['kept'];
    const running = await start({ topics }, recorder);
    recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
    await send('kept', ['1', '2']);
    await eventually(() => running.health().kind === 'Failing', WITHIN);
    await running.stop();
    recorder.failure = undefined;
    const again = await start({ topics }, recorder);
    await eventually(() => recorder.emitted.length === 2, WITHIN);
    await again.stop();
    expect(bodiesOf(recorder)).toEqual([1, 2]);
  });

  test('an exclusive subscription has one reader, whose end another one waits for', async () => {
    const [first, second] = [recorderOf(), recorderOf()];
    const one = await start({ topics: ['alone'] }, first);
    const two = await start({ topics: ['alone'] }, second);
    expect(two.health()).toMatchObject({
      kind: 'Failing',
      reason: expect.stringContaining('another consumer has the subscription for itself'),
    });
    await one.stop();
    await eventually(() => two.health().kind === 'Healthy', WITHIN);
    await send('alone', ['1']);
    await eventually(() => second.emitted.length === 1, WITHIN);
    await two.stop();
  });

  test('a shared subscription shares the messages among its readers', async () => {
    const [first, second] = [recorderOf(), recorderOf()];
    const settings = { topics: ['together'], type: 'shared' };
    const running = [await start(settings, first), await start(settings, second)];
    await send('together', texts(0, 400));
    await eventually(() => first.emitted.length + second.emitted.length === 400, WITHIN);
    for (const one of running) await one.stop();
    expect(Math.min(first.emitted.length, second.emitted.length)).toBeGreaterThan(0);
    const seen = new Set([...bodiesOf(first), ...bodiesOf(second)]);
    expect(seen.size).toBe(400);
  });

  test('all partitions of all topics are read, also those that are added', async () => {
    await administer('PUT', 'parts/partitions', '2');
    const recorder = recorderOf();
    const running = await start({ topics: ['parts', 'public/default/other'] }, recorder);
    await send('parts-partition-0', ['1']);
    await send('parts-partition-1', ['2']);
    await send('other', ['3']);
    await eventually(() => recorder.emitted.length === 3, WITHIN);
    await administer('POST', 'parts/partitions', '3');
    await send('parts-partition-2', ['4']);
    await eventually(() => recorder.emitted.length === 4, WITHIN);
    await running.stop();
    expect(new Set(bodiesOf(recorder))).toEqual(new Set([1, 2, 3, 4]));
  });

  test('TLS is spoken; a certificate that nobody trusts and a wrong token are told, the token is not', async () => {
    const tlsTrustCertsSecret = { name: 'pulsar', key: 'ca' };
    const secure = { url: pulsar.secureUrl, topics: ['secure'] };
    const recorder = recorderOf();
    const running = await start({ ...secure, tlsTrustCertsSecret }, recorder);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    await send('secure', ['1']);
    await eventually(() => recorder.emitted.length === 1, WITHIN);
    await running.stop();
    const untrusting = await start(secure, recorderOf());
    expect(untrusting.health()).toMatchObject({ reason: expect.stringContaining('certificate') });
    await untrusting.stop();
    const careless = await start({ ...secure, tlsAllowInsecureConnection: true }, recorderOf());
    expect(careless.health()).toEqual({ kind: 'Healthy' });
    await careless.stop();
    const wrong = `${pulsar.token.slice(0, -8)}AAAAAAAA`;
    const refused = await start({ topics: ['secure'] }, recorderOf({ 'pulsar/token': wrong }));
    const health = refused.health();
    expect(health).toMatchObject({ reason: expect.stringContaining('token') });
    expect(JSON.stringify(health)).not.toContain(wrong);
    await refused.stop();
  });

  test('a broker that is killed (-9) is waited for, and the health says so meanwhile', async () => {
    const recorder = recorderOf();
    const running = await start({ topics: ['restarted'] }, recorder);
    await send('restarted', ['1']);
    await eventually(() => recorder.emitted.length === 1, WITHIN);
    await pulsar.kill();
    await eventually(() => running.health().kind === 'Failing', WITHIN);
    await pulsar.start();
    await eventually(() => send('restarted', ['2']), WITHIN);
    await eventually(() => bodiesOf(recorder).includes(2), WITHIN);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    await running.stop();
  });
});
