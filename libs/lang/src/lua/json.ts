import { failLang } from '../error.ts';
import { VALUE_NODES_MAX } from '../work.ts';
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
  return jsonOf(value, { nodesLeft: VALUE_NODES_MAX });
}

/** Tables that others share are counted for each of them; see `workOf`. */
function jsonOf(value: LuaValue, budget: { nodesLeft: number }): unknown {
  budget.nodesLeft -= 1;
  if (budget.nodesLeft < 0) failLang('Limit', `a value has more than ${VALUE_NODES_MAX} parts`);
  if (!(value instanceof LuaTable)) return typeof value === 'function' ? undefined : value;
  const indexes = [...value.entries.keys()].filter((key) => typeof key === 'number');
  const isArray = value.metatable?.get('__is_array') === true;
  if (indexes.length > 0 || isArray) {
    return indexes
      .sort((left, right) => left - right)
      .map((index) => jsonOf(value.get(index), budget) ?? null);
  }
  const members = [...value.entries]
    .filter((entry): entry is [string, LuaValue] => typeof entry[0] === 'string')
    .map(([key, item]) => [key, jsonOf(item, budget)] as const)
    .filter(([, item]) => item !== undefined);
  return Object.fromEntries(members);
}
