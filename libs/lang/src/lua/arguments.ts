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

/** Counts work that the functions of libraries do. */
export type Spend = (steps: number) => void;

/** A table that holds the functions of a library; what they go over is counted. */
export function libraryTable(library: Library, spend: Spend): LuaTable {
  const table = new LuaTable();
  for (const [name, value] of Object.entries(library)) table.set(name, counted(value, spend));
  return table;
}

/** Units of text, and values, that are gone over at the price of one step. */
const UNITS_PER_STEP = 8;
const VALUES_PER_STEP = 16;

function counted(work: LuaFunction, spend: Spend): LuaFunction {
  return (args) => {
    spend(stepsOf(args));
    const values = work(args);
    spend(stepsOf(values));
    return values;
  };
}

function stepsOf(values: readonly LuaValue[]): number {
  let steps = values.length / VALUES_PER_STEP;
  for (const value of values) {
    if (typeof value === 'string') steps += value.length / UNITS_PER_STEP;
  }
  return steps;
}
