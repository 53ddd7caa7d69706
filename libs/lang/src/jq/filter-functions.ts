import { failLang } from '../error.ts';
import { stepTo } from './access.ts';
import { pathsOf } from './assign.ts';
import { product } from './call.ts';
import { run, values, type Located } from './evaluate.ts';
import type { JqNode } from './node.ts';
import { replaced } from './regex-functions.ts';
import { spend, type JqScope } from './scope.ts';
import { fromStream, streamOf } from './stream.ts';
import { asPath, compareJq, failJq, JqRaised, pathValue, preview } from './value.ts';

type FilterFunction = (
  args: readonly JqNode[],
  input: Located,
  scope: JqScope,
) => Iterable<Located>;

/** Functions that run their arguments as filters, or keep the path of what they give. */
export const FILTER_FUNCTIONS: Readonly<Record<string, FilterFunction>> = {
  'empty/0': () => [],
  'error/0': (_, { value }) => raise(value),
  'error/1': function* error([message = IDENTITY], { value }, scope) {
    for (const raised of values(message, value, scope)) raise(raised);
    yield* [];
  },
  'first/1': function* first([filter = IDENTITY], input, scope) {
    for (const output of run(filter, input, scope)) {
      yield output;
      return;
    }
  },
  'last/1': function* last([filter = IDENTITY], input, scope) {
    let found: Located | undefined;
    for (const output of run(filter, input, scope)) found = output;
    if (found !== undefined) yield found;
  },
  'limit/2': limit,
  'skip/2': skip,
  'range/3': range,
  'recurse/1': ([filter = IDENTITY], input, scope) => recurse(filter, input, scope),
  'path/1': function* path([filter = IDENTITY], { value }, scope) {
    for (const found of pathsOf(filter, value, scope)) yield { value: found.map(pathValue) };
  },
  'getpath/1': function* getPath([path = IDENTITY], input, scope) {
    for (const steps of values(path, input.value, scope)) {
      yield asPath(steps).reduce(stepTo, input);
    }
  },
  'sort_by/1': keyedBy((items) => items.map(([, item]) => item)),
  'group_by/1': keyedBy(groups),
  'unique_by/1': keyedBy((items) => groups(items).map((group) => group[0])),
  'min_by/1': keyedBy((items) => items[0]?.[1] ?? null),
  'max_by/1': keyedBy((items) => lastOfGreatest(items)),
  'sub/3': function* sub([pattern = IDENTITY, filter = IDENTITY, flags = IDENTITY], input, scope) {
    for (const [letters, source] of product([flags, pattern], input.value, scope)) {
      const one = (captures: unknown): Iterable<unknown> => values(filter, captures, scope);
      for (const value of replaced(input.value, [source, letters], one)) yield { value };
    }
  },
  'tostream/0': function* toStream(_, { value }) {
    for (const event of streamOf(value)) yield { value: event };
  },
  'fromstream/1': function* from([filter = IDENTITY], { value }, scope) {
    for (const whole of fromStream(values(filter, value, scope))) yield { value: whole };
  },
};

const IDENTITY: JqNode = { kind: 'Identity' };

function raise(value: unknown): never {
  throw new JqRaised(value);
}

function* limit(
  [count = IDENTITY, filter = IDENTITY]: readonly JqNode[],
  input: Located,
  scope: JqScope,
): Generator<Located> {
  for (const most of values(count, input.value, scope)) {
    let left = countOf('limit', most);
    if (left === 0) continue;
    for (const output of run(filter, input, scope)) {
      yield output;
      left -= 1;
      if (left <= 0) break;
    }
  }
}

function* skip(
  [count = IDENTITY, filter = IDENTITY]: readonly JqNode[],
  input: Located,
  scope: JqScope,
): Generator<Located> {
  for (const fewest of values(count, input.value, scope)) {
    let left = countOf('skip', fewest);
    for (const output of run(filter, input, scope)) {
      if (left <= 0) yield output;
      else left -= 1;
    }
  }
}

function countOf(name: string, count: unknown): number {
  if (typeof count !== 'number') return failJq(`${name} takes a number, not ${preview(count)}`);
  return count < 0 ? failJq(`${name} doesn't support negative count`) : count;
}

function* range(
  [start = IDENTITY, end = IDENTITY, step = IDENTITY]: readonly JqNode[],
  input: Located,
  scope: JqScope,
): Generator<Located> {
  for (const bounds of product([start, end, step].toReversed(), input.value, scope)) {
    const [by, to, from] = bounds.map((bound) =>
      typeof bound === 'number' ? bound : failJq(`range takes numbers, not ${preview(bound)}`),
    );
    if (from === undefined || to === undefined || by === undefined) return;
    const isInside = (value: number): boolean => (by > 0 ? value < to : by < 0 && value > to);
    for (let value = from; isInside(value); value += by) {
      spend(scope);
      yield { value };
    }
  }
}

/** Deepest that `recurse` goes. */
const RECURSE_DEPTH_MAX = 10_000;

function* recurse(filter: JqNode, input: Located, scope: JqScope): Generator<Located> {
  // A stack of its own, so that an item deep down costs no more than one at the top.
  const open: Iterator<Located>[] = [];
  let next = input;
  for (;;) {
    spend(scope);
    if (open.length > RECURSE_DEPTH_MAX) failLang('Limit', 'recurse goes too deep');
    yield next;
    open.push(run(filter, next, scope)[Symbol.iterator]());
    let found = open.at(-1)?.next();
    while (found?.done === true) {
      open.pop();
      found = open.at(-1)?.next();
    }
    if (found === undefined) return;
    next = found.value;
  }
}

type Keyed = readonly (readonly [readonly unknown[], unknown])[];

/** A function of a list whose items are in the order of what a filter gives for each. */
function keyedBy(result: (items: Keyed) => unknown): FilterFunction {
  return ([filter = IDENTITY], { value }, scope) => {
    if (!Array.isArray(value)) return failJq(`expected an array but got: ${preview(value)}`);
    const items = (value as readonly unknown[])
      .map((item) => [[...values(filter, item, scope)], item] as const)
      .toSorted(([left], [right]) => compareJq(left, right));
    return [{ value: result(items) }];
  };
}

function groups(items: Keyed): readonly (readonly unknown[])[] {
  const found: { readonly key: unknown; readonly items: unknown[] }[] = [];
  for (const [key, item] of items) {
    const last = found.at(-1);
    if (last !== undefined && compareJq(last.key, key) === 0) last.items.push(item);
    else found.push({ key, items: [item] });
  }
  return found.map((group) => group.items);
}

/** Of several greatest the last. */
function lastOfGreatest(items: Keyed): unknown {
  return items.at(-1)?.[1] ?? null;
}
