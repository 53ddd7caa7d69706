// Covers the texts that name a moment in the history of a run. Leaves out what is shown of the run then.
import { describe, expect, it } from 'vitest';
import { fixMoment, parseMoment } from './moment.ts';

const NOW_MS = Date.parse('2030-01-31T12:00:00Z');

describe('a moment is', () => {
  it.each([
    ['#17', { kind: 'Sequence', sequence: 17 }],
    ['17', { kind: 'Sequence', sequence: 17 }],
    ['+90s', { kind: 'Offset', offsetMs: 90_000 }],
    ['+1m30.5s', { kind: 'Offset', offsetMs: 90_500 }],
    ['-5m', { kind: 'Time', atMs: NOW_MS - 300_000 }],
    ['09:30', { kind: 'Time', atMs: Date.parse('2030-01-31T09:30:00Z') }],
    ['9:30:01.25', { kind: 'Time', atMs: Date.parse('2030-01-31T09:30:01.250Z') }],
    ['2029-12-01T00:00:00+01:00', { kind: 'Time', atMs: Date.parse('2029-11-30T23:00:00Z') }],
  ])('%s', (text, moment) => {
    expect(parseMoment(text, NOW_MS)).toEqual(moment);
  });

  it.each([
    ['yesterday'],
    ['#0'],
    ['#-1'],
    ['+5'],
    ['--5m'],
    ['24:00'],
    ['2030-13-01T00:00:00Z'],
    [''],
  ])('not %j, and the message names the forms', (text) => {
    expect(() => parseMoment(text, NOW_MS)).toThrow(
      /is no moment of a run: write a time \(2030-01-31T12:00:00Z, or 12:00:00 for today\)/,
    );
  });

  it('counted from the first fact of the run when it begins with a plus sign', () => {
    const fixed = fixMoment({ kind: 'Offset', offsetMs: 90_000 }, NOW_MS);
    expect(fixed).toEqual({ kind: 'Time', atMs: NOW_MS + 90_000 });
    const sequence = { kind: 'Sequence', sequence: 3 } as const;
    expect(fixMoment(sequence, NOW_MS)).toBe(sequence);
  });
});
