// Covers subjects and their patterns by NATS' rules. Leaves out what streams do with them.
import { describe, expect, it } from 'vitest';
import { isPublishSubject, patternsOverlap, subjectMatches } from './subject-match.ts';

describe('subjectMatches', () => {
  it.each([
    ['a.b', 'a.b', true],
    ['a.b', 'a.c', false],
    ['a.*', 'a.b', true],
    ['a.*', 'a.b.c', false],
    ['a.*', 'a', false],
    ['a.>', 'a.b.c', true],
    ['a.>', 'a', false],
    ['>', 'a.b', true],
    ['*.b.>', 'a.b.c', true],
    ['*.b.>', 'a.c.c', false],
    ['a.b', 'a.b.c', false],
  ])('%s and %s: %s', (pattern, subject, matches) => {
    expect(subjectMatches(pattern, subject)).toBe(matches);
  });
});

describe('patternsOverlap', () => {
  it.each([
    ['a.>', 'a.b.*', true],
    ['a.*.c', 'a.b.*', true],
    ['a.*.c', 'a.b.d', false],
    ['a.*', 'a.b.c', false],
    ['a.>', 'a', false],
    ['>', 'b', true],
    ['task.x.>', 'task.y.>', false],
    ['a', 'a', true],
  ])('%s and %s: %s, both ways round', (left, right, overlap) => {
    expect([patternsOverlap(left, right), patternsOverlap(right, left)]).toEqual([
      overlap,
      overlap,
    ]);
  });
});

it.each([
  ['a', true],
  ['a.b-c_d=2E', true],
  ['', false],
  ['.a', false],
  ['a.', false],
  ['a..b', false],
  ['a b', false],
  ['a.*', false],
  ['a.>', false],
  ['a\r\nPUB', false],
])('%j may be published to: %s', (subject, may) => {
  expect(isPublishSubject(subject)).toBe(may);
});
