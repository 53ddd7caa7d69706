// Covers Go and Argo duration text, both ways. Leaves out durations beyond 2^53 ns.
import { describe, expect, it } from 'vitest';
import { formatGoDuration, parseArgoDuration, parseGoDuration, unwrap } from './index.ts';

describe('Go durations', () => {
  it.each([
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['-2m', -120_000],
    ['0', 0],
    ['250ms', 250],
    ['3us', 0.003],
    ['3\u00b5s', 0.003],
    ['3\u03bcs', 0.003],
  ])('reads %s', (text, durationMs) => {
    expect(unwrap(parseGoDuration(text))).toBe(durationMs);
  });

  it.each(['', '10', 'x', '1d', '1h 2m', '2562048h'])('refuses %j', (text) => {
    expect(parseGoDuration(text).ok).toBe(false);
  });

  it.each([
    [5_400_000, '1h30m0s'],
    [1_500, '1.5s'],
    [250, '250ms'],
    [0.003, '3µs'],
    [0.000_056, '56ns'],
    [-0.000_999, '-999ns'],
    [0, '0s'],
    [60_000, '1m0s'],
  ])('prints %d ms', (durationMs, text) => {
    expect(formatGoDuration(durationMs)).toBe(text);
  });
});

describe('Argo durations', () => {
  it('takes a bare number as seconds', () => {
    expect(unwrap(parseArgoDuration('20'))).toBe(20_000);
  });
  it('takes a Go duration', () => {
    expect(unwrap(parseArgoDuration('2m'))).toBe(120_000);
  });
});
