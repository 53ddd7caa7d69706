import { goValueText, isEmptyValue, isGoMap, sortedKeys } from '../govalue/index.ts';
import { expectCount, mapArgument, textArgument, type SprigFunction } from './arguments.ts';
import { deepCopy } from './equality.ts';

type GoMap = Record<string, unknown>;

/** Sets a key as data, so that `__proto__` is a key like any other. */
function setKey(map: GoMap, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}

function dict(args: readonly unknown[]): GoMap {
  const map: GoMap = {};
  for (let index = 0; index < args.length; index += 2) {
    setKey(map, goValueText(args[index]), index + 1 < args.length ? args[index + 1] : '');
  }
  return map;
}

/** Fills (or, with overwrite, replaces) the target's entries from the source; maps are merged. */
function mergeInto(target: GoMap, source: GoMap, overwrite: boolean): void {
  for (const [key, value] of Object.entries(source)) {
    const current = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isGoMap(current) && isGoMap(value)) mergeInto(current, value, overwrite);
    else if (!Object.hasOwn(target, key) || isEmptyValue(current)) {
      if (!Object.hasOwn(target, key) || !isEmptyValue(value)) setKey(target, key, value);
    } else if (overwrite && value !== null && value !== undefined) setKey(target, key, value);
  }
}

function merger(overwrite: boolean): SprigFunction {
  return (args) => {
    expectCount(args, 1, Infinity);
    const target = mapArgument(args, 0);
    args.slice(1).forEach((_, index) => mergeInto(target, mapArgument(args, index + 1), overwrite));
    return target;
  };
}

function dig(args: readonly unknown[]): unknown {
  if (args.length < 3) throw new Error('dig needs at least three arguments');
  const fallback = args.at(-2);
  let current: unknown = mapArgument(args, args.length - 1);
  for (let index = 0; index < args.length - 2; index += 1) {
    const key = textArgument(args, index);
    if (!isGoMap(current)) {
      throw new Error(`interface conversion: the value at ${key} is not a map`);
    }
    if (!Object.hasOwn(current, key)) return fallback;
    current = current[key];
  }
  return current;
}

const keysFrom = (args: readonly unknown[]): readonly string[] =>
  args.slice(1).map((_, index) => textArgument(args, index + 1));

const copy: SprigFunction = (args) => {
  expectCount(args, 1);
  return deepCopy(args[0]);
};

/** Functions on maps. Where Go's order is random, ours is the order of the keys. */
export const dictFunctions: Readonly<Record<string, SprigFunction>> = {
  dict,
  get: (args) => {
    expectCount(args, 2);
    const [map, key] = [mapArgument(args, 0), textArgument(args, 1)];
    return Object.hasOwn(map, key) ? map[key] : '';
  },
  set: (args) => {
    expectCount(args, 3);
    const map = mapArgument(args, 0);
    setKey(map, textArgument(args, 1), args[2]);
    return map;
  },
  unset: (args) => {
    expectCount(args, 2);
    const map = mapArgument(args, 0);
    delete map[textArgument(args, 1)];
    return map;
  },
  hasKey: (args) => {
    expectCount(args, 2);
    return Object.hasOwn(mapArgument(args, 0), textArgument(args, 1));
  },
  pluck: (args) => {
    expectCount(args, 1, Infinity);
    const key = textArgument(args, 0);
    return args
      .slice(1)
      .map((_, index) => mapArgument(args, index + 1))
      .filter((map) => Object.hasOwn(map, key))
      .map((map) => map[key]);
  },
  keys: (args) => args.flatMap((_, index) => [...sortedKeys(mapArgument(args, index))]),
  values: (args) => {
    expectCount(args, 1);
    const map = mapArgument(args, 0);
    return sortedKeys(map).map((key) => map[key]);
  },
  pick: (args) => {
    const map = mapArgument(args, 0);
    const kept = keysFrom(args).filter((key) => Object.hasOwn(map, key));
    return Object.fromEntries(kept.map((key) => [key, map[key]]));
  },
  omit: (args) => {
    const omitted = new Set(keysFrom(args));
    const entries = Object.entries(mapArgument(args, 0));
    return Object.fromEntries(entries.filter(([key]) => !omitted.has(key)));
  },
  merge: merger(false),
  mustMerge: merger(false),
  mergeOverwrite: merger(true),
  mustMergeOverwrite: merger(true),
  deepCopy: copy,
  mustDeepCopy: copy,
  dig,
};
