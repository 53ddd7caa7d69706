// Covers the filters of a dependency and how they are combined. Leaves out gjson, govaluate and Lua
// themselves, which libs/lang tests, and transforms.
import { describe, expect, it } from 'vitest';
import { filtersPass } from './evaluate.ts';
import type { DataFilter, Dependency, DependencyFilters, ExprFilter } from '../manifest/sensor.ts';
import type { SensorEvent } from '../event/sensor-event.ts';

const event = (dataText?: string, more: Partial<SensorEvent> = {}): SensorEvent => ({
  id: '1',
  source: 'hooks',
  type: 'webhook',
  subject: 'orders',
  time: '2026-03-02T16:36:34Z',
  datacontenttype: 'application/json',
  ...(dataText === undefined ? {} : { dataText }),
  ...more,
});

/** `true`, `false`, or the error's sentence. */
function verdict(
  filters: DependencyFilters,
  of: SensorEvent,
  operator: Dependency['filtersLogicalOperator'] = '',
): boolean | string {
  const result = filtersPass({ filters, filtersLogicalOperator: operator }, of);
  return result.ok ? result.value : result.error;
}

const data = (filter: DataFilter, json: string): boolean | string =>
  verdict({ data: [filter] }, event(json));
const a: ExprFilter = { expr: 'a == 1', fields: [{ name: 'a', path: 'a' }] };
const missing: ExprFilter = { expr: 'z == 1', fields: [{ name: 'z', path: 'z' }] };

describe('how kinds of filters are combined', () => {
  const passing: DependencyFilters = { context: { type: 'webhook' } };
  const failing: DependencyFilters = { data: [{ path: 'z', type: 'string', value: ['v'] }] };

  it('rejects under or when any kind is in error, even if another passed (rule 1)', () => {
    expect(verdict({ ...passing, ...failing }, event('{}'), 'or')).toContain("path 'z'");
  });
  it('counts under or only the kinds that are present; no kinds reject (rule 2)', () => {
    expect(verdict({}, event('{}'), 'or')).toBe(false);
    expect(verdict({}, event('{}'), 'and')).toBe(true);
    expect(verdict(passing, event('{}'), 'or')).toBe(true);
  });
  it('rejects at once when a script fails, under either operator (rule 3)', () => {
    const filters = { ...passing, script: 'return a.b' };
    expect(verdict(filters, event('{}'), 'or')).toContain('script filter error');
    expect(verdict(filters, event('{}'), 'and')).toContain('script filter error');
  });
  it('reports under and the first error although an earlier kind was false (rule 4)', () => {
    expect(verdict({ exprs: [a], ...failing }, event('{"a":2}'), 'and')).toBe(
      "data filter error (path 'z' does not exist)",
    );
  });
});

describe('lists of expression and data filters', () => {
  it('stop under and at the first false and do not see a later missing path (rule 5)', () => {
    expect(verdict({ exprs: [a, missing] }, event('{"a":2}'))).toBe(false);
    expect(verdict({ exprs: [missing, a] }, event('{"a":2}'))).toBe(
      "expr filter error (path 'z' does not exist)",
    );
  });
  it('let a later match win under or, and join the errors when none matches (rule 6)', () => {
    const or = { exprLogicalOperator: 'or' } as const;
    expect(verdict({ exprs: [missing, a], ...or }, event('{"a":1}'))).toBe(true);
    expect(verdict({ exprs: [missing, missing, a], ...or }, event('{"a":2}'))).toBe(
      "expr filter errors [path 'z' does not exist / path 'z' does not exist]",
    );
  });
  it('pass an event without data, and refuse data that is no JSON (rule 7)', () => {
    const filters = { exprs: [a], data: [{ path: 'a' }], script: 'return false' };
    expect(verdict(filters, event())).toBe(true);
    expect(verdict({ exprs: [a] }, event('nope'))).toBe(
      'expr filter error (event data not valid JSON)',
    );
  });
  it('take a result that is no boolean as false (rule 15)', () => {
    expect(verdict({ exprs: [{ ...a, expr: 'a + 1' }] }, event('{"a":1}'))).toBe(false);
  });
});

describe('data filters', () => {
  it('take any of the values, under != too (rule 8)', () => {
    const filter = { path: 'k', type: 'string', value: ['foo', 'bar'] } as const;
    expect(data({ ...filter, comparator: '!=' }, '{"k":"foo"}')).toBe(true);
    expect(data(filter, '{"k":"bar"}')).toBe(true);
  });
  it('read string values as unanchored expressions; order never matches text (rule 9)', () => {
    const filter = { path: 'k', type: 'string', value: ['ell'] } as const;
    expect(data(filter, '{"k":"hello"}')).toBe(true);
    expect(data({ ...filter, comparator: '>' }, '{"k":"hello"}')).toBe(false);
    expect(data({ ...filter, value: ['['] }, '{"k":"hello"}')).toContain('data filter error');
  });
  it('compare numbers by their numeric form; text that is none counts as 0 (rule 10)', () => {
    const filter = { path: 'k', type: 'number', value: ['5'], comparator: '>=' } as const;
    expect(data(filter, '{"k":"5.5"}')).toBe(true);
    expect(data({ ...filter, value: ['0'], comparator: '=' }, '{"k":"x"}')).toBe(true);
    expect(data({ ...filter, value: ['ten'] }, '{"k":10}')).toContain('ParseFloat');
  });
  it('read bool values as Go does, and 1 or "true" in events as true (rule 11)', () => {
    const filter = { path: 'k', type: 'bool', value: ['T'] } as const;
    expect(['true', '1', '"TRUE"', 'false', '"no"'].map((k) => data(filter, `{"k":${k}}`))).toEqual(
      [true, true, true, false, false],
    );
    expect(data({ ...filter, value: ['yes'] }, '{"k":true}')).toContain('ParseBool');
  });
  it('find null, whose text is empty, but not a missing path (rule 12)', () => {
    const filter = { path: 'k', type: 'string', value: ['^$'] } as const;
    expect(data(filter, '{"k":null}')).toBe(true);
    expect(data(filter, '{}')).toBe("data filter error (path 'k' does not exist)");
  });
  it('compare what a template makes of the value; no output is an error (rule 13)', () => {
    const filter = { path: 'k', type: 'number', value: ['3'], comparator: '>' } as const;
    expect(data({ ...filter, template: '{{ b64dec .Input }}' }, '{"k":"My4xNA=="}')).toBe(true);
    expect(data({ ...filter, template: '{{ "" }}' }, '{"k":1}')).toContain('empty string');
    expect(data({ ...filter, template: '{{ .Nope }}' }, '{"k":1}')).toContain('no value');
  });
  it('see the raw JSON of several paths at once (rule 14)', () => {
    const filter = {
      path: '[k,z,a.#(n==1).v]',
      type: 'string',
      value: ['^\\["v","w"\\]$'],
    } as const;
    expect(data(filter, '{"k":"v","a":[{"n":1,"v":"w"}]}')).toBe(true);
  });
});

describe('time and context filters', () => {
  const at = (time: string, start: string, stop: string, timezone = ''): boolean | string =>
    verdict({ time: { start, stop, timezone } }, event('{}', { time }));

  it('take a window that begins with start and ends before stop (rule 16)', () => {
    expect(at('2026-03-02T08:00:00Z', '08:00:00', '09:00:00')).toBe(true);
    expect(at('2026-03-02T09:00:00Z', '08:00:00', '09:00:00')).toBe(false);
  });
  it('wrap midnight when stop is before start, on the day of the zone (rule 16)', () => {
    expect(at('2024-07-15T02:00:00Z', '22:00:00', '06:00:00', 'America/New_York')).toBe(true);
    expect(at('2024-07-15T15:00:00Z', '22:00:00', '06:00:00', 'America/New_York')).toBe(false);
  });
  it('name a time or zone that cannot be read', () => {
    expect(at('2024-07-15T02:00:00Z', '9:00', '10:00:00')).toContain('parsing time "9:00"');
    expect(at('2024-07-15T02:00:00Z', '08:00:00', '10:00:00', 'No/Where')).toContain('No/Where');
  });
  it('compare attributes exactly; an empty context passes (rule 17)', () => {
    expect(verdict({ context: { subject: 'order' } }, event('{}'))).toBe(false);
    expect(verdict({ context: { subject: 'orders', source: 'hooks' } }, event('{}'))).toBe(true);
    expect(verdict({ context: {} }, event('{}'))).toBe(true);
  });
});

describe('script filters', () => {
  it('pass on exactly true (rule 18)', () => {
    expect(verdict({ script: 'return event.n == 1' }, event('{"n":1}'))).toBe(true);
    expect(verdict({ script: 'return "yes"' }, event('{"n":1}'))).toBe(false);
  });
  it('need an object as payload (rule 19)', () => {
    expect(verdict({ script: 'return true' }, event('[1]'))).toContain('not a JSON object');
  });
});
