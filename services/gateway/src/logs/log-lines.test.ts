// Covers how stored chunks become lines. Which chunks are read is run-logs' concern.
import type { StoredMessage } from '@argosy/bus';
import { expect, it } from 'vitest';
import { LOG_LINE_LENGTH_MAX } from '../config.ts';
import { createLineAssembler } from './log-lines.ts';

function chunk(
  data: string | Uint8Array,
  extensions: Record<string, string> = { stream: 'stdout', container: 'main' },
  node = 'n-1',
): StoredMessage {
  return {
    subject: `log.default.uid.${node}`,
    sequence: 1,
    storedAtMs: 5,
    event: {
      id: '1',
      source: '/x',
      type: 'x',
      extensions,
      data: typeof data === 'string' ? new TextEncoder().encode(data) : data,
    },
  };
}

it('a line ends at its line feed, with or without a carriage return, and may be empty', () => {
  const lines = createLineAssembler().add(chunk('a\r\n\nb\n'));
  expect(lines.map((line) => line.content)).toEqual(['a', '', 'b']);
});

it('an unfinished line waits for its rest, apart for each node, container and stream', () => {
  const assembler = createLineAssembler();
  const error = { stream: 'stderr', container: 'main' };
  expect(assembler.add(chunk('out'))).toEqual([]);
  expect(assembler.add(chunk('err', error))).toEqual([]);
  expect(assembler.add(chunk('other', undefined, 'n-2'))).toEqual([]);
  expect(assembler.add(chunk('put\n')).map((line) => line.content)).toEqual(['output']);
  expect(assembler.add(chunk('or\n', error))).toMatchObject([
    { content: 'error', stream: 'stderr' },
  ]);
  expect(assembler.rest()).toMatchObject([{ content: 'other', nodeId: 'n-2', timeMs: 5 }]);
  expect(assembler.rest()).toEqual([]);
});

it('a line longer than the limit is cut, so that memory stays bounded', () => {
  const assembler = createLineAssembler();
  const long = 'x'.repeat(LOG_LINE_LENGTH_MAX);
  const lengths = (text: string): number[] =>
    assembler.add(chunk(text)).map((line) => line.content.length);
  expect(lengths(`${long}yy`)).toEqual([LOG_LINE_LENGTH_MAX]);
  expect(lengths(`z\n${long}abc\n`)).toEqual([3, LOG_LINE_LENGTH_MAX, 3]);
});

it('bytes that are no UTF-8 become replacement characters instead of an error', () => {
  const [line] = createLineAssembler().add(chunk(Uint8Array.from([0x61, 0xff, 0x0a])));
  expect(line?.content).toBe('a\ufffd');
});
