// Covers the AMQP source against a real RabbitMQ: declarations, credentials, TLS, order, what is acknowledged
// and when, dead letters, a broker that is killed. Skipped, and it says so, where RabbitMQ is not installed.
// Leaves out the settings' own rules (amqp.test.ts).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import { eventually, freePort, tellSkipped, testCertificate } from '@argosy/testkit';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { driverRecorder, emittedData } from '../../testing/driver-recorder.ts';
import { dataOf, startHarness } from '../../testing/harness.ts';
import type { DriverContext, RunningDriver } from '../driver.ts';
import { createAmqpDriver } from './driver.ts';
import { rabbitVersion, startRabbit, type Rabbit } from './testing/rabbitmq.ts';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const WITHIN = { timeoutMs: 60_000, intervalMs: 50 };
const version = rabbitVersion();
const SUITE = `source amqp, against RabbitMQ ${version ?? ''}`.trim();
if (version === undefined) tellSkipped(SUITE, 'install it with .ci/servers/rabbitmq.sh');

describe.skipIf(version === undefined)(SUITE, { timeout: TEST_TIMEOUT_MS }, () => {
  let rabbit: Rabbit;
  let files: string;
  let tlsPort: number;
  let certificate: string;

  beforeAll(async () => {
    const made = await testCertificate(['localhost', '127.0.0.1']);
    certificate = made.cert;
    files = await mkdtemp(join(tmpdir(), 'argosy-amqp-'));
    await writeFile(join(files, 'cert.pem'), made.cert);
    await writeFile(join(files, 'key.pem'), made.key);
    tlsPort = await freePort();
    rabbit = await startRabbit([
      `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
      `ssl_options.certfile = ${join(files, 'cert.pem')}`,
      `ssl_options.keyfile = ${join(files, 'key.pem')}`,
      'ssl_options.verify = verify_none',
    ]);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await rabbit[Symbol.asyncDispose]();
    await rm(files, { recursive: true, force: true });
  });

  test('a message is an event, from a queue that the source declares with credentials of a Secret', async () => {
    await using harness = await startHarness();
    await harness.apply('Secret', 'rabbit', {
      stringData: { url: rabbit.url, user: 'guest', password: 'guest' },
    });
    await harness.apply('EventSource', 'shop', {
      spec: {
        amqp: {
          orders: {
            urlSecret: { name: 'rabbit', key: 'url' },
            exchangeName: 'orders',
            exchangeType: 'topic',
            routingKey: 'new.#',
            jsonBody: true,
            auth: {
              username: { name: 'rabbit', key: 'user' },
              password: { name: 'rabbit', key: 'password' },
            },
          },
        },
      },
    });
    await eventually(
      async () => expect(await harness.condition('shop', 'Deployed')).toBe(''),
      WITHIN,
    );
    await publishing(rabbit, async (channel) => {
      // It is bound a moment after the connection is there.
      await eventually(async () => {
        channel.publish('orders', 'old.one', Buffer.from('{}'));
        channel.publish('orders', 'new.one', Buffer.from('{"n":1}'), { messageId: 'm1' });
        await channel.waitForConfirms();
        expect((await harness.events()).length).toBe(1);
      }, WITHIN);
    });
    const [event] = await harness.events();
    expect(event?.event).toMatchObject({ type: 'amqp', source: 'shop', subject: 'orders' });
    expect(dataOf(event)).toMatchObject({
      exchange: 'orders',
      routingKey: 'new.one',
      messageId: 'm1',
      body: { n: 1 },
    });
  });

  test('wrong credentials and an authority that is not trusted are told, and TLS works with a right one', async () => {
    const recorder = driverRecorder({ 'tls/ca': certificate, 'login/user': 'guest' });
    const driver = createAmqpDriver();
    const secure = { ...SETTINGS, url: `amqps://localhost:${tlsPort}` };
    const untrusted = await driver.start(secure, recorder.context);
    expect(JSON.stringify(untrusted.health())).toMatch(/certificate/);
    await untrusted.stop();
    const selector = { name: 'login', key: 'user' };
    const refused = await driver.start(
      { ...SETTINGS, url: rabbit.url.replace('//', '//guest:wrong@') },
      recorder.context,
    );
    expect(JSON.stringify(refused.health())).toMatch(/ACCESS_REFUSED/);
    expect(JSON.stringify(refused.health())).not.toContain('wrong@');
    await refused.stop();
    const trusted = await driver.start(
      {
        ...secure,
        tls: { caCertSecret: { name: 'tls', key: 'ca' } },
        auth: { username: selector, password: selector },
      },
      recorder.context,
    );
    expect(trusted.health()).toEqual({ kind: 'Healthy' });
    await trusted.stop();
  });

  test('messages are stored in their order and acknowledged after that, also with autoAck', async () => {
    const recorder = driverRecorder();
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const context: DriverContext = {
      ...recorder.context,
      async emit(event) {
        await gate;
        return recorder.context.emit(event);
      },
    };
    const queue = 'ordered';
    const running = await started(
      { url: rabbit.url, queueDeclare: { name: queue, durable: true }, consume: { autoAck: true } },
      context,
    );
    await publishing(rabbit, async (channel) => {
      for (let n = 0; n < 300; n += 1) channel.publish('e', 'r', Buffer.from(`{"n":${n}}`));
      await channel.waitForConfirms();
      // Nothing is stored, so the broker still has to answer for all of them.
      expect(recorder.emitted).toEqual([]);
      release();
      await eventually(() => recorder.emitted.length === 300, WITHIN);
      await running.stop();
      expect((await channel.checkQueue(queue)).messageCount).toBe(0);
    });
    const numbers = emittedData(recorder).map(({ body }) => (body as { n: number }).n);
    expect(numbers).toEqual(Array.from({ length: 300 }, (_, n) => n));
  });

  test('what the bus does not take is in the queue again after a stop, and delivered anew', async () => {
    const recorder = driverRecorder();
    recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
    const queue = 'waiting';
    const settings = { url: rabbit.url, queueDeclare: { name: queue, durable: true } };
    const first = await started(settings, recorder.context);
    await publishing(rabbit, async (channel) => {
      channel.publish('e', 'r', Buffer.from('{"n":1}'), { messageId: 'a' });
      channel.publish('e', 'r', Buffer.from('{"n":2}'), { messageId: 'b' });
      await channel.waitForConfirms();
      await eventually(() => first.health().kind === 'Failing', WITHIN);
      await first.stop();
      expect((await channel.checkQueue(queue)).messageCount).toBe(2);
      recorder.failure = undefined;
      const second = await started(settings, recorder.context);
      await eventually(() => recorder.emitted.length === 2, WITHIN);
      await second.stop();
      expect((await channel.checkQueue(queue)).messageCount).toBe(0);
    });
    expect(emittedData(recorder).map(({ messageId }) => messageId)).toEqual(['a', 'b']);
  });

  test('a message that is no JSON goes to the dead letters of its queue and is counted', async () => {
    const recorder = driverRecorder();
    await publishing(rabbit, async (channel) => {
      await channel.assertQueue('dead', { durable: true });
      const running = await started(
        {
          url: rabbit.url,
          queueDeclare: {
            name: 'strict',
            durable: true,
            arguments: 'x-dead-letter-exchange: ""\nx-dead-letter-routing-key: dead',
          },
        },
        recorder.context,
      );
      channel.publish('e', 'r', Buffer.from('no json'));
      channel.publish('e', 'r', Buffer.from('{"n":1}'));
      await eventually(async () => {
        expect((await channel.checkQueue('dead')).messageCount).toBe(1);
        expect(recorder.emitted.length).toBe(1);
      }, WITHIN);
      expect(recorder.refusals).toBe(1);
      await running.stop();
    });
  });

  test('a broker that is killed is told by the health, and the source goes on by itself when it is back', async () => {
    const recorder = driverRecorder();
    const running = await started(
      {
        url: rabbit.url,
        exchangeDeclare: { durable: true },
        queueDeclare: { name: 'lasting', durable: true },
      },
      recorder.context,
    );
    await publishing(rabbit, async (channel) => {
      channel.publish('e', 'r', Buffer.from('{"n":1}'), { messageId: 'a', persistent: true });
      await eventually(() => recorder.emitted.length === 1, WITHIN);
    });
    await rabbit.kill();
    await eventually(() => running.health().kind === 'Failing', WITHIN);
    await rabbit.start();
    await eventually(() => running.health().kind === 'Healthy', WITHIN);
    await publishing(rabbit, async (channel) => {
      channel.publish('e', 'r', Buffer.from('{"n":2}'), { messageId: 'b', persistent: true });
      await eventually(() => recorder.emitted.length === 2, WITHIN);
      await running.stop();
      expect((await channel.checkQueue('lasting')).messageCount).toBe(0);
    });
    expect(emittedData(recorder).map(({ messageId }) => messageId)).toEqual(['a', 'b']);
  });
});

const SETTINGS = {
  exchangeName: 'e',
  exchangeType: 'fanout',
  routingKey: 'r',
  jsonBody: true,
};

/** A source that is connected, with `consume` present as users write it. */
async function started(settings: object, context: DriverContext): Promise<RunningDriver> {
  const consume = { autoAck: false };
  const running = await createAmqpDriver().start({ ...SETTINGS, consume, ...settings }, context);
  await eventually(() => expect(running.health()).toEqual({ kind: 'Healthy' }), WITHIN);
  return running;
}

async function publishing(
  rabbit: Rabbit,
  work: (channel: ConfirmChannel) => Promise<void>,
): Promise<void> {
  const model: ChannelModel = await connect(rabbit.url);
  try {
    const channel = await model.createConfirmChannel();
    await work(channel);
  } finally {
    await model.close();
  }
}
