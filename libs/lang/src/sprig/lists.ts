import { compareText, goValueText, isEmptyValue, kindOfValue } from '../govalue/index.ts';
import { deepEqual } from './equality.ts';
import {
  expectCount,
  intArgument,
  listArgument,
  textsOf,
  type SprigFunction,
} from './arguments.ts';

function ofList(verb: string, work: (list: readonly unknown[]) => unknown): SprigFunction {
  return (args) => {
    expectCount(args, 1);
    return work(listArgument(args, 0, verb));
  };
}

/** Most lists and maps that are compared each with each. */
const COMPARED_MAX = 2_000;

function unique(list: readonly unknown[]): readonly unknown[] {
  const kept: unknown[] = [];
  // Scalars are told apart by a set; lists and maps must be compared with each other.
  const scalars = new Set<unknown>();
  const others: unknown[] = [];
  for (const item of list) {
    const isScalar = typeof item !== 'object' || item === null;
    const isKnown = isScalar ? scalars.has(item) : others.some((other) => deepEqual(other, item));
    if (isKnown) continue;
    if (isScalar) scalars.add(item);
    else others.push(item);
    if (others.length > COMPARED_MAX) throw new Error(`more than ${COMPARED_MAX} lists and maps`);
    kept.push(item);
  }
  return kept;
}

function slice(args: readonly unknown[]): unknown {
  expectCount(args, 1, Infinity);
  const list: unknown = args[0];
  if (!Array.isArray(list)) {
    throw new Error(`list should be type of slice or array but ${kindOfValue(list)}`);
  }
  if (list.length === 0) return null;
  const from = args.length > 1 ? intArgument(args, 1) : 0;
  const to = args.length > 2 ? intArgument(args, 2) : list.length;
  if (from < 0 || to < from || to > list.length) {
    throw new Error(`reflect.Value.Slice: slice index out of bounds`);
  }
  return list.slice(from, to);
}

function chunk(args: readonly unknown[]): unknown {
  expectCount(args, 2);
  const size = intArgument(args, 0);
  const list = listArgument(args, 1, 'chunk');
  if (size < 1) throw new Error('chunk: the size must be at least 1');
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, index) => list.slice(index * size, (index + 1) * size));
}

function has(args: readonly unknown[]): boolean {
  expectCount(args, 2);
  if (args[1] === null || args[1] === undefined) return false;
  return listArgument(args, 1, 'find').some((item) => deepEqual(item, args[0]));
}

const push: SprigFunction = (args) => {
  expectCount(args, 2);
  return [...listArgument(args, 0, 'push'), args[1]];
};
const prepend: SprigFunction = (args) => {
  expectCount(args, 2);
  return [args[1], ...listArgument(args, 0, 'prepend')];
};
const without: SprigFunction = (args) => {
  expectCount(args, 1, Infinity);
  const omitted = args.slice(1);
  return listArgument(args, 0, 'find').filter(
    (item) => !omitted.some((other) => deepEqual(item, other)),
  );
};
const first = ofList('find first', (list) => list[0] ?? null);
const last = ofList('find last', (list) => list.at(-1) ?? null);
const rest = ofList('find rest', (list) => list.slice(1));
const initial = ofList('find initial', (list) => list.slice(0, -1));
const reverse = ofList('find reverse', (list) => list.toReversed());
const uniq = ofList('find uniq', unique);
const compact = ofList('compact', (list) => list.filter((item) => !isEmptyValue(item)));

function sortAlpha(args: readonly unknown[]): readonly string[] {
  expectCount(args, 1);
  if (!Array.isArray(args[0])) return [goValueText(args[0])];
  return textsOf(args[0]).toSorted(compareText);
}

/** Functions on slices. The `must` twins fail in the same cases here. */
export const listFunctions: Readonly<Record<string, SprigFunction>> = {
  list: (args) => [...args],
  tuple: (args) => [...args],
  append: push,
  mustAppend: push,
  push,
  mustPush: push,
  prepend,
  mustPrepend: prepend,
  first,
  mustFirst: first,
  last,
  mustLast: last,
  rest,
  mustRest: rest,
  initial,
  mustInitial: initial,
  reverse,
  mustReverse: reverse,
  uniq,
  mustUniq: uniq,
  compact,
  mustCompact: compact,
  without,
  mustWithout: without,
  has,
  mustHas: has,
  slice,
  mustSlice: slice,
  chunk,
  mustChunk: chunk,
  sortAlpha,
  concat: (args) => args.flatMap((_, index) => [...listArgument(args, index, 'concat')]),
};
