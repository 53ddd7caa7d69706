import { sortedKeys } from '../govalue/index.ts';
import { LuaTable, type LuaValue } from './value.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A JSON object as a table, as Argo Events hands events to scripts: nulls vanish, and so do arrays in
 * arrays and nulls in arrays.
 */
export function tableOfObject(value: Readonly<Record<string, unknown>>): LuaTable {
  const table = new LuaTable();
  for (const key of sortedKeys(value)) {
    const item = value[key];
    table.set(key, Array.isArray(item) ? tableOfArray(item) : valueOf(item));
  }
  return table;
}

function tableOfArray(items: readonly unknown[]): LuaTable {
  const table = new LuaTable();
  let next = 1;
  for (const item of items) {
    const value = Array.isArray(item) ? undefined : valueOf(item);
    if (value === undefined) continue;
    table.set(next, value);
    next += 1;
  }
  return table;
}

function valueOf(value: unknown): LuaValue {
  if (isObject(value)) return tableOfObject(value);
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    default:
      return undefined;
  }
}

/**
 * A value as JSON data. A table with integer keys is an array and loses its text keys; an empty table is
 * an object unless its metatable has `__is_array`. Functions vanish.
 */
export function jsonOfValue(value: LuaValue): unknown {
  if (!(value instanceof LuaTable)) return typeof value === 'function' ? undefined : value;
  const indexes = [...value.entries.keys()].filter((key) => typeof key === 'number');
  const isArray = value.metatable?.get('__is_array') === true;
  if (indexes.length > 0 || isArray) {
    return indexes
      .sort((left, right) => left - right)
      .map((index) => jsonOfValue(value.get(index)) ?? null);
  }
  const members = [...value.entries]
    .filter((entry): entry is [string, LuaValue] => typeof entry[0] === 'string')
    .map(([key, item]) => [key, jsonOfValue(item)] as const)
    .filter(([, item]) => item !== undefined);
  return Object.fromEntries(members);
}
