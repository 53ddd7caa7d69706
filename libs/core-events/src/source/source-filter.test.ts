// Covers the expression filter of event sources. Leaves out expr itself.
import { describe, expect, it } from 'vitest';
import { unwrap } from '@argosy/base';
import { compileSourceFilter, sourceFilterPasses } from './source-filter.ts';

function passes(expression: string, json: string): boolean | string {
  const result = sourceFilterPasses(unwrap(compileSourceFilter(expression)), json);
  return result.ok ? result.value : result.error;
}

describe('the filter of an event source', () => {
  it('sees the keys of the data, with _ for - at the top only (rule 50)', () => {
    const json = '{"my-key":"x","body":{"my-key":"y"},"n":1}';
    expect(passes("my_key == 'x' && body['my-key'] == 'y' && n == 1", json)).toBe(true);
    expect(passes('n == 2', json)).toBe(false);
  });
  it('sees dotted keys as objects; the longer key wins its place (rule 50)', () => {
    expect(passes('a.b == 2', '{"a":1,"a.b":2}')).toBe(true);
    expect(passes('a.b == 2', '{"a.b":2,"a":{"c":1}}')).toBe(true);
  });
  it('has the helpers of Argo', () => {
    expect(passes("sprig.trim(s) == 'x'", '{"s":" x "}')).toBe(true);
  });
  it.each([
    ['an error in the expression', 'a.b.c == 1', '{"a":1}'],
    ['a result that is no boolean', 'n', '{"n":1}'],
    ['data that is no object', 'true', '[1]'],
    ['data that is no JSON', 'true', 'x'],
  ])('says why it drops an event: %s', (_, expression, json) => {
    expect(typeof passes(expression, json)).toBe('string');
  });
});
