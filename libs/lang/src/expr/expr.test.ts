// Covers what the recorded cases cannot: bounds on hostile input, the clock, errors with their places,
// names an expression reads, and printing of values. Leaves out the language itself (fixtures.test.ts).
import { unwrap } from '@argosy/base';
import { describe, expect, it } from 'vitest';
import {
  compileExpr,
  evaluateExpr,
  exprValueToJson,
  exprValueToText,
  identifiersOf,
  type ExprOptions,
} from './index.ts';

function evaluate(source: string, env: Record<string, unknown> = {}, options?: ExprOptions) {
  const program = compileExpr(source);
  return program.ok ? evaluateExpr(program.value, env, options) : program;
}

describe('hostile expressions end with an error', () => {
  it.each([
    ['1..9000000000000000000', 'Limit'],
    ['map(1..10000, map(1..10000, #))', 'Limit'],
    ['reduce(1..40, #acc + #acc, "0123456789")', 'Limit'],
    ['repeat(repeat("x", 100000), 100000)', 'Evaluation'],
    [`${'('.repeat(100_000)}1`, 'Limit'],
    [`${'['.repeat(5_000)}1`, 'Limit'],
    [`${'-'.repeat(5_000)}1`, 'Limit'],
    [`1${'+1'.repeat(20_000)}`, 'Limit'],
    [`a${'.b'.repeat(40_000)}`, 'Limit'],
    ['join(map(1..100000, repeat("y", 1000)), "")', 'Limit'],
    ['"x" matches "(a{1000}){1000}"', 'Evaluation'],
    ['x'.repeat(200_000), 'Limit'],
  ])('%#: ends in bounded time', (source, kind) => {
    const started = performance.now();
    const result = evaluate(source, { a: null });
    expect(result.ok ? 'no error' : result.error.kind).toBe(kind);
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it('takes the bound on steps from the options', () => {
    expect(evaluate('map(1..100, #)', {}, { maxSteps: 50 }).ok).toBe(false);
    expect(evaluate('map(1..10, #)', {}, { maxSteps: 500 }).ok).toBe(true);
  });

  it('matches regular expressions in linear time', () => {
    const started = performance.now();
    const text = 'a'.repeat(5_000);
    expect(evaluate('text matches "^(a+)+$"', { text: `${text}!` })).toEqual({
      ok: true,
      value: false,
    });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it.each(['__proto__', 'constructor', 'valueOf', 'hasOwnProperty'])(
    'does not see the inherited name %s',
    (name) => {
      expect(evaluate(name).ok).toBe(false);
      expect(evaluate(`m.${name}`, { m: {} })).toEqual({ ok: true, value: null });
      expect(evaluate(`sprig.${name}("x")`).ok).toBe(false);
    },
  );
});

describe('errors', () => {
  it.each([
    ['1 + ', 4],
    ['foo bar', 4],
    ['a + $', undefined],
    ['1 + "x"', 2],
  ])('tell the place in %j', (source, offset) => {
    const result = evaluate(source, { a: 1n, foo: 1n });
    expect(result.ok).toBe(false);
    if (!result.ok && offset !== undefined) expect(result.error.offset).toBe(offset);
  });

  it('name an unknown variable even where evaluation would not reach it', () => {
    const result = evaluate('true || missing');
    expect(result).toMatchObject({ ok: false, error: { kind: 'Unresolved' } });
  });

  it('refuse to compare kinds that cannot be equal, even where evaluation would not reach it', () => {
    expect(evaluate('false && retries == 1', { retries: '1' }).ok).toBe(false);
    expect(evaluate('int(retries) == 1', { retries: '1' })).toEqual({ ok: true, value: true });
  });
});

describe('now()', () => {
  it('is the time of the options', () => {
    const result = evaluate('now() - duration("1s") < now()', {}, { nowMs: 1_000 });
    expect(result).toEqual({ ok: true, value: true });
  });

  it('is an error without a clock', () => {
    expect(evaluate('now()')).toMatchObject({ ok: false, error: { kind: 'Evaluation' } });
  });
});

describe('methods of times and durations', () => {
  it.each([
    ['date("2024-02-03T10:11:12Z").Year()', 2024n],
    ['date("2024-02-03T10:11:12Z").Unix()', 1_706_955_072n],
    ['date("2024-02-03").Format("02.01.2006")', '03.02.2024'],
    ['date("2024-02-03").AddDate(0, 1, 0).Format("2006-01-02")', '2024-03-03'],
    ['date("2024-02-03").Before(date("2024-02-04"))', true],
    ['date("2024-02-04").Sub(date("2024-02-03")).Hours()', 24],
    ['duration("90m").Minutes()', 90],
    ['duration("90m").String()', '1h30m0s'],
    ['string(date("2024-02-03").Weekday())', 'Saturday'],
  ])('%s', (source, value) => {
    expect(evaluate(source)).toEqual({ ok: true, value });
  });

  it('are read from RFC 3339 texts by the functions of sprig', () => {
    const formats = { RFC3339: '2024-02-03T10:11:12Z', Y: '2024' };
    for (const at of [formats.RFC3339, formats]) {
      expect(evaluate("sprig.date('2006', at)", { at })).toEqual({ ok: true, value: '2024' });
    }
    expect(evaluate("sprig.date('2006', 'soon')").ok).toBe(false);
  });

  it('refuses an unknown method', () => {
    expect(evaluate('date("2024-02-03").Nope()').ok).toBe(false);
  });
});

describe('identifiersOf', () => {
  it.each([
    ['inputs.parameters.x', ['inputs', 'inputs.parameters', 'inputs.parameters.x']],
    ["workflow['parameters']", ['workflow', 'workflow.parameters']],
    ['a?.b.c ?? d', ['a', 'a.b', 'a.b.c', 'd']],
    ['let x = a; x + b', ['a', 'b']],
    ['map(items, #.name + suffix)', ['items', 'suffix']],
    ['asInt(x) + sprig.int(y)', ['sprig', 'sprig.int', 'x', 'y']],
    ['"inputs.parameters.x"', []],
    ['a[b].c', ['a', 'b']],
  ])('of %s', (source, names) => {
    expect(identifiersOf(unwrap(compileExpr(source)))).toEqual(names);
  });
});

describe('exprValueToText', () => {
  it.each([
    ['a', 'a'],
    [5n, '5'],
    [2.5, '2.5'],
    [100, '100'],
    [true, 'true'],
    [null, 'null'],
    [['a', 1n, null], '["a",1,null]'],
    [{ b: 1n, a: 'x<y' }, '{"a":"x\\u003cy","b":1}'],
  ])('prints case %# as Go does', (value, text) => {
    expect(exprValueToText(value)).toBe(text);
  });

  it('has no JSON for a function or NaN', () => {
    expect(exprValueToJson(() => 1).ok).toBe(false);
    expect(exprValueToJson(Number.NaN).ok).toBe(false);
  });
});

describe('a program', () => {
  it('may be evaluated again with other variables', () => {
    const program = unwrap(compileExpr('map(list, # * factor)'));
    expect(unwrap(evaluateExpr(program, { list: [1n, 2n], factor: 2n }))).toEqual([2n, 4n]);
    expect(unwrap(evaluateExpr(program, { list: [1.5], factor: 2 }))).toEqual([3]);
  });

  it('calls functions of the environment', () => {
    const double = ([value]: readonly unknown[]): unknown => (value as bigint) * 2n;
    expect(evaluate('double(4)', { double })).toEqual({ ok: true, value: 8n });
  });
});
