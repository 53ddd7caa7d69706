// Covers Kubernetes' rules for names and labels, and generated names. Leaves out randomness itself.
import { describe, expect, it } from 'vitest';
import {
  dnsLabelProblem,
  dnsSubdomainProblem,
  generateName,
  labelKeyProblem,
  labelValueProblem,
  nameSuffix,
  NAME_SUFFIX_ALPHABET,
} from './kubernetes-names.ts';

describe('names', () => {
  it.each(['a', 'a-b', '0a', 'x'.repeat(63)])('%j is a DNS label', (name) => {
    expect(dnsLabelProblem(name)).toBeUndefined();
  });

  it.each(['', 'A', '-a', 'a-', 'a.b', 'a_b', 'x'.repeat(64)])('%j is no DNS label', (name) => {
    expect(dnsLabelProblem(name)).toBeTypeOf('string');
  });

  it('of most objects may have dots and 253 characters', () => {
    expect(dnsSubdomainProblem('a.b-c.d')).toBeUndefined();
    expect(dnsSubdomainProblem('a..b')).toBeTypeOf('string');
    expect(dnsSubdomainProblem('a.'.repeat(127))).toBeTypeOf('string');
  });
});

describe('labels', () => {
  it.each(['', 'a', 'A_b.c-d', '1'])('%j is a value', (value) => {
    expect(labelValueProblem(value)).toBeUndefined();
  });

  it.each(['-a', 'a b', 'x'.repeat(64), 'a/b'])('%j is no value', (value) => {
    expect(labelValueProblem(value)).toBeTypeOf('string');
  });

  it.each([
    ['a', true],
    ['example.com/a', true],
    ['Example.com/a', false],
    ['a/', false],
    ['a/b/c', false],
  ])('%j as key is well-formed: %s', (key, isGood) => {
    expect(labelKeyProblem(key) === undefined).toBe(isGood);
  });
});

describe('generated names', () => {
  it('end in five characters from the given random numbers', () => {
    const suffix = nameSuffix([0, 0.5, 0.999_999, 1, 0.1]);
    expect(suffix).toHaveLength(5);
    expect([...suffix].every((letter) => NAME_SUFFIX_ALPHABET.includes(letter))).toBe(true);
    expect(() => nameSuffix([0.1])).toThrow(RangeError);
  });

  it('are cut so that they fit', () => {
    expect(generateName('a-', 'xxxxx')).toBe('a-xxxxx');
    expect(generateName('a'.repeat(70), 'xxxxx')).toBe(`${'a'.repeat(58)}xxxxx`);
  });
});
