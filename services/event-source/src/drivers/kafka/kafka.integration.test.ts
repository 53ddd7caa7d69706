// Covers the Kafka source against a real broker: TLS and users, order, what is committed and when, groups of
// several readers, kills (-9) of the source and of the broker, partitions without a group, transactions,
// records that were deleted. Skipped, and it says so, where Kafka is not installed. Leaves out the settings'
// own rules (kafka.test.ts).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  eventually,
  startTestKafka,
  tellSkipped,
  TEST_KAFKA_NAME,
  temporaryDirectory,
  testCertificate,
  testKafkaJars,
  type TestKafka,
} from '@argosy/testkit';
import { Admin, Producer, stringSerializers } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { driverRecorder, emittedData, type DriverRecorder } from '../../testing/driver-recorder.ts';
import { dataOf, startHarness } from '../../testing/harness.ts';
import type { RunningDriver } from '../driver.ts';
import { createKafkaDriver } from './driver.ts';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 240_000;
const WITHIN = { timeoutMs: 110_000, intervalMs: 100 };
const SUITE = `source kafka, against ${TEST_KAFKA_NAME}`;
const USER = { name: 'alice', password: 'hunter2' };
const isMissing = testKafkaJars() === undefined;
if (isMissing) tellSkipped(SUITE, 'install it with .ci/servers/kafka.sh');

describe.skipIf(isMissing)(SUITE, { timeout: TEST_TIMEOUT_MS }, () => {
  let kafka: TestKafka;
  let authority: string;
  let admin: Admin;
  let topicCount = 0;

  beforeAll(async () => {
    const certificate = await testCertificate(['127.0.0.1']);
    authority = certificate.cert;
    kafka = await startTestKafka({ user: USER, certificate });
    admin = new Admin({ clientId: 'test', bootstrapBrokers: [kafka.url], retries: 5 });
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await admin.close();
    await kafka[Symbol.asyncDispose]();
  });

  async function newTopic(partitions: number): Promise<string> {
    const topic = `orders-${(topicCount += 1)}`;
    await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
    return topic;
  }

  /** Sends records with the numbers from `from` up to `to`, spread over the partitions. */
  async function send(topic: string, from: number, to: number, partitions = 1): Promise<void> {
    const producer = new Producer({
      clientId: 'test',
      bootstrapBrokers: [kafka.url],
      serializers: stringSerializers,
    });
    try {
      const messages = Array.from({ length: to - from }, (_, index) => ({
        topic,
        partition: (from + index) % partitions,
        key: `k${from + index}`,
        value: JSON.stringify({ n: from + index }),
      }));
      await producer.send({ messages, acks: -1 });
    } finally {
      await producer.close();
    }
  }

  function start(settings: object, recorder: DriverRecorder): Promise<RunningDriver> {
    return createKafkaDriver(500).start({ url: kafka.url, ...settings }, recorder.context);
  }

  test('a record is an event, read with TLS and the user of a Secret, and a wrong password is told', async () => {
    const topic = await newTopic(1);
    await using harness = await startHarness();
    const stringData = { ca: authority, user: USER.name, password: 'wrong' };
    await harness.apply('Secret', 'kafka', { stringData });
    const selected = (key: string): object => ({ name: 'kafka', key });
    const orders = {
      url: kafka.secureUrl,
      topic,
      jsonBody: true,
      consumerGroup: { groupName: 'secure', oldest: true },
      tls: { caCertSecret: selected('ca') },
      sasl: {
        mechanism: 'SCRAM-SHA-256',
        userSecret: selected('user'),
        passwordSecret: selected('password'),
      },
      connectionBackoff: { duration: '500ms', factor: 1 },
    };
    await harness.apply('EventSource', 'shop', { spec: { kafka: { orders } } });
    await eventually(async () => {
      const message = await harness.condition('shop', 'Deployed');
      expect(message).toMatch(/cannot reach topic .*authentication/i);
      expect(message).not.toContain('wrong');
    }, WITHIN);
    await harness.apply('Secret', 'kafka', {
      stringData: { ...stringData, password: USER.password },
    });
    await send(topic, 0, 2);
    await eventually(async () => expect((await harness.events()).length).toBe(2), WITHIN);
    const [first] = await harness.events();
    expect(first?.event.id).toBe(`shop:orders:${kafka.secureUrl}:${topic}:0:0`);
    expect(dataOf(first)).toMatchObject({ topic, key: 'k0', partition: 0, body: { n: 0 } });
    await eventually(
      async () => expect(await harness.condition('shop', 'Deployed')).toBe(''),
      WITHIN,
    );
  });

  test('PLAIN is spoken too', async () => {
    const topic = await newTopic(1);
    const recorder = driverRecorder({ 'k/u': USER.name, 'k/p': USER.password, 'k/ca': authority });
    const selected = (key: string): object => ({ name: 'k', key });
    const running = await start(
      {
        url: kafka.secureUrl,
        topic,
        consumerGroup: { groupName: 'plain', oldest: true },
        tls: { caCertSecret: selected('ca') },
        sasl: { userSecret: selected('u'), passwordSecret: selected('p') },
      },
      recorder,
    );
    await send(topic, 0, 1);
    await eventually(() => recorder.emitted.length === 1, WITHIN);
    await running.stop();
  });

  test('an offset is committed after its event is stored: what was not stored comes again', async () => {
    const topic = await newTopic(1);
    const settings = { topic, jsonBody: true, consumerGroup: { groupName: 'late', oldest: true } };
    const first = driverRecorder();
    const stuck: string[] = [];
    const context = {
      ...first.context,
      async emit(event: Parameters<typeof first.context.emit>[0]) {
        if (first.emitted.length < 3) return first.context.emit(event);
        stuck.push(event.id ?? '');
        throw new Error('the bus is away');
      },
    };
    await send(topic, 0, 6);
    const running = await createKafkaDriver().start({ url: kafka.url, ...settings }, context);
    await eventually(() => stuck.length > 1, WITHIN);
    expect(running.health()).toMatchObject({ kind: 'Failing' });
    await running.stop();
    const second = driverRecorder();
    const again = await start(settings, second);
    await eventually(() => second.emitted.length === 3, WITHIN);
    await again.stop();
    expect(emittedData(second).map(({ body }) => body)).toEqual([{ n: 3 }, { n: 4 }, { n: 5 }]);
    expect(second.emitted[0]?.id).toBe(stuck[0]);
  });

  test('a group that begins with the newest misses nothing once it has begun', async () => {
    const topic = await newTopic(1);
    const settings = { topic, jsonBody: true, consumerGroup: { groupName: 'newest' } };
    await send(topic, 0, 2);
    const first = driverRecorder();
    const running = await start(settings, first);
    // Its start is committed before anything was read.
    await eventually(async () => {
      const groups = await admin.listConsumerGroupOffsets({ groups: ['newest'] });
      expect(groups[0]?.topics[0]?.partitions[0]?.committedOffset).toBe(2n);
    }, WITHIN);
    await running.stop();
    expect(first.emitted).toEqual([]);
    await send(topic, 2, 4);
    const second = driverRecorder();
    const again = await start(settings, second);
    await eventually(() => second.emitted.length === 2, WITHIN);
    await again.stop();
    expect(emittedData(second).map(({ body }) => body)).toEqual([{ n: 2 }, { n: 3 }]);
  });

  test('what cannot be an event is refused and does not hold up what follows', async () => {
    const topic = await newTopic(1);
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: [kafka.url] });
    const bytes = (text: string): Buffer => Buffer.from(text);
    await producer.send({ messages: [{ topic, value: bytes('no JSON') }], acks: -1 });
    await producer.send({ messages: [{ topic, value: bytes('{"n":1}') }], acks: -1 });
    await producer.close();
    const recorder = driverRecorder();
    const consumerGroup = { groupName: 'refused', oldest: true };
    const running = await start({ topic, jsonBody: true, consumerGroup }, recorder);
    await eventually(() => recorder.emitted.length === 1, WITHIN);
    await running.stop();
    expect(recorder.refusals).toBe(1);
  });

  test.for(['range', 'roundrobin', 'sticky'])(
    'two replicas share a group by %s, and one takes over from the other',
    async (rebalanceStrategy) => {
      const topic = await newTopic(4);
      const consumerGroup = {
        groupName: `shared-${rebalanceStrategy}`,
        oldest: true,
        rebalanceStrategy,
      };
      const [left, right] = [driverRecorder(), driverRecorder()];
      const leftRunning = await start({ topic, consumerGroup }, left);
      const rightRunning = await start({ topic, consumerGroup }, right);
      let sent = 0;
      // Sharing takes a moment; each round says whether both take part already.
      await eventually(async () => {
        const before = [left.emitted.length, right.emitted.length];
        await send(topic, sent, (sent += 8), 4);
        await eventually(() => ids(left, right).size === sent, { timeoutMs: 20_000 });
        expect(left.emitted.length).toBeGreaterThan(before[0] ?? 0);
        expect(right.emitted.length).toBeGreaterThan(before[1] ?? 0);
      }, WITHIN);
      await leftRunning.stop();
      await send(topic, sent, (sent += 8), 4);
      await eventually(() => ids(left, right).size === sent, WITHIN);
      await rightRunning.stop();
    },
  );

  test('a source that is killed (-9) again and again stores every record, in the order of each partition', async () => {
    const topic = await newTopic(3);
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'ids');
    await writeFile(file, '');
    const consumerGroup = { groupName: 'killed', oldest: true };
    const settings = JSON.stringify({ url: kafka.url, topic, consumerGroup });
    const script = join(import.meta.dirname, 'testing', 'reader-process.ts');
    const records = 3_000;
    await send(topic, 0, records, 3);
    const lines = async (): Promise<string[]> =>
      (await readFile(file, 'utf8')).split('\n').slice(0, -1);
    for (let kill = 1; kill <= 3; kill += 1) {
      const child = spawn(process.execPath, [script, settings, file], { stdio: 'ignore' });
      const goal = kill === 3 ? records : kill * 500;
      await eventually(
        async () => expect(new Set(await lines()).size).toBeGreaterThanOrEqual(goal),
        WITHIN,
      );
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const seen = await lines();
    expect(new Set(seen).size).toBe(records);
    for (const partition of [0, 1, 2]) {
      const offsets = seen
        .map((id) => id.split(':').map(Number))
        .filter((parts) => parts.at(-2) === partition)
        .map((parts) => parts.at(-1) ?? -1);
      // Each is the first one, a repetition, or the next one of its partition.
      const firsts = offsets.filter((offset, index) => offsets.indexOf(offset) === index);
      expect(firsts).toEqual(Array.from({ length: records / 3 }, (_, index) => index));
    }
  });

  test('a broker that is killed (-9) is waited for, and the health says so meanwhile', async () => {
    const topic = await newTopic(1);
    const recorder = driverRecorder();
    const consumerGroup = { groupName: 'restarted', oldest: true };
    const running = await start({ topic, consumerGroup }, recorder);
    await send(topic, 0, 2);
    await eventually(() => recorder.emitted.length === 2, WITHIN);
    await kafka.kill();
    await eventually(() => running.health().kind === 'Failing', WITHIN);
    await kafka.start();
    await eventually(() => send(topic, 2, 4), WITHIN);
    await eventually(() => recorder.emitted.length === 4, WITHIN);
    await eventually(() => running.health().kind === 'Healthy', WITHIN);
    await running.stop();
  });

  test('a partition without a group goes on where it stopped, and begins with the newest', async () => {
    const topic = await newTopic(2);
    await send(topic, 0, 4, 2);
    const recorder = driverRecorder();
    const settings = { topic, partition: '1', jsonBody: true };
    const running = await start(settings, recorder);
    await eventually(() => recorder.checkpoint !== undefined, WITHIN);
    await send(topic, 4, 6, 2);
    await eventually(() => recorder.emitted.length === 1, WITHIN);
    await running.stop();
    await send(topic, 6, 10, 2);
    const again = await start(settings, recorder);
    await eventually(() => recorder.emitted.length === 3, WITHIN);
    await again.stop();
    expect(emittedData(recorder).map(({ body }) => body)).toEqual([{ n: 5 }, { n: 7 }, { n: 9 }]);
  });

  test('records of a transaction that was given up are no events', async () => {
    const topic = await newTopic(1);
    const producer = new Producer({
      clientId: 'test',
      bootstrapBrokers: [kafka.url],
      serializers: stringSerializers,
      idempotent: true,
      transactionalId: 'orders',
    });
    for (const [value, isKept] of [
      ['"a"', false],
      ['"b"', true],
      ['"c"', false],
      ['"d"', true],
    ] as const) {
      const transaction = await producer.beginTransaction();
      await transaction.send({ messages: [{ topic, value }] });
      await (isKept ? transaction.commit() : transaction.abort());
    }
    await producer.close();
    const recorder = driverRecorder();
    const consumerGroup = { groupName: 'transactions', oldest: true };
    const running = await start({ topic, jsonBody: true, consumerGroup }, recorder);
    await send(topic, 9, 10);
    await eventually(() => recorder.emitted.length >= 3, WITHIN);
    await running.stop();
    expect(emittedData(recorder).map(({ body }) => body)).toEqual(['b', 'd', { n: 9 }]);
  });

  test('records that were deleted before they were read are passed over', async () => {
    const topic = await newTopic(1);
    const settings = { topic, jsonBody: true, consumerGroup: { groupName: 'gone', oldest: true } };
    const recorder = driverRecorder();
    const running = await start(settings, recorder);
    await send(topic, 0, 2);
    await eventually(() => recorder.emitted.length === 2, WITHIN);
    await running.stop();
    await send(topic, 2, 6);
    await admin.deleteRecords({
      topics: [{ name: topic, partitions: [{ partition: 0, offset: 4n }] }],
    });
    const again = await start(settings, recorder);
    await eventually(() => recorder.emitted.length === 4, WITHIN);
    await again.stop();
    expect(emittedData(recorder).map(({ body }) => body)).toEqual([0, 1, 4, 5].map((n) => ({ n })));
  });

  test('partitions that are added are read, from their first record', async () => {
    const topic = await newTopic(1);
    const recorder = driverRecorder();
    const consumerGroup = { groupName: 'grown', oldest: true };
    const running = await start({ topic, consumerGroup }, recorder);
    await send(topic, 0, 1);
    await eventually(() => recorder.emitted.length === 1, WITHIN);
    await admin.createPartitions({ topics: [{ name: topic, count: 3, assignments: null }] });
    await eventually(() => send(topic, 1, 7, 3), WITHIN);
    await eventually(() => recorder.emitted.length === 7, WITHIN);
    await running.stop();
  });
});

function ids(...recorders: readonly DriverRecorder[]): ReadonlySet<string | undefined> {
  return new Set(recorders.flatMap(({ emitted }) => emitted.map(({ id }) => id)));
}
