import { functionAt, numberAt, tableAt, type Library } from './arguments.ts';
import { countStep, type LuaRun } from './evaluate.ts';
import { callValue, metamethod, toText } from './operate.ts';
import { isTruthy, LuaError, LuaTable, luaTypeName, toLuaNumber, type LuaValue } from './value.ts';

/** Values `unpack` may give. */
const UNPACK_MAX = 10_000;
/** Entries that `next` goes over at the price of one step. */
const ENTRIES_PER_STEP = 64;

function next(table: LuaTable, key: LuaValue): readonly LuaValue[] {
  let isFound = key === undefined;
  for (const [candidate, value] of table.entries) {
    if (isFound) return [candidate, value];
    isFound = candidate === key;
  }
  if (!isFound) throw new LuaError("invalid key to 'next'");
  return [undefined];
}

/** An iterator that keeps its own place, so walking a table costs one step per entry. */
function pairs(run: LuaRun, table: LuaTable): readonly LuaValue[] {
  const entries = table.entries.entries();
  const step = (): readonly LuaValue[] => {
    countStep(run);
    for (;;) {
      const entry = entries.next();
      if (entry.done === true) return [undefined];
      if (table.entries.has(entry.value[0])) return entry.value;
    }
  };
  return [step, table, undefined];
}

function protectedCall(work: () => readonly LuaValue[]): readonly LuaValue[] {
  try {
    return [true, ...work()];
  } catch (thrown) {
    if (thrown instanceof LuaError) return [false, thrown.value];
    throw thrown;
  }
}

function toNumber(args: readonly LuaValue[]): LuaValue {
  const base = numberAt(args, 1, 10);
  if (base === 10) return toLuaNumber(args[0]);
  const text = toText(args[0]).trim().toLowerCase();
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base);
  if (text === '' || [...text].some((digit) => !digits.includes(digit))) return undefined;
  return Number.parseInt(text, base);
}

function select(args: readonly LuaValue[]): readonly LuaValue[] {
  if (args[0] === '#') return [args.length - 1];
  const index = numberAt(args, 0);
  if (index < 0) return args.slice(Math.max(1, args.length + index));
  if (index === 0) throw new LuaError("bad argument #1 to 'select' (index out of range)");
  return args.slice(index);
}

/** `unpack(list, from, to)`. */
export function unpack(args: readonly LuaValue[]): readonly LuaValue[] {
  const table = tableAt(args, 0);
  const from = numberAt(args, 1, 1);
  const to = numberAt(args, 2, table.length());
  if (to - from >= UNPACK_MAX) throw new LuaError('too many results to unpack');
  const values: LuaValue[] = [];
  for (let index = from; index <= to; index += 1) values.push(table.get(index));
  return values;
}

/** The basic functions that touch nothing outside the script; there is no `load`, `print`, `require`. */
export function baseLibrary(run: LuaRun): Library {
  return {
    assert: (args) => {
      if (isTruthy(args[0])) return args;
      throw new LuaError(args.length > 1 ? args[1] : 'assertion failed!');
    },
    error: (args) => {
      throw new LuaError(args[0]);
    },
    pcall: (args) => protectedCall(() => callValue(args[0], args.slice(1))),
    xpcall: (args) => {
      const result = protectedCall(() => callValue(args[0], []));
      return result[0] === true ? result : [false, ...functionAt(args, 1)([result[1]])];
    },
    type: (args) => [luaTypeName(args[0])],
    tostring: (args) => [toText(args[0])],
    tonumber: (args) => [toNumber(args)],
    next: (args) => {
      const table = tableAt(args, 0);
      countStep(run, table.entries.size / ENTRIES_PER_STEP);
      return next(table, args[1]);
    },
    pairs: (args) => pairs(run, tableAt(args, 0)),
    ipairs: (args) => {
      const step = ([list, index]: readonly LuaValue[]): readonly LuaValue[] => {
        const position = numberAt([index], 0) + 1;
        const value = list instanceof LuaTable ? list.get(position) : undefined;
        return value === undefined ? [undefined] : [position, value];
      };
      return [step, tableAt(args, 0), 0];
    },
    rawget: (args) => [tableAt(args, 0).get(args[1])],
    rawset: (args) => {
      tableAt(args, 0).set(args[1], args[2]);
      return [args[0]];
    },
    rawequal: (args) => [args[0] === args[1]],
    select,
    unpack,
    getmetatable: (args) => {
      const guard = metamethod(args[0], '__metatable');
      if (guard !== undefined) return [guard];
      return [args[0] instanceof LuaTable ? args[0].metatable : undefined];
    },
    setmetatable: (args) => {
      const table = tableAt(args, 0);
      if (metamethod(table, '__metatable') !== undefined) {
        throw new LuaError('cannot change a protected metatable');
      }
      table.metatable = args[1] === undefined ? undefined : tableAt(args, 1);
      return [table];
    },
  };
}
