// Covers the hash and the ids built on it. Expected values are from Go's hash/fnv.
import { describe, expect, it } from 'vitest';
import { fnv1a32, nodeIdOf, partitionOf } from './index.ts';

describe('fnv1a32', () => {
  it.each([
    ['', 2166136261],
    ['a', 3826002220],
    ['foobar', 3214735720],
    ['é', 513665217],
    ['日本', 2670128721],
    ['😀', 866293256],
  ])('hashes %j as Go does', (text, hash) => {
    expect(fnv1a32(text)).toBe(hash);
  });
  it('hashes UTF-8 bytes, not UTF-16 units', () => {
    expect(fnv1a32('é')).not.toBe(fnv1a32('e'));
  });
});

describe('node ids', () => {
  it('gives the root the name of the workflow', () => {
    expect(nodeIdOf('wf', 'wf')).toBe('wf');
  });
  it('gives others the hash of their full name', () => {
    expect(nodeIdOf('wf', 'wf.A')).toBe(`wf-${fnv1a32('wf.A')}`);
  });
  it('keeps partitions within bounds', () => {
    expect(partitionOf('some-uid', 8)).toBeLessThan(8);
  });
});
