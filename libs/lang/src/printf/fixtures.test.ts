// Covers printing by Go's verbs, flags, widths and precisions against recorded results of Go. Leaves out
// floats in binary or hexadecimal and explicit argument indexes, which are not supported.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeFixture } from '../fixture-values.ts';
import { goPrintf, type PrintfValue } from './index.ts';

interface PrintfFixtures {
  readonly cases: readonly { readonly e: string; readonly r: readonly [unknown, string] }[];
}

const path = new URL('../../fixtures/printf.json', import.meta.url);
const file = JSON.parse(readFileSync(path, 'utf8')) as PrintfFixtures;

describe('printf', () => {
  it('prints what Go prints for every recorded format', () => {
    const printed = file.cases.map(({ e, r }) => [
      e,
      r[0],
      goPrintf(e, decodeFixture(r[0]) as PrintfValue),
    ]);
    expect(printed).toEqual(file.cases.map(({ e, r }) => [e, r[0], r[1]]));
    expect(file.cases.length).toBeGreaterThan(1_000);
  });

  it.each([
    ['testuser%02X', 10n, 'testuser0A'],
    ['%d', 3n, '3'],
    ['2024-%02d', 7n, '2024-07'],
    ['%s', 'x', 'x'],
    ['%d', 'x', '%!d(string=x)'],
    ['%#q', 'raw\ttext', '`raw\ttext`'],
    ['%#q', 'two\nlines', '"two\\nlines"'],
    ['%#q', 'a`b', '"a`b"'],
    ['%#U', 32n, "U+0020 ' '"],
    ['none', 1n, 'none%!(EXTRA int=1)'],
  ] as const)('prints %j with %s as %j', (format, value, text) => {
    expect(goPrintf(format, value)).toBe(text);
  });

  it('marks a verb without a value', () => {
    expect(goPrintf('%d %d', 1n)).toBe('1 %!d(MISSING)');
  });
});
