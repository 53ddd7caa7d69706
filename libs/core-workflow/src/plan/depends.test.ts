// Covers reading `depends`. Leaves out evaluating it (dag.test.ts).
import { describe, expect, test } from 'vitest';
import { compileDepends, tasksOf } from './depends.ts';

const indexes = new Map([
  ['a', 0],
  ['b-1', 1],
  ['c.d', 2],
]);

function compiled(text: string): unknown {
  const result = compileDepends(text, indexes);
  return result.ok ? result.value : result.error;
}

test('&& binds more tightly than ||, ! more than both', () => {
  expect(compiled('a || !b-1 && a.Failed')).toEqual({
    kind: 'Or',
    operands: [
      { kind: 'Bare', task: 0 },
      {
        kind: 'And',
        operands: [
          { kind: 'Not', operand: { kind: 'Bare', task: 1 } },
          { kind: 'Term', task: 0, condition: 'Failed' },
        ],
      },
    ],
  });
});

test('parentheses, and names with dashes and dots', () => {
  expect(compiled('(b-1.AnySucceeded)')).toEqual({
    kind: 'Term',
    task: 1,
    condition: 'AnySucceeded',
  });
  expect(compiled('c.d')).toEqual({ kind: 'Bare', task: 2 });
});

test('each task is named once among those it waits for', () => {
  const result = compileDepends('a.Succeeded || (a.Failed && b-1)', indexes);
  expect(result.ok && tasksOf(result.value)).toEqual([0, 1]);
});

test('a condition may name any number of tasks', () => {
  const terms = Array.from({ length: 50_000 }, () => 'a.Succeeded').join(' && ');
  const result = compileDepends(terms, indexes);
  expect(result.ok && tasksOf(result.value)).toEqual([0]);
});

describe('what cannot be read is told', () => {
  test.each([
    ['x', "task 'x' is not defined"],
    ['a.Done', "task result 'Done' for task 'a' is invalid"],
    ['a &&', 'unexpected end'],
    ['(a', "missing ')'"],
    ['a b-1', "unexpected 'b-1'"],
    ['a + b-1', "cannot read '+ b-1'"],
    ['('.repeat(1_000), 'nested too deeply'],
  ])('%s', (text, message) => {
    expect(compiled(text)).toContain(message);
  });
});
