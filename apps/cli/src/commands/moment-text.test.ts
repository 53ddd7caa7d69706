// Covers which times of day become instants on this machine's clock. Leaves out the other forms; the server reads them.
import { expect, it } from 'vitest';
import { momentText } from './moment-text.ts';

const NOON = new Date(2030, 0, 31, 12, 0, 0);

it('a time of day is meant today on this machine’s clock', () => {
  expect(momentText('09:05:30.250', NOON)).toBe(new Date(2030, 0, 31, 9, 5, 30, 250).toISOString());
  expect(momentText('23:59', NOON)).toBe(new Date(2030, 0, 31, 23, 59).toISOString());
});

it.each(['+90s', '-5m', '#17', '2030-01-31T12:00:00Z', '24:00', '12:60', 'noon', ''])(
  '%j is left to the server',
  (text) => {
    expect(momentText(text, NOON)).toBe(text);
  },
);
