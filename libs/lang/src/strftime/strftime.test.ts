// Covers every letter of Argo's strftime at one time with single digits. Leaves out time zones: it is UTC.
import { describe, expect, it } from 'vitest';
import { STRFTIME_LETTERS, strftime } from './index.ts';

const TIME_MS = Date.UTC(2024, 1, 3, 15, 4, 5, 67);

describe('strftime', () => {
  it.each([
    ['%Y-%m-%dT%H:%M:%SZ', '2024-02-03T15:04:05Z'],
    ['%B %b %A %a', 'February Feb Saturday Sat'],
    ['%I %p %y', '03 PM 24'],
    ['%Z %z', 'UTC +0000'],
    ['%L', '.067'],
    ['100%%', '100%'],
    ['%q', '%q'],
    ['end%', 'end%'],
    ['', ''],
  ])('prints %j as %j', (format, text) => {
    expect(strftime(format, TIME_MS)).toBe(text);
  });

  it('knows each of its letters', () => {
    for (const letter of STRFTIME_LETTERS) {
      expect(strftime(`%${letter}`, TIME_MS)).not.toBe(`%${letter}`);
    }
  });
});
