// Covers the source against the server that Google's Go client is tested with: topic and subscription are made
// or taken, a message becomes an event and is acknowledged, a bus that is away, a subscription of another topic,
// its deletion. Skipped, and it says so, where that server is not built (.ci/servers/pubsub.sh). Leaves out
// credentials, which that server does not ask for.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import {
  eventually,
  freePort,
  startServerProcess,
  tellSkipped,
  type ServerProcess,
} from '@argosy/testkit';
import { PubSub } from '@google-cloud/pubsub';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { driverRecorder, emittedData } from '../../testing/driver-recorder.ts';
import { createPubSubDriver } from './driver.ts';

const WITHIN = { timeoutMs: 15_000 };
const VERSION = 'v1.49.0';
const servers = process.env['ARGOSY_SERVERS'] ?? join(homedir(), '.cache/argosy/servers');
const program = join(servers, `pubsub-${VERSION}`, 'pubsub-server');
const title = `source pubSub, against pstest of cloud.google.com/go/pubsub ${VERSION}`;
if (!existsSync(program)) tellSkipped(title, 'run .ci/servers/pubsub.sh');

describe.skipIf(!existsSync(program))(title, () => {
  let server: ServerProcess;
  let client: PubSub;

  beforeAll(async () => {
    const port = await freePort();
    server = await startServerProcess({ command: program, args: [String(port)], port });
    vi.stubEnv('PUBSUB_EMULATOR_HOST', `127.0.0.1:${port}`);
    client = new PubSub({ projectId: 'shop' });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await client.close();
    await server.stop();
  });

  test('topic and subscription are made, a message becomes an event and is acknowledged', async () => {
    const recorder = driverRecorder();
    const settings = { projectID: 'shop', topic: 'orders', metadata: { team: 'x' } };
    const running = await createPubSubDriver().start(settings, recorder.context);
    expect(running.health()).toEqual({ kind: 'Healthy' });
    const id = await client
      .topic('orders')
      .publishMessage({ data: Buffer.from('hello'), attributes: { colour: 'blue' } });
    await eventually(() => recorder.emitted.length === 1, WITHIN);
    expect(emittedData(recorder)[0]).toEqual({
      id,
      body: 'aGVsbG8=',
      attributes: { colour: 'blue' },
      publishTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.* \+0000 UTC$/),
      metadata: { team: 'x' },
    });
    await running.stop();
    // What was acknowledged does not come again, and what came meanwhile is there at the next start.
    await client.topic('orders').publishMessage({ data: Buffer.from('later') });
    const again = await createPubSubDriver().start(settings, recorder.context);
    await eventually(() => recorder.emitted.length === 2, WITHIN);
    await again.stop('Removed');
    expect(emittedData(recorder)[1]).toMatchObject({ body: 'bGF0ZXI=' });
    const [left] = await client.topic('orders').getSubscriptions();
    expect(left).toHaveLength(1);
  });

  test('a subscription that is there is taken; a message waits for a bus that is away', async () => {
    const recorder = driverRecorder();
    const [topic] = await client.createTopic('parcels');
    await topic.createSubscription('taken');
    recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
    const settings = { projectID: 'shop', subscriptionID: 'taken', jsonBody: true };
    const running = await createPubSubDriver().start(settings, recorder.context);
    for (const number of [1, 2]) await topic.publishMessage({ json: { number } });
    await eventually(() => running.health().kind === 'Failing', WITHIN);
    recorder.failure = undefined;
    await eventually(() => recorder.emitted.length === 2, WITHIN);
    expect(emittedData(recorder).map(({ body }) => body)).toEqual(
      expect.arrayContaining([{ number: 1 }, { number: 2 }]),
    );
    await running.stop();
  });

  test('a subscription of another topic is refused in words', async () => {
    const recorder = driverRecorder();
    const [topic] = await client.createTopic('letters');
    await topic.createSubscription('of-letters');
    const settings = { projectID: 'shop', topic: 'stamps', subscriptionID: 'of-letters' };
    const running = await createPubSubDriver().start(settings, recorder.context);
    expect(JSON.stringify(running.health())).toContain('belongs to projects/shop/topics/letters');
    await running.stop();
  });

  test('the subscription goes with the event when deleteSubscriptionOnFinish says so', async () => {
    const recorder = driverRecorder();
    const settings = { projectID: 'shop', topic: 'notes', deleteSubscriptionOnFinish: true };
    const subscriptions = async (): Promise<number> =>
      (await client.topic('notes').getSubscriptions())[0].length;
    const first = await createPubSubDriver().start(settings, recorder.context);
    await first.stop('Shutdown');
    expect(await subscriptions()).toBe(1);
    const second = await createPubSubDriver().start(settings, recorder.context);
    await second.stop('Removed');
    expect(await subscriptions()).toBe(0);
  });
});

test('settings that are wrong are told by field', () => {
  expect(createPubSubDriver().problems({ credentialsFile: '/key.json' })).toEqual([
    'topic or subscriptionID must be set; with a topic a subscription is made',
    'credentialsFile is not supported here; put it into a Secret: credentialSecret',
  ]);
});
