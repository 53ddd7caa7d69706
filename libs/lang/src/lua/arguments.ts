import {
  LuaError,
  LuaTable,
  luaTypeName,
  toLuaNumber,
  type LuaFunction,
  type LuaValue,
} from './value.ts';
import { toText } from './operate.ts';

/** A function of a library with the name it has in errors. */
export interface Library {
  readonly [name: string]: LuaFunction;
}

function bad(index: number, expected: string, value: LuaValue): LuaError {
  const got = value === undefined ? 'no value' : luaTypeName(value);
  return new LuaError(`bad argument #${index + 1} (${expected} expected, got ${got})`);
}

/** The argument as a number; a text that is one counts. */
export function numberAt(args: readonly LuaValue[], index: number, fallback?: number): number {
  const value = args[index];
  if (value === undefined && fallback !== undefined) return fallback;
  const number = toLuaNumber(value);
  if (number === undefined) throw bad(index, 'number', value);
  return number;
}

/** The argument as text; a number counts. */
export function textAt(args: readonly LuaValue[], index: number, fallback?: string): string {
  const value = args[index];
  if (value === undefined && fallback !== undefined) return fallback;
  if (typeof value !== 'string' && typeof value !== 'number') throw bad(index, 'string', value);
  return toText(value);
}

/** The argument as a table. */
export function tableAt(args: readonly LuaValue[], index: number): LuaTable {
  const value = args[index];
  if (!(value instanceof LuaTable)) throw bad(index, 'table', value);
  return value;
}

/** The argument as a function. */
export function functionAt(args: readonly LuaValue[], index: number): LuaFunction {
  const value = args[index];
  if (typeof value !== 'function') throw bad(index, 'function', value);
  return value;
}

/** A table that holds the functions of a library. */
export function libraryTable(library: Library): LuaTable {
  const table = new LuaTable();
  for (const [name, value] of Object.entries(library)) table.set(name, value);
  return table;
}
