import { describe, expect, it } from 'vitest';
import {
  collect,
  consumerOf,
  messageOn,
  pauseMs,
  startConsuming,
  textOf,
  unique,
} from './fixture.ts';
import type { BusUnderTest } from './fixture.ts';

/** Consuming: order, batches, redelivery, back-pressure, sharing, work queue. */
export function describeConsume(under: () => BusUnderTest): void {
  describe('consume', () => {
    it('hands over messages in stream order, one at a time', async () => {
      const { bus } = under();
      const subject = `events.${unique('order')}.a`;
      let atWork = 0;
      let atWorkMax = 0;
      const consuming = startConsuming(bus, consumerOf(subject), {
        handle: async (delivery) => {
          atWork += 1;
          atWorkMax = Math.max(atWorkMax, atWork);
          await pauseMs(1);
          atWork -= 1;
          await delivery.ack();
        },
      });
      for (let index = 0; index < 20; index += 1) {
        await bus.publish(messageOn(subject, String(index)));
      }
      await consuming.waitFor(20);
      await consuming.stop();
      expect(consuming.texts).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
      expect(atWorkMax).toBe(1);
    });

    it('hands over up to a batch of what is there, and does not wait for a batch to fill', async () => {
      const { bus } = under();
      const subject = `events.${unique('batch')}.a`;
      const spec = consumerOf(subject);
      await Promise.all(
        Array.from({ length: 25 }, async (_, index) => bus.publish(messageOn(subject, `${index}`))),
      );
      const sizes: number[] = [];
      const controller = new AbortController();
      const done = bus.consume(
        spec,
        async (batch) => {
          sizes.push(batch.length);
          await Promise.all(batch.map(async (delivery) => delivery.ack()));
          if (sizes.reduce((sum, size) => sum + size, 0) === 26) controller.abort();
        },
        { batchSize: 10, signal: controller.signal },
      );
      await pauseMs(100);
      await bus.publish(messageOn(subject, 'single'));
      await done;
      expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
      expect(sizes.length).toBeLessThan(20);
      expect(sizes.at(-1)).toBe(1);
    });

    it('does not deliver again what was acked without asking for a confirmation', async () => {
      const { bus } = under();
      const subject = `events.${unique('unconfirmed')}.a`;
      const consuming = startConsuming(bus, consumerOf(subject, { ackWaitMs: 200 }), {
        handle: async (delivery) => delivery.ack({ isConfirmed: false }),
      });
      await bus.publish(messageOn(subject, 'a'));
      await consuming.waitFor(1);
      await pauseMs(400);
      await consuming.stop();
      expect(consuming.texts).toEqual(['a']);
    });

    it('delivers again, counting, what is not acked within the ack wait', async () => {
      const { bus } = under();
      const subject = `events.${unique('redelivery')}.a`;
      const consuming = startConsuming(bus, consumerOf(subject, { ackWaitMs: 200 }), {
        handle: async (delivery) => (delivery.deliveryCount === 2 ? delivery.ack() : undefined),
      });
      await bus.publish(messageOn(subject, 'a'));
      await consuming.waitFor(2);
      await pauseMs(400);
      await consuming.stop();
      expect(consuming.received.map((delivery) => delivery.deliveryCount)).toEqual([1, 2]);
    });

    it('delivers again after the delay that retry asks for, and others meanwhile', async () => {
      const { bus } = under();
      const subject = `events.${unique('retry')}.a`;
      const atMs: number[] = [];
      const consuming = startConsuming(bus, consumerOf(subject), {
        handle: async (delivery) => {
          atMs.push(performance.now());
          if (textOf(delivery) === 'a' && delivery.deliveryCount === 1) delivery.retry(300);
          else await delivery.ack();
        },
      });
      await bus.publish(messageOn(subject, 'a'));
      await bus.publish(messageOn(subject, 'b'));
      await consuming.waitFor(3);
      await consuming.stop();
      expect(consuming.texts).toEqual(['a', 'b', 'a']);
      expect((atMs[2] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThan(250);
    });

    it('never delivers again what was dropped', async () => {
      const { bus } = under();
      const subject = `events.${unique('drop')}.a`;
      const consuming = startConsuming(bus, consumerOf(subject, { ackWaitMs: 100 }), {
        handle: (delivery) => {
          delivery.drop('it is of no use');
        },
      });
      await bus.publish(messageOn(subject, 'a'));
      await consuming.waitFor(1);
      await pauseMs(400);
      await consuming.stop();
      expect(consuming.received).toHaveLength(1);
    });

    it('does not deliver again what is extended', async () => {
      const { bus } = under();
      const subject = `events.${unique('extend')}.a`;
      const consuming = startConsuming(bus, consumerOf(subject, { ackWaitMs: 300 }), {
        handle: async (delivery) => {
          for (let beat = 0; beat < 8; beat += 1) {
            await pauseMs(100);
            delivery.extend();
          }
          await delivery.ack();
        },
      });
      await bus.publish(messageOn(subject, 'a'));
      await consuming.waitFor(1);
      await pauseMs(1_200);
      await consuming.stop();
      expect(consuming.received).toHaveLength(1);
    });

    it('delivers again with back-off what a handler threw at, and only what it had not settled', async () => {
      const { bus } = under();
      const subject = `events.${unique('throw')}.a`;
      const spec = consumerOf(subject);
      await bus.ensureConsumer(spec);
      await bus.publish(messageOn(subject, 'a'));
      await bus.publish(messageOn(subject, 'b'));
      const consuming = startConsuming(bus, spec, {
        batchSize: 2,
        handle: async (delivery) => {
          if (textOf(delivery) === 'b' && delivery.deliveryCount === 1) throw new Error('no');
          await delivery.ack();
        },
      });
      await consuming.waitFor(3);
      await pauseMs(200);
      await consuming.stop();
      expect(consuming.texts).toEqual(['a', 'b', 'b']);
    });

    it('drops what was delivered as often as the consumer allows', async () => {
      const { bus } = under();
      const subject = `events.${unique('worn')}.a`;
      const spec = consumerOf(subject, { maxDeliver: 2, ackWaitMs: 2_000 });
      const consuming = startConsuming(bus, spec, {
        handle: (delivery) => {
          delivery.retry(10);
        },
      });
      await bus.publish(messageOn(subject, 'a'));
      await consuming.waitFor(2);
      await pauseMs(300);
      await consuming.stop();
      expect(consuming.received).toHaveLength(2);
    });

    it('leaves on the server what no handler is free for', async () => {
      const { bus, other } = under();
      const pool = unique('pool');
      const spec = consumerOf(`task.${pool}.>`, { stream: 'TASKS', ackWaitMs: 5_000 });
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const slow = startConsuming(bus, spec, {
        handle: async (delivery) => {
          await released;
          await delivery.ack();
        },
      });
      await bus.publish(messageOn(`task.${pool}.normal.1`, '1'));
      await slow.waitFor(1);
      for (const id of ['2', '3', '4']) {
        await bus.publish(messageOn(`task.${pool}.normal.${id}`, id));
      }
      await pauseMs(100);
      expect(slow.received).toHaveLength(1);
      const quick = startConsuming(other, spec);
      await quick.waitFor(3);
      release();
      await Promise.all([slow.stop(), quick.stop()]);
      expect([slow.texts, quick.texts]).toEqual([['1'], ['2', '3', '4']]);
    });

    it('delivers at most so many messages unacked as the consumer allows', async () => {
      const { bus } = under();
      const subject = `events.${unique('pending')}.a`;
      const spec = consumerOf(subject, { maxAckPending: 3, ackWaitMs: 30_000 });
      const consuming = startConsuming(bus, spec, { concurrency: 10, handle: () => undefined });
      for (let index = 0; index < 6; index += 1) await bus.publish(messageOn(subject, 'x'));
      await consuming.waitFor(3);
      await pauseMs(200);
      expect(consuming.received).toHaveLength(3);
      await consuming.received[0]?.ack();
      await consuming.waitFor(4);
      await consuming.stop();
      await bus.deleteConsumer(spec.stream, spec.durable);
    });

    it('runs as many handlers at once as asked for', async () => {
      const { bus } = under();
      const subject = `events.${unique('concurrency')}.a`;
      let atWork = 0;
      let atWorkMax = 0;
      const consuming = startConsuming(bus, consumerOf(subject), {
        concurrency: 4,
        handle: async (delivery) => {
          atWork += 1;
          atWorkMax = Math.max(atWorkMax, atWork);
          await pauseMs(30);
          atWork -= 1;
          await delivery.ack();
        },
      });
      for (let index = 0; index < 12; index += 1) await bus.publish(messageOn(subject, 'x'));
      await consuming.waitFor(12);
      await pauseMs(60);
      await consuming.stop();
      expect(atWorkMax).toBe(4);
    });

    it('shares the work of one durable consumer without giving a message to two', async () => {
      const { bus, other } = under();
      const subject = `events.${unique('share')}.a`;
      const spec = consumerOf(subject, { ackWaitMs: 10_000 });
      const slowly = {
        handle: async (delivery: { ack(): Promise<void> }) => {
          await pauseMs(2);
          await delivery.ack();
        },
      };
      const one = startConsuming(bus, spec, slowly);
      const two = startConsuming(other, spec, slowly);
      await pauseMs(50);
      const texts = Array.from({ length: 60 }, (_, index) => String(index));
      await Promise.all(texts.map(async (text) => bus.publish(messageOn(subject, text))));
      const deadlineMs = Date.now() + 10_000;
      while (one.received.length + two.received.length < 60 && Date.now() < deadlineMs) {
        await pauseMs(10);
      }
      await Promise.all([one.stop(), two.stop()]);
      expect([...one.texts, ...two.texts].toSorted()).toEqual(texts.toSorted());
      expect(one.received.length).toBeGreaterThan(0);
      expect(two.received.length).toBeGreaterThan(0);
    });

    it('keeps messages for a consumer that exists, while nobody consumes', async () => {
      const { bus } = under();
      const subject = `events.${unique('kept')}.a`;
      const spec = consumerOf(subject, { deliver: 'new' });
      await bus.publish(messageOn(subject, 'before'));
      await bus.ensureConsumer(spec);
      await bus.publish(messageOn(subject, 'after'));
      const consuming = startConsuming(bus, spec);
      await consuming.waitFor(1);
      await pauseMs(50);
      await consuming.stop();
      expect(consuming.texts).toEqual(['after']);
    });

    it('begins with what was stored since a time when the consumer asks for it', async () => {
      const { bus } = under();
      const base = `events.${unique('since')}`;
      await bus.publish(messageOn(`${base}.a`, 'before'));
      await pauseMs(20);
      const newSinceMs = Date.now();
      await pauseMs(20);
      await bus.publish(messageOn(`${base}.a`, 'since'));
      await bus.publish(messageOn(`${base}.gone`, 'removed'));
      await bus.purge('EVENTS', `${base}.gone`);
      const spec = consumerOf(`${base}.>`, { deliver: 'new', newSinceMs });
      const consuming = startConsuming(bus, spec);
      await consuming.waitFor(1);
      await pauseMs(50);
      await consuming.stop();
      expect(consuming.texts).toEqual(['since']);
    });

    it('starts again with what was not acked when consuming is taken up later', async () => {
      const { bus } = under();
      const subject = `events.${unique('later')}.a`;
      const spec = consumerOf(subject);
      const first = startConsuming(bus, spec);
      await bus.publish(messageOn(subject, 'a'));
      await first.waitFor(1);
      await first.stop();
      await bus.publish(messageOn(subject, 'b'));
      const second = startConsuming(bus, spec);
      await second.waitFor(1);
      await second.stop();
      expect([first.texts, second.texts]).toEqual([['a'], ['b']]);
    });

    it('changes the filters of a consumer that exists', async () => {
      const { bus } = under();
      const base = `events.${unique('filters')}`;
      const spec = consumerOf(`${base}.a`);
      await bus.ensureConsumer(spec);
      const wider = { ...spec, filterSubjects: [`${base}.a`, `${base}.b`] };
      const consuming = startConsuming(bus, wider);
      await pauseMs(50);
      await bus.publish(messageOn(`${base}.b`, 'b'));
      await bus.publish(messageOn(`${base}.c`, 'c'));
      await bus.publish(messageOn(`${base}.a`, 'a'));
      await consuming.waitFor(2);
      await consuming.stop();
      expect(consuming.texts).toEqual(['b', 'a']);
    });

    it('removes a task from the work queue when it is acked', async () => {
      const { bus } = under();
      const pool = unique('pool');
      const spec = consumerOf(`task.${pool}.>`, { stream: 'TASKS' });
      const consuming = startConsuming(bus, spec);
      await bus.publish(messageOn(`task.${pool}.normal.1`, 'x'));
      await consuming.waitFor(1);
      await pauseMs(50);
      expect(await collect(bus.read('TASKS', `task.${pool}.>`))).toEqual([]);
      await consuming.stop();
      await bus.deleteConsumer('TASKS', spec.durable);
    });
  });
}
