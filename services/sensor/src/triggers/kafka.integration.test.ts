// Covers the Kafka trigger against a real broker: what arrives, the partition of a key, compression, TLS and
// users, a topic that is not there, a broker that was killed. Skipped, and it says so, where Kafka is not
// installed. Leaves out the settings' own rules (kafka.test.ts).
import {
  eventually,
  startTestKafka,
  tellSkipped,
  TEST_KAFKA_NAME,
  testCertificate,
  testKafkaJars,
  type TestKafka,
} from '@argosy/testkit';
import { Admin, Consumer, stringDeserializers } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environmentWith, runTrigger, TRACEPARENT } from '../testing/trigger-call.ts';
import { createKafkaTrigger } from './kafka.ts';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 240_000;
const WITHIN = { timeoutMs: 110_000, intervalMs: 200 };
const SUITE = `trigger kafka, against ${TEST_KAFKA_NAME}`;
const USER = { name: 'alice', password: 'hunter2' };
const isMissing = testKafkaJars() === undefined;
if (isMissing) tellSkipped(SUITE, 'install it with .ci/servers/kafka.sh');

interface Arrived {
  readonly key: string | undefined;
  readonly value: string | undefined;
  readonly partition: number;
  readonly headers: Readonly<Record<string, string>>;
}

describe.skipIf(isMissing)(SUITE, { timeout: TEST_TIMEOUT_MS }, () => {
  let kafka: TestKafka;
  let authority: string;
  const trigger = createKafkaTrigger();

  beforeAll(async () => {
    const certificate = await testCertificate(['127.0.0.1']);
    authority = certificate.cert;
    kafka = await startTestKafka({ user: USER, certificate });
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [kafka.url], retries: 5 });
    await admin.createTopics({ topics: ['keyed', 'secure', 'later'], partitions: 3, replicas: 1 });
    await admin.close();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await trigger.close?.();
    await kafka[Symbol.asyncDispose]();
  });

  /** The first records of a topic. */
  async function arrived(topic: string, count: number): Promise<readonly Arrived[]> {
    const consumer = new Consumer({
      clientId: 'test',
      groupId: `test-${topic}`,
      bootstrapBrokers: [kafka.url],
      deserializers: stringDeserializers,
    });
    const found: Arrived[] = [];
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
    for await (const { headers, key, partition, value } of stream) {
      found.push({ key, value, partition, headers: Object.fromEntries(headers) });
      if (found.length === count) break;
    }
    await consumer.close(true);
    return found;
  }

  test('a record arrives with its key, headers, trace and the id of its firing, and a key keeps its partition', async () => {
    const settings = {
      url: kafka.url,
      topic: 'keyed',
      partitioningKey: 'customer-7',
      headers: { team: 'x' },
      secureHeaders: [
        { name: 'token', valueFrom: { secretKeyRef: { name: 'kafka', key: 'token' } } },
      ],
      payload: [['order', '17']],
    };
    const environment = environmentWith({ 'kafka/token': 't0p' });
    const compressed = { ...settings, compress: true, requiredAcks: -1 };
    for (const [firingId, given] of [
      ['f1', settings],
      ['f2', compressed],
    ] as const) {
      const outcome = await runTrigger(trigger, given, { environment, firingId });
      expect(outcome).toEqual({ kind: 'Done' });
    }
    const records = await arrived('keyed', 2);
    const headers = { team: 'x', token: 't0p', traceparent: TRACEPARENT };
    const common = { key: 'customer-7', value: '{"order":"17"}', partition: records[0]?.partition };
    expect(records).toEqual([
      { ...common, headers: { ...headers, 'idempotency-key': 'f1' } },
      { ...common, headers: { ...headers, 'idempotency-key': 'f2' } },
    ]);
  });

  test('TLS and users are spoken, a wrong password is a failed attempt that does not tell it', async () => {
    const selected = (key: string): object => ({ name: 'kafka', key });
    const settings = {
      url: kafka.secureUrl,
      topic: 'secure',
      partition: 2,
      tls: { caCertSecret: selected('ca') },
      sasl: {
        mechanism: 'SCRAM-SHA-256',
        userSecret: selected('user'),
        passwordSecret: selected('password'),
      },
      payload: [],
    };
    const secrets = { 'kafka/ca': authority, 'kafka/user': USER.name };
    const wrong = environmentWith({ ...secrets, 'kafka/password': 'letmein' });
    const refused = await runTrigger(trigger, settings, { environment: wrong });
    expect(refused).toMatchObject({
      kind: 'Failed',
      reason: expect.stringMatching(/authentication/i),
    });
    expect(JSON.stringify(refused)).not.toContain('letmein');
    const environment = environmentWith({ ...secrets, 'kafka/password': USER.password });
    expect(await runTrigger(trigger, settings, { environment })).toEqual({ kind: 'Done' });
    expect(await arrived('secure', 1)).toMatchObject([{ partition: 2, value: '{}' }]);
  });

  test('what the broker does not take is a failed attempt', async () => {
    const settings = { url: kafka.url, topic: 'nowhere', payload: [] };
    expect(await runTrigger(trigger, settings)).toMatchObject({ kind: 'Failed' });
  });

  test('a broker that was killed (-9) fails the attempts until it is there again', async () => {
    const settings = { url: kafka.url, topic: 'later', payload: [] };
    expect(await runTrigger(trigger, settings)).toEqual({ kind: 'Done' });
    await kafka.kill();
    expect(await runTrigger(trigger, settings)).toMatchObject({ kind: 'Failed' });
    await kafka.start();
    await eventually(
      async () => expect(await runTrigger(trigger, settings)).toEqual({ kind: 'Done' }),
      WITHIN,
    );
    expect((await arrived('later', 2)).length).toBe(2);
  });
});
