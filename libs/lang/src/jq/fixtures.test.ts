// Covers jq against what gojq answers (fixtures/jq.json, written by tools/go-fixtures): the first output of each
// filter, and which filters are in error. Leaves out the sentences of errors, but for those that a filter
// catches, and the filters in `DIFFERENT`.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runJq } from './index.ts';
import { jqJson } from './value.ts';

interface Fixtures {
  readonly input: unknown;
  readonly cases: readonly {
    readonly filter: string;
    readonly output?: unknown;
    readonly error?: string;
  }[];
}

const { input, cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/jq.json', import.meta.url), 'utf8'),
) as Fixtures;

/** Filters whose answer is another one on purpose, and why. */
const DIFFERENT: Readonly<Record<string, string>> = {
  '100000000000000000000000 | tostring': 'numbers are doubles',
  'now | type': 'an event gives the same answer whenever it is looked at',
};

function answer(filter: string): string {
  const result = runJq(filter, input);
  if (!result.ok) return 'error';
  return 'value' in result.value ? jqJson(result.value.value) : 'nothing';
}

function wanted(one: Fixtures['cases'][number]): string {
  if (one.error !== undefined) return 'error';
  return 'output' in one ? jqJson(one.output) : 'nothing';
}

describe('a filter of jq answers what gojq answers', () => {
  it.each(cases.filter(({ filter }) => !Object.hasOwn(DIFFERENT, filter)))('$filter', (one) => {
    expect(answer(one.filter)).toBe(wanted(one));
  });
});

it('every filter that differs is still there and still differs', () => {
  const agreeing = Object.keys(DIFFERENT).filter((filter) => {
    const one = cases.find((other) => other.filter === filter);
    return one === undefined || answer(filter) === wanted(one);
  });
  expect(agreeing).toEqual([]);
});
