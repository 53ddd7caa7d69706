// Covers YAML made into JSON, and its bounds. Leaves out manifests, which have a reader of their own.
import { expect, it } from 'vitest';
import { YAML_UNITS_MAX, yamlToJson } from './yaml-to-json.ts';

it('YAML is one JSON value, nothing is null', () => {
  expect(yamlToJson('a: [1, two]\nb: {c: null}')).toEqual({
    ok: true,
    value: '{"a":[1,"two"],"b":{"c":null}}',
  });
  expect(yamlToJson('')).toEqual({ ok: true, value: 'null' });
});

it('text that is no YAML, is too long or multiplies itself is an error', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe'].map((pair) => [...pair])) {
    bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`);
  }
  for (const text of ['a: [', 'x'.repeat(YAML_UNITS_MAX + 1), bomb.join('\n')]) {
    expect(yamlToJson(text).ok).toBe(false);
  }
});
