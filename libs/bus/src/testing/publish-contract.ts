import { describe, expect, it } from 'vitest';
import { codeOf, collect, messageOn, textOf, unique } from './fixture.ts';
import type { BusUnderTest } from './fixture.ts';

const MEBIBYTE = 1024 * 1024;

/** Storing: order, de-duplication, expected sequence, limits, headers. */
export function describePublish(under: () => BusUnderTest): void {
  describe('publish', () => {
    it('stores messages of one subject in the order of the calls', async () => {
      const { bus } = under();
      const subject = `events.${unique('order')}.a`;
      const texts = Array.from({ length: 50 }, (_, index) => String(index));
      await Promise.all(texts.map(async (text) => bus.publish(messageOn(subject, text))));
      expect((await collect(bus.read('EVENTS', subject))).map(textOf)).toEqual(texts);
    });

    it('stores an event of the same source and id once', async () => {
      const { bus, other } = under();
      const subject = `events.${unique('dedup')}.a`;
      const message = messageOn(subject, 'once');
      const first = await bus.publish(message);
      const second = await other.publish(message);
      expect([first.duplicate, second.duplicate]).toEqual([false, true]);
      expect(second.sequence).toBe(first.sequence);
      expect(await collect(bus.read('EVENTS', subject))).toHaveLength(1);
    });

    it('takes a message id of the caller for de-duplication', async () => {
      const { bus } = under();
      const subject = `events.${unique('dedup')}.a`;
      const messageId = unique('id with spaces and ünicode');
      const first = await bus.publish(messageOn(subject, 'a'), { messageId });
      const second = await bus.publish(messageOn(subject, 'b'), { messageId });
      expect([first.duplicate, second.duplicate]).toEqual([false, true]);
    });

    it('refuses a message with CONFLICT when another was last on the subject', async () => {
      const { bus } = under();
      const subject = `fact.workflow.1.${unique('run')}`;
      const first = await bus.publish(messageOn(subject, 'a'), { expectedLastSubjectSequence: 0 });
      const stale = bus.publish(messageOn(subject, 'b'), { expectedLastSubjectSequence: 0 });
      expect(await codeOf(stale)).toBe('CONFLICT');
      const expectedLastSubjectSequence = first.sequence;
      await bus.publish(messageOn(subject, 'c'), { expectedLastSubjectSequence });
      expect((await collect(bus.read('FACTS', subject))).map(textOf)).toEqual(['a', 'c']);
    });

    it('calls a message that is sent again a duplicate, not a conflict with itself', async () => {
      const { bus } = under();
      const message = messageOn(`fact.workflow.1.${unique('run')}`, 'a');
      const first = await bus.publish(message, { expectedLastSubjectSequence: 0 });
      const again = await bus.publish(message, { expectedLastSubjectSequence: 0 });
      expect(again).toEqual({ sequence: first.sequence, duplicate: true });
    });

    it('stores a task that is queued already no second time, and stores it again once it is done', async () => {
      const { bus } = under();
      const pool = unique('pool');
      const subject = `task.${pool}.normal.t1`;
      const first = await bus.publish(messageOn(subject, 'first'));
      const second = await bus.publish(messageOn(subject, 'second'));
      expect(second).toEqual({ sequence: first.sequence, duplicate: true });
      const queued = await collect(bus.read('TASKS', `task.${pool}.>`));
      expect(queued.map(textOf)).toEqual(['first']);
      await bus.purge('TASKS', subject);
      expect((await bus.publish(messageOn(subject, 'third'))).duplicate).toBe(false);
      await bus.purge('TASKS', subject);
    });

    it('refuses a message above the limit with RESOURCE_EXHAUSTED and takes one of 7 MiB', async () => {
      const { bus } = under();
      const subject = `events.${unique('large')}.a`;
      const tooLarge = messageOn(subject, '', { data: new Uint8Array(8 * MEBIBYTE) });
      expect(await codeOf(bus.publish(tooLarge))).toBe('RESOURCE_EXHAUSTED');
      const data = new Uint8Array(7 * MEBIBYTE).fill(7);
      await bus.publish(messageOn(subject, '', { data }));
      const stored = await bus.last('EVENTS', subject);
      expect(Buffer.compare(stored?.event.data ?? new Uint8Array(), data)).toBe(0);
      await bus.purge('EVENTS', subject);
    });

    it('refuses what is malformed with INVALID_ARGUMENT', async () => {
      const { bus } = under();
      const valid = messageOn(`events.${unique('bad')}.a`, 'x');
      for (const subject of ['events.a b', 'events.*', 'events..a', 'events.>', '']) {
        expect(await codeOf(bus.publish({ ...valid, subject }))).toBe('INVALID_ARGUMENT');
      }
      const withoutId = { ...valid, event: { ...valid.event, id: '' } };
      expect(await codeOf(bus.publish(withoutId))).toBe('INVALID_ARGUMENT');
      const shadowing = { ...valid, event: { ...valid.event, extensions: { id: 'x' } } };
      expect(await codeOf(bus.publish(shadowing))).toBe('INVALID_ARGUMENT');
    });

    it('refuses a subject that no stream takes with NOT_FOUND', async () => {
      expect(await codeOf(under().bus.publish(messageOn('nowhere.a', 'x')))).toBe('NOT_FOUND');
    });

    it('keeps every attribute, odd characters in them, and the trace context', async () => {
      const { bus } = under();
      const subject = `events.${unique('odd')}.a`;
      const odd = ' a "b" %41 100% \r\n\t é 漢 \u{1F680} : = ~ ';
      const event = {
        id: unique(odd),
        source: `/${odd}`,
        type: odd,
        subject: odd,
        time: '2026-01-02T03:04:05.678Z',
        datacontenttype: 'application/json; charset=utf-8',
        dataschema: 'https://example.test/schema?a=b%20c',
        extensions: { stream: 'stdout', odd },
        data: Uint8Array.of(0, 255, 13, 10),
      };
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const message = { subject, event, traceparent, replyTo: '_INBOX.somebody' };
      await bus.publish(message);
      const stored = await bus.last('EVENTS', subject);
      expect({ ...stored, event: { ...stored?.event, data: [] } }).toMatchObject({
        ...message,
        event: { ...event, data: [] },
      });
      expect([...(stored?.event.data ?? [])]).toEqual([0, 255, 13, 10]);
    });

    it('does not publish once its signal is aborted', async () => {
      const { bus } = under();
      const message = messageOn(`events.${unique('abort')}.a`, 'x');
      expect(await codeOf(bus.publish(message, { signal: AbortSignal.abort() }))).toBe('CANCELLED');
    });
  });
}
