// Covers who depends on whom, asked seldom and often. Leaves out what validation says about it
// (dag.test.ts) and cycles.
import { expect, test } from 'vitest';
import { createAncestry } from './task-graph.ts';

const CHAIN_LENGTH = 200;

/** t0 <- t1 <- t2 …, and `other`, which waits for nothing. */
function chain(): Map<string, readonly string[]> {
  const names = Array.from({ length: CHAIN_LENGTH }, (_, index) => `t${index}`);
  const dependencies = names.map((name, index): [string, readonly string[]] => [
    name,
    index === 0 ? [] : [`t${index - 1}`],
  ]);
  return new Map([...dependencies, ['other', []]]);
}

test('a task depends on all before it and on nothing behind it, however often that is asked', () => {
  const { isAncestor } = createAncestry(chain());
  for (let task = 1; task < CHAIN_LENGTH; task += 1) {
    expect(isAncestor('t0', `t${task}`)).toBe(true);
    expect(isAncestor(`t${task}`, 't0')).toBe(false);
    expect(isAncestor('t0', 'other')).toBe(false);
    expect(isAncestor('t100', `t${task}`)).toBe(task > 100);
  }
});

test("a task is not its own ancestor, and unknown tasks are nobody's", () => {
  const { isAncestor } = createAncestry(chain());
  for (let round = 0; round < CHAIN_LENGTH; round += 1) {
    expect(isAncestor('t5', 't5')).toBe(false);
    expect(isAncestor('nobody', 't5')).toBe(false);
  }
});
