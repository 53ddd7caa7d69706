// Covers the jq filters transforms use, with the answers gojq gives. Leaves out what is not supported
// (modules, input, now), but for the error that says so.
import { describe, expect, it } from 'vitest';
import { runJq } from './index.ts';

const INPUT = { a: 1, b: '2', c: { d: [3, 4, { e: null }] }, s: 'x y', list: [3, 1, 2] };

function answer(filter: string): unknown {
  const result = runJq(filter, INPUT);
  return result.ok ? result.value.value : `error: ${result.error.message}`;
}

describe('jq', () => {
  it.each([
    ['.', INPUT],
    ['.a', 1],
    ['.c.d[0]', 3],
    ['.c.d[-1].e', null],
    ['.c["d"][1:]', [4, { e: null }]],
    ['.nope.x', null],
    ['[.list[] | . * 2]', [6, 2, 4]],
    ['{a, x: .s, ("k" + .b): true}', { a: 1, x: 'x y', k2: true }],
    ['.b * 2', '22'],
    ['1 + 2 * 3 - 4 / 2', 5],
    ['.a == 1 and (.b == 2 | not)', true],
    ['.nope // "d"', 'd'],
    ['if .a > 1 then "big" elif .a == 1 then "one" else "small" end', 'one'],
    ['"a is \\(.a) and \\(.list)"', 'a is 1 and [3,1,2]'],
    ['reduce .list[] as $n (0; . + $n)', 6],
    ['.a as $x | [.list[] + $x]', [4, 2, 3]],
    ['.list | sort | map(select(. > 1))', [2, 3]],
    ['[.. | numbers?] | length', 6],
    ['.c.d[2].e?', null],
    ['try error("x") catch . + "!"', 'x!'],
    ['[.a, .b | tostring] | join("-")', '1-2'],
    ['.list | add', 6],
    ['. | keys', ['a', 'b', 'c', 'list', 's']],
    ['.c | with_entries(.value |= length)', { d: 3 }],
    ['.s | split(" ") | map(ascii_upcase)', ['X', 'Y']],
    ['.s | test("^x")', true],
    ['-(.a)', -1],
    ['{} * {a: {b: 1}} * {a: {c: 2}}', { a: { b: 1, c: 2 } }],
  ])('answers %s', (filter, want) => {
    expect(answer(filter)).toEqual(want);
  });

  it.each([
    ['.a += 1 | .a', 2],
    ['.new.x[1] = 5 | .new', { x: [null, 5] }],
    ['.list[] |= . + 1 | .list', [4, 2, 3]],
    ['.a |= null | .a', null],
    ['.nope //= 7 | .nope', 7],
    ['(.a, .b) = 0 | [.a, .b]', [0, 0]],
    ['del(.list[0, 2]) | .list', [1]],
    ['del(.c.d) | .c', {}],
    ['(.list[] | select(. > 1)) |= 0 | .list', [0, 1, 0]],
  ])('assigns: %s', (filter, want) => {
    expect(answer(filter)).toEqual(want);
  });

  it.each([
    '.a |',
    '.a.b',
    '.list + 1',
    '{',
    '[.a',
    '.a = ',
    'def f: 1;',
    'now',
    'input',
    '$x',
    '"abc',
    '1 / 0',
    'nope',
    '.a[]',
  ])('refuses %s with a reason', (filter) => {
    expect(answer(filter)).toMatch(/^error: ./);
  });

  it.each([
    '[recurse(.)]',
    '"x" * 1e12',
    '('.repeat(1000),
    'def f: f; f',
    'def f: f, f; [f]',
    '[repeat(1)]',
    'last(range(1e12))',
    '[limit(1e12; repeat(1))]',
    'reduce range(1e9) as $x (0; . + $x)',
    '[range(1000)] | [range(1000) as $i | tojson] | add | length',
    '"x" * 900000 | [., ., ., .] | add',
  ])('ends the hostile filter %#', (filter) => {
    expect(answer(filter)).toMatch(/^error: /);
  });
});
