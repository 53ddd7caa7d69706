// Covers what is kept of a long output and how it becomes text. Leaves out reading from processes.
import { expect, test } from 'vitest';
import { createOutputTail, withoutFinalNewline } from './output-tail.ts';

test('a short output is kept whole', () => {
  const tail = createOutputTail(10);
  tail.push(Buffer.from('abc'));
  tail.push(Buffer.from('def'));
  expect(tail.text()).toBe('abcdef');
  expect(tail.text()).toBe('abcdef');
});

test('of a long output the last bytes are kept', () => {
  const tail = createOutputTail(4);
  for (let index = 0; index < 100; index += 1) tail.push(Buffer.from(`${index % 10}`));
  expect(tail.text()).toBe('6789');
});

test('a character that was cut at the beginning is left out', () => {
  const tail = createOutputTail(4);
  tail.push(Buffer.from('x€€'));
  expect(tail.text()).toBe('€');
});

test('characters may be split between chunks', () => {
  const tail = createOutputTail(100);
  for (const byte of Buffer.from('grüße €')) tail.push(Buffer.from([byte]));
  expect(tail.text()).toBe('grüße €');
});

test('exactly one newline is dropped at the end', () => {
  expect(withoutFinalNewline('a\n\n')).toBe('a\n');
  expect(withoutFinalNewline('a')).toBe('a');
  expect(withoutFinalNewline('\n')).toBe('');
});
