// Covers the jetstream source against a real nats-server: where a consumer begins, acknowledgement after the
// event is stored, what is not stored at a stop, a server that is killed, messages that can be no event,
// consumers that cannot be used. Leaves out authentication and TLS (nats.integration.test.ts).
import { STREAMS } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { connectBus, connectOutsideNats } from '@argosy/bus';
import {
  eventually,
  natsServerProgram,
  startTestNats,
  tellSkipped,
  type TestNats,
} from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { driverRecorder, emittedData, type DriverRecorder } from '../../testing/driver-recorder.ts';
import { createJetStreamDriver } from './driver.ts';

const program = await natsServerProgram().catch(() => undefined);
const title = `source jetstream, against nats-server ${program?.version ?? ''}`.trim();
if (program === undefined) tellSkipped(title, 'nats-server cannot be obtained');
const driver = createJetStreamDriver();

const SUBJECT = 'events.default.default.shop';
const WITHIN = { timeoutMs: 30_000 };

interface Stage {
  readonly recorder: DriverRecorder;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Publishes JSON on a subject below SUBJECT. */
  publish(name: string, ...bodies: readonly string[]): Promise<void>;
}

/** A stream on `events.>` and the settings of a source that reads it. */
async function stageOn(nats: TestNats): Promise<Stage> {
  await using bus = await connectBus({ url: nats.url, token: nats.token, name: 'test' });
  await bus.applyTopology();
  return {
    recorder: driverRecorder({ 'nats/token': nats.token }),
    settings: {
      url: nats.url,
      stream: STREAMS.events,
      auth: { token: { name: 'nats', key: 'token' } },
      jsonBody: true,
    },
    async publish(name, ...bodies) {
      const credentials = { kind: 'Token', token: nats.token } as const;
      await using client = await connectOutsideNats({ url: nats.url, name: 'test', credentials });
      for (const body of bodies) {
        await client.publish(`${SUBJECT}.${name}`, new TextEncoder().encode(body), {});
      }
    },
  };
}

function bodiesOf(recorder: DriverRecorder): readonly unknown[] {
  return emittedData(recorder).map((data) => data['body']);
}

describe.skipIf(program === undefined)(title, () => {
  test('a consumer begins with new messages, or with all, and goes on where it was', async () => {
    await using nats = await startTestNats();
    const { recorder, settings, publish } = await stageOn(nats);
    await publish('orders', '1');
    const fresh = await driver.start(
      { ...settings, subject: '*.*.*.shop.orders' },
      recorder.context,
    );
    expect(fresh.health()).toEqual({ kind: 'Healthy' });
    await publish('orders', '2');
    await publish('other', '3');
    await eventually(() => recorder.emitted.length === 1);
    expect(emittedData(recorder)).toEqual([{ subject: `${SUBJECT}.orders`, body: 2 }]);
    await fresh.stop();
    await publish('orders', '4');
    const again = await driver.start(
      { ...settings, subject: '*.*.*.shop.orders' },
      recorder.context,
    );
    await eventually(() => recorder.emitted.length === 2);
    await again.stop();
    expect(bodiesOf(recorder)).toEqual([2, 4]);
    const all = driverRecorder({ 'nats/token': nats.token });
    const whole = { ...settings, durable: 'whole', deliver: 'all' };
    const running = await driver.start(whole, all.context);
    await eventually(() => all.emitted.length === 4);
    await running.stop();
    expect(bodiesOf(all)).toEqual([1, 2, 3, 4]);
  });

  test('what is not stored when the source stops comes again, in its order, and is stored once', async () => {
    await using nats = await startTestNats();
    const { recorder, settings, publish } = await stageOn(nats);
    const running = await driver.start(settings, recorder.context);
    recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
    await publish('orders', '1', '2', '3');
    await eventually(() => JSON.stringify(running.health()).includes('the bus is away'));
    await running.stop();
    expect(recorder.emitted).toEqual([]);
    recorder.failure = undefined;
    const again = await driver.start(settings, recorder.context);
    await eventually(() => recorder.emitted.length === 3, WITHIN);
    expect(bodiesOf(recorder)).toEqual([1, 2, 3]);
    await again.stop();
  });

  test('a server that is killed is read again from where it was, and the health tells it meanwhile', async () => {
    await using nats = await startTestNats();
    const { recorder, settings, publish } = await stageOn(nats);
    const running = await driver.start(settings, recorder.context);
    await publish('orders', '1', '2');
    await eventually(() => recorder.emitted.length === 2);
    await nats.kill();
    await eventually(() => running.health().kind === 'Failing');
    await nats.restart();
    await publish('orders', '3');
    await eventually(() => running.health().kind === 'Healthy', WITHIN);
    // What a killed server forgot was acknowledged comes again and is dropped by its id.
    await eventually(() => recorder.emitted.length === 3, WITHIN);
    expect(bodiesOf(recorder)).toEqual([1, 2, 3]);
    await running.stop();
  });

  test('a message that can be no event is refused and holds nothing up', async () => {
    await using nats = await startTestNats();
    const { recorder, settings, publish } = await stageOn(nats);
    const running = await driver.start(settings, recorder.context);
    await publish('orders', '{', '2');
    await eventually(() => recorder.emitted.length === 1);
    expect([recorder.refusals, bodiesOf(recorder)]).toEqual([1, [2]]);
    await running.stop();
  });

  test('a stream that does not exist is told by the health', async () => {
    await using nats = await startTestNats();
    const { recorder, settings } = await stageOn(nats);
    const running = await driver.start({ ...settings, stream: 'NOWHERE' }, recorder.context);
    expect(JSON.stringify(running.health())).toMatch(/NOWHERE.*stream not found/);
    await running.stop();
  });
});
