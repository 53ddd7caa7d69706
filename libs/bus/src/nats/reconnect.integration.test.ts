// Covers what the bus does when the server, a consumer or a stream is lost: real nats-server, kill
// -9, restart on the same data. Leaves out clusters and power failures.
import { randomUUID } from 'node:crypto';
import { eventually, startTestNats } from '@argosy/testkit';
import type { TestNats } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryLease } from '../lease.ts';
import { deleteStream } from '../testing/delete-stream.ts';
import {
  bytesOf,
  codeOf,
  collect,
  consumerOf,
  messageOn,
  pauseMs,
  startConsuming,
  textOf,
  unique,
} from '../testing/fixture.ts';
import type { BusLogger } from '../logger.ts';
import { connectBus } from './nats-bus.ts';
import type { NatsBus } from './nats-bus.ts';

/**
 * A request that reaches the server while it deletes the consumer is never answered: only missing heartbeats
 * tell, after 12 s and up to 5 s more.
 */
const NOTICED = { timeoutMs: 30_000 };

describe('a bus whose server is lost', () => {
  let nats: TestNats;
  let bus: NatsBus;
  let logged: string[] = [];
  const logger: BusLogger = {
    info: (_fields, message) => logged.push(message),
    warn: (_fields, message) => logged.push(message),
  };
  const connect = async (name: string): Promise<NatsBus> =>
    connectBus({ url: nats.url, token: nats.token, name, logger });

  beforeAll(async () => {
    nats = await startTestNats();
    bus = await connect('reconnect');
    await bus.applyTopology();
  });
  afterAll(async () => {
    await bus[Symbol.asyncDispose]();
    await nats.stop();
  });

  it('neither loses nor doubles messages that are published while the server is killed and restarted', async () => {
    const subject = `events.${unique('kill')}.a`;
    const spec = consumerOf(subject, { ackWaitMs: 2_000 });
    const consuming = startConsuming(bus, spec, { batchSize: 16 });
    const statuses: string[] = [];
    const stopListening = bus.onStatus((status) => statuses.push(status.kind));
    const count = 3_000;
    const publishing = (async () => {
      for (let first = 0; first < count; first += 20) {
        await Promise.all(
          Array.from({ length: 20 }, async (_, index) =>
            bus.publish(messageOn(subject, String(first + index))),
          ),
        );
      }
    })();
    for (let kill = 0; kill < 3; kill += 1) {
      await pauseMs(100);
      await nats.kill();
      expect(await eventually(() => bus.status.kind === 'Disconnected')).toBe(true);
      await pauseMs(200);
      await nats.restart();
    }
    await publishing;
    const stored = (await collect(bus.read('EVENTS', subject))).map(textOf);
    const wanted = Array.from({ length: count }, (_, index) => String(index));
    expect(stored.toSorted()).toEqual(wanted.toSorted());
    await eventually(() => new Set(consuming.texts).size === count, { timeoutMs: 30_000 });
    await consuming.stop();
    stopListening();
    expect(statuses.slice(0, 4)).toEqual([
      'Disconnected',
      'Connected',
      'Disconnected',
      'Connected',
    ]);
  });

  it('appends with an expected sequence over a kill without conflicting with itself', async () => {
    const subject = `fact.workflow.1.${unique('run')}`;
    let last = 0;
    const publishing = (async () => {
      for (let index = 0; index < 400; index += 1) {
        const options = { expectedLastSubjectSequence: last };
        const receipt = await bus.publish(messageOn(subject, String(index)), options);
        last = receipt.sequence;
      }
    })();
    await pauseMs(30);
    await nats.restart();
    await publishing;
    const stored = (await collect(bus.read('FACTS', subject))).map(textOf);
    expect(stored).toEqual(Array.from({ length: 400 }, (_, index) => String(index)));
  });

  it('confirms an ack that was asked for while the server was away', async () => {
    const subject = `events.${unique('ack')}.a`;
    const spec = consumerOf(subject, { ackWaitMs: 60_000 });
    const consuming = startConsuming(bus, spec, {
      handle: async (delivery) => {
        // In order: a killed server may have forgotten that it delivered, and then delivers again.
        await nats.halt();
        const acked = delivery.ack();
        await nats.restart();
        await acked;
      },
    });
    await bus.publish(messageOn(subject, 'a'));
    await consuming.waitFor(1);
    await consuming.stop();
    const again = startConsuming(bus, spec);
    await pauseMs(300);
    await again.stop();
    expect(again.received).toEqual([]);
  });

  it('goes on following a stream and watching a bucket without gaps', async () => {
    const subject = `log.default.${unique('follow')}.n`;
    const key = `sensor.${unique('ns')}.a`;
    const bucket = await bus.keyValue('resources');
    const controller = new AbortController();
    const options = { follow: true, signal: controller.signal };
    const texts: string[] = [];
    const values: (string | undefined)[] = [];
    const following = (async () => {
      for await (const message of bus.read('LOGS', subject, options)) texts.push(textOf(message));
    })();
    const watching = (async () => {
      for await (const notice of bucket.watch(key, controller.signal)) {
        if (notice.kind === 'Entry') values.push(new TextDecoder().decode(notice.entry.value));
      }
    })();
    for (let index = 0; index < 90; index += 1) {
      await bus.publish(messageOn(subject, String(index)));
      if (index % 30 === 10) {
        await bucket.put(key, bytesOf(String(index)));
        await nats.restart();
      }
    }
    await eventually(() => texts.length === 90 && values.length === 3, { timeoutMs: 20_000 });
    controller.abort();
    await Promise.all([following, watching]);
    expect(texts).toEqual(Array.from({ length: 90 }, (_, index) => String(index)));
    expect(values).toEqual(['10', '40', '70']);
  });

  it('makes a consumer again that was deleted, with one log line when it is lost and one when it is back', async () => {
    const subject = `events.${unique('deleted')}.a`;
    const spec = consumerOf(subject);
    const consuming = startConsuming(bus, spec);
    await bus.publish(messageOn(subject, 'a'));
    await consuming.waitFor(1);
    logged = [];
    await bus.deleteConsumer(spec.stream, spec.durable);
    await eventually(() => logged.length === 2, NOTICED);
    await bus.publish(messageOn(subject, 'b'));
    await eventually(() => consuming.texts.includes('b'), NOTICED);
    await consuming.stop();
    expect(logged).toEqual(['consumer lost', 'consumer restored']);
  });

  it('goes on consuming when the stream was deleted and declared again', async () => {
    const subject = `log.default.${unique('stream')}.n`;
    const consuming = startConsuming(bus, consumerOf(subject, { stream: 'LOGS' }));
    await bus.publish(messageOn(subject, 'a'));
    await consuming.waitFor(1);
    await deleteStream(nats, 'LOGS');
    expect(await codeOf(bus.publish(messageOn(subject, 'lost')))).toBe('NOT_FOUND');
    expect((await bus.applyTopology()).created).toEqual(['LOGS']);
    await bus.publish(messageOn(subject, 'b'));
    await eventually(() => consuming.texts.includes('b'), NOTICED);
    await consuming.stop();
  });

  it('ends consumers and followers with UNAVAILABLE when it is closed', async () => {
    const closing = await connect('closing');
    const subject = `events.${unique('closing')}.a`;
    const consuming = startConsuming(closing, consumerOf(subject));
    const following = collect(closing.read('EVENTS', subject, { follow: true }));
    following.catch(() => undefined);
    await closing.publish(messageOn(subject, 'a'));
    await consuming.waitFor(1);
    await closing[Symbol.asyncDispose]();
    expect(await codeOf(following)).toBe('UNAVAILABLE');
    expect(await codeOf(closing.publish(messageOn(subject, 'b')))).toBe('UNAVAILABLE');
    expect(closing.status.kind).toBe('Disconnected');
    await consuming.stop().catch(() => undefined);
  });

  it('does not skip what came while a consumer of new messages was deleted', async () => {
    const subject = `events.${unique('deleted')}.a`;
    const spec = consumerOf(subject, { deliver: 'new' });
    await bus.ensureConsumer(spec);
    const consuming = startConsuming(bus, spec);
    await bus.publish(messageOn(subject, 'a'));
    await consuming.waitFor(1);
    await bus.deleteConsumer(spec.stream, spec.durable);
    await bus.publish(messageOn(subject, 'b'));
    await eventually(() => consuming.texts.includes('b'), NOTICED);
    await consuming.stop();
    expect(consuming.texts).toEqual(['a', 'b']);
  });

  it('does not skip what a stream has that was deleted and made again, and tells of the trouble', async () => {
    const subject = `events.${unique('remade')}.a`;
    const spec = consumerOf(subject, { deliver: 'new' });
    await bus.ensureConsumer(spec);
    const troubles: (string | undefined)[] = [];
    const onTrouble = (reason: string | undefined): void => void troubles.push(reason);
    const consuming = startConsuming(bus, spec, { onTrouble });
    for (const text of ['a', 'b', 'c']) await bus.publish(messageOn(subject, text));
    await consuming.waitFor(3);
    await deleteStream(nats, spec.stream);
    await bus.applyTopology();
    await bus.publish(messageOn(subject, 'd'));
    await eventually(() => consuming.texts.includes('d'), NOTICED);
    await eventually(() => troubles.length > 1 && troubles.at(-1) === undefined);
    await consuming.stop();
    expect(consuming.texts).toEqual(['a', 'b', 'c', 'd']);
    expect(troubles[0]).toEqual(expect.any(String));
  });

  it('gives up publishing and connecting when the caller does not wait for the server any longer', async () => {
    await nats.kill();
    const bucket = tryLease(bus, 'nobody', { ownerId: 'x' });
    const message = messageOn(`events.${unique('away')}.a`, 'x');
    const publishing = bus.publish(message, { signal: AbortSignal.timeout(300) });
    expect(await codeOf(publishing)).toBe('CANCELLED');
    expect(await codeOf(connectWithin(500))).toBe('CANCELLED');
    await nats.restart();
    await (await bucket)?.release();
  });

  it('tells the owner of a lease in time when the server is away for longer than the lease lives', async () => {
    const lease = await tryLease(bus, randomUUID(), { ownerId: 'one', ttlMs: 2_000 });
    await nats.kill();
    const lostAtMs = performance.now();
    await eventually(() => lease?.signal.aborted === true, { timeoutMs: 5_000 });
    expect(performance.now() - lostAtMs).toBeLessThan(2_000);
    await nats.restart();
  });

  it('frees the lease of an owner that died after its time to live', async () => {
    const key = randomUUID();
    const owner = await connect('owner');
    const lease = await tryLease(owner, key, { ownerId: 'one', ttlMs: 2_000 });
    expect(lease).toBeDefined();
    await owner[Symbol.asyncDispose]();
    const freed = await eventually(async () => {
      const taken = await tryLease(bus, key, { ownerId: 'two' });
      if (taken === undefined) throw new Error('the lease is not free yet');
      return taken;
    });
    await freed.release();
  });

  const connectWithin = async (timeoutMs: number): Promise<unknown> =>
    connectBus({
      url: nats.url,
      token: nats.token,
      name: 'late',
      signal: AbortSignal.timeout(timeoutMs),
    });

  it('is refused with UNAUTHENTICATED when the token is wrong', async () => {
    expect(await codeOf(connectBus({ url: nats.url, token: 'wrong', name: 'x' }))).toBe(
      'UNAUTHENTICATED',
    );
  });
});
