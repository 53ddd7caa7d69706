import { utf8Bytes } from '../bytes/index.ts';
import { integerArgument, listArgument, mapArgument } from './arguments.ts';
import type { Builtin } from './builtins.ts';
import { orderSign } from './builtins-predicate.ts';
import { compareValues, equalValues, isNil } from './compare.ts';
import type { ExprScope } from './scope.ts';
import {
  ExprDuration,
  goTypeName,
  isList,
  isMap,
  mapEntries,
  mapGet,
  type ExprMap,
} from './value.ts';

const one = (call: (value: unknown, scope: ExprScope) => unknown): Builtin => ({
  min: 1,
  max: 1,
  call: ([value], scope) => call(value, scope),
});

/** Functions on lists and maps. */
export const COLLECTION_BUILTINS: Readonly<Record<string, Builtin>> = {
  len: one(length),
  type: one(typeText),
  first: one((value) => getItem(value, 0n)),
  last: one((value) => getItem(value, -1n)),
  get: { min: 2, max: 2, call: ([from, key]) => getItem(from, key) },
  take: { min: 2, max: 2, call: take },
  keys: one((value) => mapEntries(mapArgument(value, 'get keys')).map(([key]) => key)),
  values: one((value) => mapEntries(mapArgument(value, 'get values')).map(([, item]) => item)),
  toPairs: one((value) => mapEntries(mapArgument(value, 'make pairs')).map((pair) => [...pair])),
  fromPairs: one(fromPairs),
  reverse: one((value) => listArgument(value, 'reverse').toReversed()),
  uniq: one(unique),
  concat: {
    min: 1,
    max: Infinity,
    call: (args, scope) => {
      const all = args.flatMap((arg) => listArgument(arg, 'concat'));
      scope.spend(all.length);
      return all;
    },
  },
  flatten: one((value, scope) => {
    const flat = listArgument(value, 'flatten').flat(Infinity);
    scope.spend(flat.length);
    return flat;
  }),
  sort: { min: 1, max: 2, call: sort },
};

function length(value: unknown): bigint {
  if (typeof value === 'string') return BigInt([...value].length);
  if (isList(value) || value instanceof Uint8Array) return BigInt(value.length);
  if (isMap(value)) return BigInt(mapEntries(value).length);
  throw new Error(`invalid argument for len (type ${goTypeName(value)})`);
}

function typeText(value: unknown): string {
  if (isNil(value)) return 'nil';
  if (isList(value) || value instanceof Uint8Array) return 'array';
  if (isMap(value)) return 'map';
  if (value instanceof Date) return 'time.Time';
  if (value instanceof ExprDuration) return 'time.Duration';
  return typeof value === 'number' ? 'float' : goTypeName(value);
}

/** The item or nil: where an index would be an error, this is not. */
function getItem(from: unknown, key: unknown): unknown {
  if (isMap(from)) return mapGet(from, key) ?? null;
  const items = typeof from === 'string' ? utf8Bytes(from) : from;
  if (!isList(items) && !(items instanceof Uint8Array)) return null;
  const index = Number(integerArgument(key, 'get'));
  const item: unknown = items.at(index) ?? null;
  return typeof item === 'number' && !isList(items) ? BigInt(item) : item;
}

function take([value, count]: readonly unknown[]): unknown {
  if (!isList(value)) throw new Error(`cannot take from ${goTypeName(value)}`);
  if (typeof count !== 'bigint') throw new Error(`cannot take ${goTypeName(count)} elements`);
  if (count < 0n) throw new Error('reflect.Value.Slice: slice index out of bounds');
  return value.slice(0, Number(count));
}

function fromPairs(value: unknown): ExprMap {
  const map = new Map<unknown, unknown>();
  for (const pair of listArgument(value, 'make a map from')) {
    if (!isList(pair)) throw new Error(`invalid pair ${goTypeName(pair)}`);
    if (pair.length !== 2) throw new Error(`invalid pair length ${pair.length}`);
    map.set(pair[0], pair[1]);
  }
  return map;
}

function unique(value: unknown, scope: ExprScope): unknown {
  const kept: unknown[] = [];
  for (const item of listArgument(value, 'uniq')) {
    scope.spend(kept.length + 1);
    if (!kept.some((other) => equalValues(item, other))) kept.push(item);
  }
  return kept;
}

function sort(args: readonly unknown[]): unknown {
  // Go sorts nothing, and gives nothing, where it finds no list at run time.
  const list = isList(args[0]) ? args[0] : [];
  const sign = args.length === 2 ? orderSign(args[1]) : 1;
  return [...list].sort((left, right) => sign * compareValues(left, right, '<'));
}
