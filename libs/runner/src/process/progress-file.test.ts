// Covers what counts as a progress. Leaves out the file (see the process runner's tests).
import { expect, test } from 'vitest';
import { parseProgress } from './progress-file.ts';

test.each([
  ['50/100', '50/100'],
  [' 0/1\n', '0/1'],
  ['100/100', '100/100'],
  ['101/100', undefined],
  ['0/0', undefined],
  ['-1/2', undefined],
  ['half', undefined],
  ['', undefined],
])('"%s" is the progress %s', (text, expected) => {
  expect(parseProgress(text)).toBe(expected);
});
