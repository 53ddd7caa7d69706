// Covers the pulsar trigger against a real broker: what arrives, partitions, TLS and tokens, a topic that the broker
// does not take, a broker that was killed. Skipped, and it says so, where Pulsar is not installed. Leaves out the
// settings' own rules (pulsar.test.ts).
import {
  createPulsarClient,
  subscribe,
  type PulsarClient,
  type PulsarMessage,
} from '@argosy/pulsar';
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
import { environmentWith, runTrigger, TRACEPARENT } from '../testing/trigger-call.ts';
import { createPulsarTrigger } from './pulsar.ts';

const START_TIMEOUT_MS = 150_000;
const TEST_TIMEOUT_MS = 150_000;
const WITHIN = { timeoutMs: 90_000, intervalMs: 200 };
const SUITE = `trigger pulsar, against ${TEST_PULSAR_NAME}`;
const isMissing = testPulsarJars() === undefined;
if (isMissing) tellSkipped(SUITE, 'install it with .ci/servers/pulsar.sh');

describe.skipIf(isMissing)(SUITE, { timeout: TEST_TIMEOUT_MS }, () => {
  let pulsar: TestPulsar;
  let authority: string;
  let client: PulsarClient;
  const trigger = createPulsarTrigger();

  beforeAll(async () => {
    const certificate = await testCertificate(['127.0.0.1']);
    authority = certificate.cert;
    pulsar = await startTestPulsar(certificate);
    client = createPulsarClient(pulsar.url, { token: pulsar.token });
    // It listens before it has its first namespace.
    await eventually(() => listenTo('warm'), WITHIN);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await trigger.close?.();
    client?.close();
    await pulsar?.[Symbol.asyncDispose]();
  });

  const environment = (token = pulsar.token): ReturnType<typeof environmentWith> =>
    environmentWith({ 'pulsar/token': token, 'pulsar/ca': authority });
  function run(changes: object, token?: string): ReturnType<typeof runTrigger> {
    const authTokenSecret = { name: 'pulsar', key: 'token' };
    const settings = { url: pulsar.url, authTokenSecret, payload: [['n', '1']], ...changes };
    return runTrigger(trigger, settings, { environment: environment(token) });
  }
  /** What comes from now on. */
  async function listenTo(name: string): Promise<readonly PulsarMessage[]> {
    const found: PulsarMessage[] = [];
    await subscribe(client, {
      topic: `persistent://public/default/${name}`,
      subscription: 'test',
      type: 'Exclusive',
      consumerName: 'test',
      take(entry) {
        if (entry.messages.ok) found.push(...entry.messages.value);
        return Promise.resolve(true);
      },
    });
    return found;
  }

  test('a message arrives with its payload, its trace and the id of its firing', async () => {
    const found = await listenTo('orders');
    const sinceMs = Date.now();
    expect(await run({ topic: 'orders', payload: [['order', 'ü']] })).toEqual({ kind: 'Done' });
    expect(await run({ topic: 'orders', payload: [['order', '2']] })).toEqual({ kind: 'Done' });
    await eventually(() => found.length === 2, WITHIN);
    const bodies = found.map(({ payload }) => new TextDecoder().decode(payload));
    expect(bodies).toEqual(['{"order":"ü"}', '{"order":"2"}']);
    expect(found[0]?.properties).toEqual({ traceparent: TRACEPARENT, 'idempotency-key': 'f1' });
    expect(found[0]?.publishTimeMs).toBeGreaterThanOrEqual(sinceMs);
  });

  test('the partitions of a topic are sent to in turn', async () => {
    const answer = await fetch(
      `${pulsar.adminUrl}/admin/v2/persistent/public/default/p/partitions`,
      {
        method: 'PUT',
        headers: { Authorization: `Bearer ${pulsar.token}`, 'Content-Type': 'application/json' },
        body: '2',
      },
    );
    expect(answer.status).toBe(204);
    const partitions = [await listenTo('p-partition-0'), await listenTo('p-partition-1')];
    for (let count = 0; count < 4; count += 1) {
      expect(await run({ topic: 'p' })).toEqual({ kind: 'Done' });
    }
    await eventually(() => partitions.every(({ length }) => length === 2), WITHIN);
  });

  test('TLS is spoken, and a wrong token is a failed attempt that does not tell it', async () => {
    const tlsTrustCertsSecret = { name: 'pulsar', key: 'ca' };
    const settings = { url: pulsar.secureUrl, topic: 'secure', tlsTrustCertsSecret };
    expect(await run(settings)).toEqual({ kind: 'Done' });
    const untrusting = await run({ url: pulsar.secureUrl, topic: 'secure' });
    expect(untrusting).toMatchObject({ reason: expect.stringContaining('certificate') });
    const wrong = `${pulsar.token.slice(0, -8)}AAAAAAAA`;
    const refused = await run(settings, wrong);
    expect(refused).toMatchObject({ kind: 'Failed', reason: expect.stringContaining('token') });
    expect(JSON.stringify(refused)).not.toContain(wrong);
  });

  test('what the broker does not take is a failed attempt', async () => {
    expect(await run({ topic: 'nobody/nowhere/t' })).toMatchObject({ kind: 'Failed' });
  });

  test('a broker that was killed (-9) fails the attempts until it is there again', async () => {
    expect(await run({ topic: 'later' })).toEqual({ kind: 'Done' });
    await pulsar.kill();
    expect(await run({ topic: 'later' })).toMatchObject({ kind: 'Failed' });
    await pulsar.start();
    await eventually(
      async () => expect(await run({ topic: 'later' })).toEqual({ kind: 'Done' }),
      WITHIN,
    );
  });
});
