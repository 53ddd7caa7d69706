import { numberAt, tableAt, textAt, type Library, type Spend } from './arguments.ts';
import { unpack } from './base-library.ts';
import { callValue, lessThan, LUA_TEXT_UNITS_MAX, toText } from './operate.ts';
import { isTruthy, LuaError, type LuaValue } from './value.ts';

/** Entries that are gone over at the price of one step. */
const ENTRIES_PER_STEP = 4;

/** Counts entries that a function is about to go over. */
type SpendEntries = (entries: number) => void;

function concat(args: readonly LuaValue[], spend: SpendEntries): readonly LuaValue[] {
  const table = tableAt(args, 0);
  const parts: string[] = [];
  let units = 0;
  const to = numberAt(args, 3, table.length());
  spend(Math.max(0, to - numberAt(args, 2, 1)));
  for (let index = numberAt(args, 2, 1); index <= to; index += 1) {
    const value = table.get(index);
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new LuaError(`invalid value (at index ${index}) in table for 'concat'`);
    }
    parts.push(toText(value));
    units += parts.at(-1)?.length ?? 0;
    if (units > LUA_TEXT_UNITS_MAX) throw new LuaError('a string is too long');
  }
  return [parts.join(textAt(args, 1, ''))];
}

function insert(args: readonly LuaValue[], spend: SpendEntries): readonly LuaValue[] {
  const table = tableAt(args, 0);
  const length = table.length();
  if (args.length < 3) {
    table.set(length + 1, args[1]);
    return [];
  }
  const position = numberAt(args, 1);
  spend(Math.max(0, length - position));
  for (let index = length; index >= position; index -= 1) table.set(index + 1, table.get(index));
  table.set(position, args[2]);
  return [];
}

function remove(args: readonly LuaValue[], spend: SpendEntries): readonly LuaValue[] {
  const table = tableAt(args, 0);
  const length = table.length();
  const position = numberAt(args, 1, length);
  if (length === 0 || position < 1 || position > length) return [undefined];
  const removed = table.get(position);
  spend(length - position);
  for (let index = position; index < length; index += 1) table.set(index, table.get(index + 1));
  table.set(length, undefined);
  return [removed];
}

function sort(args: readonly LuaValue[], spend: SpendEntries): readonly LuaValue[] {
  const table = tableAt(args, 0);
  const order = args[1];
  const isLess = (left: LuaValue, right: LuaValue): boolean =>
    order === undefined ? lessThan(left, right) : isTruthy(callValue(order, [left, right])[0]);
  spend(table.length() * Math.log2(table.length() + 2));
  const values = Array.from({ length: table.length() }, (_, index) => table.get(index + 1));
  values.sort((left, right) => (isLess(left, right) ? -1 : isLess(right, left) ? 1 : 0));
  values.forEach((value, index) => table.set(index + 1, value));
  return [];
}

function largestIndex(args: readonly LuaValue[], spend: SpendEntries): readonly LuaValue[] {
  spend(tableAt(args, 0).entries.size);
  const numbers = [...tableAt(args, 0).entries.keys()].filter((key) => typeof key === 'number');
  return [numbers.reduce((largest, key) => Math.max(largest, key), 0)];
}

/** The table library of Lua 5.1, `getn` and `maxn` included. */
export function tableLibrary(spend: Spend): Library {
  const spendEntries = (entries: number): void => spend(entries / ENTRIES_PER_STEP);
  return {
    concat: (args) => concat(args, spendEntries),
    insert: (args) => insert(args, spendEntries),
    remove: (args) => remove(args, spendEntries),
    sort: (args) => sort(args, spendEntries),
    unpack,
    getn: (args) => [tableAt(args, 0).length()],
    maxn: (args) => largestIndex(args, spendEntries),
  };
}

const ofNumber =
  (work: (value: number) => number) =>
  (args: readonly LuaValue[]): readonly LuaValue[] => [work(numberAt(args, 0))];

/** The math library without `random`, which would make a script answer differently each time. */
export const mathLibrary: Library = {
  abs: ofNumber(Math.abs),
  ceil: ofNumber(Math.ceil),
  floor: ofNumber(Math.floor),
  sqrt: ofNumber(Math.sqrt),
  exp: ofNumber(Math.exp),
  log: ofNumber(Math.log),
  log10: ofNumber(Math.log10),
  sin: ofNumber(Math.sin),
  cos: ofNumber(Math.cos),
  tan: ofNumber(Math.tan),
  max: (args) => [Math.max(...args.map((_, index) => numberAt(args, index)))],
  min: (args) => [Math.min(...args.map((_, index) => numberAt(args, index)))],
  pow: (args) => [numberAt(args, 0) ** numberAt(args, 1)],
  fmod: (args) => [numberAt(args, 0) % numberAt(args, 1)],
  mod: (args) => [numberAt(args, 0) % numberAt(args, 1)],
  modf: (args) => {
    const value = numberAt(args, 0);
    return [Math.trunc(value), value - Math.trunc(value)];
  },
};
