import { describe, expect, it } from 'vitest';
import { codeOf, collect, messageOn, pauseMs, textOf, unique } from './fixture.ts';
import type { BusUnderTest } from './fixture.ts';

/** Reading what is stored, following, purging, request and reply. */
export function describeRead(under: () => BusUnderTest): void {
  describe('read', () => {
    it('yields the stored messages of a subject from a sequence on, and ends', async () => {
      const { bus } = under();
      const subject = `fact.workflow.2.${unique('run')}`;
      const receipts = [];
      for (const text of ['a', 'b', 'c']) {
        receipts.push(await bus.publish(messageOn(subject, text)));
        await bus.publish(messageOn(`${subject}-other`, text));
      }
      const fromSequence = receipts[1]?.sequence ?? 0;
      const stored = await collect(bus.read('FACTS', subject, { fromSequence }));
      expect(stored.map(textOf)).toEqual(['b', 'c']);
      expect(stored.map((one) => one.sequence)).toEqual(
        receipts.slice(1).map((receipt) => receipt.sequence),
      );
      expect(Math.abs((stored[0]?.storedAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    it('yields what was stored from an instant on, also when it follows', async () => {
      const { bus } = under();
      const subject = `log.default.${unique('since')}.n`;
      await bus.publish(messageOn(subject, 'before'));
      await pauseMs(20);
      const fromTimeMs = Date.now() - 5;
      await bus.publish(messageOn(subject, 'a'));
      await bus.publish(messageOn(subject, 'b'));
      const stored = await collect(bus.read('LOGS', subject, { fromTimeMs }));
      expect(stored.map(textOf)).toEqual(['a', 'b']);
      const later = { fromTimeMs: Date.now() + 60_000 };
      expect(await collect(bus.read('LOGS', subject, later))).toEqual([]);
      const followed: string[] = [];
      for await (const message of bus.read('LOGS', subject, { fromTimeMs, follow: true })) {
        followed.push(textOf(message));
        if (followed.length === 2) break;
      }
      expect(followed).toEqual(['a', 'b']);
    });

    it('yields thousands of messages of a pattern in order', async () => {
      const { bus } = under();
      const run = unique('many');
      const count = 2_500;
      await Promise.all(
        Array.from({ length: count }, async (_, index) =>
          bus.publish(messageOn(`log.default.${run}.node-${index % 7}`, String(index))),
        ),
      );
      const stored = await collect(bus.read('LOGS', `log.default.${run}.*`));
      expect(stored.map(textOf)).toEqual(Array.from({ length: count }, (_, index) => `${index}`));
    });

    it('yields nothing for a subject without messages', async () => {
      const { bus } = under();
      expect(await collect(bus.read('FACTS', `fact.workflow.2.${unique('no')}`))).toEqual([]);
      expect(await bus.last('FACTS', `fact.workflow.2.${unique('no')}`)).toBeUndefined();
    });

    it('refuses a stream that does not exist with NOT_FOUND', async () => {
      const { bus } = under();
      const reading = (async () => collect(bus.read('NO_STREAM', 'a')))();
      expect(await codeOf(reading)).toBe('NOT_FOUND');
    });

    it('follows: first what is stored, then what comes', async () => {
      const { bus } = under();
      const subject = `log.default.${unique('follow')}.n`;
      await bus.publish(messageOn(subject, '0'));
      const controller = new AbortController();
      const texts: string[] = [];
      const following = (async () => {
        const options = { follow: true, signal: controller.signal };
        for await (const message of bus.read('LOGS', subject, options)) {
          texts.push(textOf(message));
          if (texts.length === 400) controller.abort();
        }
      })();
      for (let index = 1; index < 400; index += 1) {
        await bus.publish(messageOn(subject, String(index)));
      }
      await following;
      expect(texts).toEqual(Array.from({ length: 400 }, (_, index) => String(index)));
    });

    it('follows only what is new when asked to, and ends when the loop is left', async () => {
      const { bus } = under();
      const subject = `log.default.${unique('new')}.n`;
      await bus.publish(messageOn(subject, 'old'));
      const messages = bus.read('LOGS', subject, { follow: true, onlyNew: true });
      await pauseMs(100);
      await bus.publish(messageOn(subject, 'new'));
      for await (const message of messages) {
        expect(textOf(message)).toBe('new');
        break;
      }
    });

    it('gives the last message of a subject', async () => {
      const { bus } = under();
      const subject = `fact.workflow.2.${unique('last')}`;
      await bus.publish(messageOn(subject, 'a'));
      const { sequence } = await bus.publish(messageOn(subject, 'b'));
      const last = await bus.last('FACTS', subject);
      expect([last === undefined ? '' : textOf(last), last?.sequence]).toEqual(['b', sequence]);
    });

    it('purges the messages of one subject and leaves the others', async () => {
      const { bus } = under();
      const run = unique('purge');
      await bus.publish(messageOn(`log.default.${run}.a`, 'a'));
      await bus.publish(messageOn(`log.default.${run}.b`, 'b'));
      await bus.purge('LOGS', `log.default.${run}.a`);
      const left = await collect(bus.read('LOGS', `log.default.${run}.>`));
      expect(left.map(textOf)).toEqual(['b']);
    });

    it('purges only what is before a sequence, when one is given', async () => {
      const { bus } = under();
      const subject = `log.default.${unique('purge-before')}.a`;
      await bus.publish(messageOn(subject, 'a'));
      const { sequence } = await bus.publish(messageOn(subject, 'b'));
      await bus.publish(messageOn(subject, 'c'));
      await bus.purge('LOGS', subject, { beforeSequence: sequence });
      const left = await collect(bus.read('LOGS', subject));
      expect(left.map(textOf)).toEqual(['b', 'c']);
    });
  });

  describe('publishForReply', () => {
    it('brings the answer that a consumer sends to where the message says', async () => {
      const { bus, other } = under();
      const uid = unique('reply');
      const controller = new AbortController();
      const serving = other.consume(
        { stream: 'COMMANDS', durable: uid, filterSubjects: [`cmd.workflow.3.${uid}.>`] },
        async ([command]) => {
          const answer = messageOn(command?.replyTo ?? '', `re: ${textOf(command ?? never())}`);
          other.send(answer);
          await command?.ack();
        },
        { signal: controller.signal },
      );
      const question = messageOn(`cmd.workflow.3.${uid}.submit`, 'question');
      const answer = await bus.publishForReply(question, { timeoutMs: 5_000 });
      expect(textOf(answer)).toBe('re: question');
      controller.abort();
      await serving;
    });

    it('ends with DEADLINE_EXCEEDED when nobody answers in time; the message is stored all the same', async () => {
      const { bus } = under();
      const subject = `cmd.workflow.3.${unique('silent')}.submit`;
      const asking = bus.publishForReply(messageOn(subject, 'q'), { timeoutMs: 100 });
      expect(await codeOf(asking)).toBe('DEADLINE_EXCEEDED');
      expect(await bus.last('COMMANDS', subject)).toBeDefined();
    });
  });
}

function never(): never {
  throw new Error('a handler was called without a message');
}
