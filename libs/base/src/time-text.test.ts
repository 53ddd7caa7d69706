// Covers times as text.
import { expect, it } from 'vitest';
import { timeText } from './index.ts';

it('a time is written in UTC with whole seconds, the rest is cut off', () => {
  expect(timeText(Date.UTC(2026, 2, 2, 10, 4, 5, 999))).toBe('2026-03-02T10:04:05Z');
});
