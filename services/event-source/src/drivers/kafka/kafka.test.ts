// Covers what needs no broker: the settings' problems, the event of a record, the sharing of partitions, the
// pace, and that progress is kept by one save at a time. Leaves out reading (kafka.integration.test.ts).
import { unwrap } from '@argosy/base';
import { eventually } from '@argosy/testkit';
import type { ClusterMetadata } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { driverRecorder } from '../../testing/driver-recorder.ts';
import { assignRanges } from './assignment.ts';
import { createKafkaDriver } from './driver.ts';
import { kafkaEvent, type KafkaRecord } from './message.ts';
import { createPacer } from './pacer.ts';
import { createProgress, type Positions } from './progress.ts';

const GOOD = { url: 'b1:9092,b2:9092', topic: 't', consumerGroup: { groupName: 'g' } };
const secret = { name: 'kafka', key: 'x' };

function problemsOf(changes: object): string {
  return createKafkaDriver()
    .problems({ ...GOOD, ...changes })
    .join('; ');
}

test('settings as Argo Events has them are taken', () => {
  expect(problemsOf({})).toBe('');
  expect(problemsOf({ consumerGroup: undefined, partition: '0' })).toBe('');
  expect(problemsOf({ version: '2.5.0', limitEventsPerSecond: 5, jsonBody: true })).toBe('');
  const sasl = { mechanism: 'SCRAM-SHA-512', userSecret: secret, passwordSecret: secret };
  expect(problemsOf({ sasl, tls: { insecureSkipVerify: true } })).toBe('');
});

test('settings that are wrong are told by field, with what to do', () => {
  expect(problemsOf({ url: '' })).toContain('url is missing');
  expect(problemsOf({ url: 'kafka://b1:9092' })).toContain('without a scheme');
  expect(problemsOf({ topic: undefined })).toContain('topic is missing');
  expect(problemsOf({ consumerGroup: undefined })).toContain('either consumerGroup or partition');
  expect(problemsOf({ consumerGroup: undefined, partition: 'first' })).toContain('a number');
  expect(problemsOf({ consumerGroup: {} })).toContain('consumerGroup.groupName is missing');
  const rebalanceStrategy = 'fair';
  expect(problemsOf({ consumerGroup: { groupName: 'g', rebalanceStrategy } })).toContain('range');
  expect(problemsOf({ limitEventsPerSecond: -1 })).toContain('above 0');
  expect(problemsOf({ sasl: { mechanism: 'GSSAPI' } })).toContain('GSSAPI is not supported here');
  expect(problemsOf({ sasl: { userSecret: secret } })).toContain('must both be set');
});

test('settings that are not built are refused, with what to do instead', () => {
  expect(problemsOf({ awsMskIamAuth: { region: 'x' } })).toContain('use sasl with SCRAM-SHA-512');
  expect(problemsOf({ schemaRegistry: { url: 'x' } })).toContain('schemaRegistry is not supported');
  expect(problemsOf({ config: 'consumer: {}' })).toContain('config is not supported here');
});

test('a group runs on every replica, a partition on one', () => {
  const { runsOn } = createKafkaDriver();
  const placeOf = (settings: object): unknown =>
    typeof runsOn === 'function' ? runsOn(settings) : runsOn;
  expect(placeOf(GOOD)).toBe('EveryReplica');
  expect(placeOf({ ...GOOD, consumerGroup: undefined, partition: '3' })).toBe('OneReplica');
});

const RECORD: KafkaRecord = {
  topic: 't',
  partition: 2,
  offset: 17n,
  key: Buffer.from('k'),
  value: Buffer.from('{"a": 1.50}'),
  headers: [['h', 'v']],
  timestampMs: Date.parse('2026-03-02T10:04:00.250Z'),
};

function eventOf(record: KafkaRecord, jsonBody = true): { id: string; data: unknown } {
  const settings = { brokers: ['b1:9092', 'b2:9092'] as const, jsonBody, metadata: { team: 'x' } };
  const { context } = driverRecorder();
  const event = unwrap(kafkaEvent(record, settings, context));
  return { id: event.id ?? '', data: JSON.parse(new TextDecoder().decode(event.data)) };
}

test('an event says where its record was, and its id is made of that place and the first broker', () => {
  expect(eventOf(RECORD)).toEqual({
    id: 'src:example:b1:9092:t:2:17',
    data: {
      topic: 't',
      key: 'k',
      partition: 2,
      timestamp: '2026-03-02 10:04:00.25 +0000 UTC',
      headers: { h: 'v' },
      body: { a: 1.5 },
      metadata: { team: 'x' },
    },
  });
});

test('a body is base64 text without jsonBody, and null in a record that deletes its key', () => {
  expect(eventOf(RECORD, false).data).toMatchObject({ body: 'eyJhIjogMS41MH0=' });
  expect(eventOf({ ...RECORD, value: undefined }, false).data).toMatchObject({ body: null });
  expect(eventOf({ ...RECORD, value: undefined }).data).toMatchObject({ body: null });
});

test('a record that is not JSON with jsonBody is no event', () => {
  const settings = { brokers: ['b1:9092'] as const, jsonBody: true, metadata: undefined };
  const record = { ...RECORD, value: Buffer.from('{"a":') };
  expect(kafkaEvent(record, settings, driverRecorder().context)).toMatchObject({ ok: false });
});

test('a trace that came with a record goes on', () => {
  const settings = { brokers: ['b1:9092'] as const, jsonBody: true, metadata: undefined };
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const record: KafkaRecord = { ...RECORD, headers: [['traceparent', traceparent]] };
  const event = unwrap(kafkaEvent(record, settings, driverRecorder().context));
  expect(event.traceparent).toBe(traceparent);
});

test('ranges of partitions differ by one at the most, and each partition has one reader', () => {
  for (const [count, readers] of [
    [3, 2],
    [7, 5],
    [1, 3],
    [6, 3],
  ] as const) {
    const ids = Array.from({ length: readers }, (_, index) => `m${index}`);
    const members = new Map(ids.map((id) => [id, { memberId: id, version: 1, topics: ['t'] }]));
    const topics = new Map([['t', { partitionsCount: count }]]);
    const metadata = { topics } as unknown as ClusterMetadata;
    const shares = assignRanges('m0', members, new Set(['t']), metadata).map(
      ({ assignments }) => assignments.get('t')?.partitions ?? [],
    );
    expect(shares.flat()).toEqual(Array.from({ length: count }, (_, index) => index));
    const sizes = shares.map((share) => share.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  }
});

test('limitEventsPerSecond spreads events evenly, and a stop does not wait for a turn', async () => {
  const pacer = createPacer(20);
  const { signal } = new AbortController();
  const startedMs = performance.now();
  for (let count = 0; count < 4; count += 1) expect(await pacer.turn(signal)).toBe(true);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(140);
  const slow = createPacer(0.01);
  const stopping = new AbortController();
  await slow.turn(stopping.signal);
  const waiting = slow.turn(stopping.signal);
  stopping.abort();
  expect(await waiting).toBe(false);
});

test('progress is kept by one save at a time, of the newest positions', async () => {
  const saves: Positions[] = [];
  const busy = Promise.withResolvers<void>();
  const progress = createProgress(
    (positions) => {
      saves.push(positions);
      return saves.length === 1 ? busy.promise : Promise.resolve();
    },
    (error) => expect.unreachable(String(error)),
  );
  progress.reached(0, 1n);
  progress.reached(0, 2n);
  await eventually(() => saves.length === 1);
  progress.reached(0, 3n);
  progress.reached(1, 9n);
  busy.resolve();
  await progress.flush();
  expect(saves.map((positions) => Array.from(positions))).toEqual([
    [[0, 2n]],
    [
      [0, 3n],
      [1, 9n],
    ],
  ]);
});

test('progress that failed to be kept is told, and dropped progress is never kept', async () => {
  const failures: unknown[] = [];
  let saves = 0;
  const progress = createProgress(
    () => Promise.reject(new Error(`no ${(saves += 1)}`)),
    (error) => failures.push(error),
  );
  progress.reached(0, 1n);
  await eventually(() => failures.length === 1);
  progress.reached(0, 2n);
  await progress.drop();
  await progress.flush();
  expect(saves).toBe(1);
});
