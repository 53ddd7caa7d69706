import { err, type Result } from '@argosy/base';
import { catchLang } from '../catch-lang.ts';
import { failLang, langError, type LangError } from '../error.ts';
import { libraryTable } from './arguments.ts';
import { baseLibrary } from './base-library.ts';
import { countStep, runBlock, type LuaRun } from './evaluate.ts';
import { jsonOfValue, tableOfObject } from './json.ts';
import { toText } from './operate.ts';
import { parseLua } from './parser.ts';
import { stringLibrary } from './string-library.ts';
import { mathLibrary, tableLibrary } from './table-library.ts';
import { LuaError, LuaTable } from './value.ts';

/** Statements, calls and loop rounds one run may take unless told otherwise. */
export const LUA_STEPS_MAX = 1_000_000;
/** Longest script, in UTF-16 units. */
export const LUA_SOURCE_UNITS_MAX = 1_000_000;

export interface LuaOptions {
  /** Globals the script sees, as JSON objects. */
  readonly globals?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly stepsMax?: number;
}

/** What a script returned: the first value as JSON data, and its type in Lua. */
export interface LuaAnswer {
  readonly isTable: boolean;
  /** Absent for nil and functions. */
  readonly value?: unknown;
}

/**
 * Runs a script of Lua 5.1 in a sandbox: base, string, table and math libraries without clock, files,
 * randomness and `load`; steps, depth and texts are bounded.
 */
export function runLua(source: string, options: LuaOptions = {}): Result<LuaAnswer, LangError> {
  return catchLua(() => {
    if (source.length > LUA_SOURCE_UNITS_MAX) {
      failLang('Limit', `a script may have at most ${LUA_SOURCE_UNITS_MAX} characters`);
    }
    const block = parseLua(source);
    const [first] = runBlock(createRun(options), block);
    const value = jsonOfValue(first);
    const isTable = first instanceof LuaTable;
    return value === undefined ? { isTable } : { isTable, value };
  });
}

function createRun(options: LuaOptions): LuaRun {
  const spend = (steps: number): void => countStep(run, steps);
  const strings = libraryTable(stringLibrary, spend);
  const globals = new LuaTable();
  const run: LuaRun = {
    globals,
    strings,
    stepsMax: options.stepsMax ?? LUA_STEPS_MAX,
    steps: 0,
    depth: 0,
  };
  for (const [name, work] of Object.entries(baseLibrary(run))) globals.set(name, work);
  globals.set('string', strings);
  globals.set('table', libraryTable(tableLibrary(spend), spend));
  const math = libraryTable(mathLibrary, spend);
  math.set('pi', Math.PI);
  math.set('huge', Infinity);
  globals.set('math', math);
  globals.set('_G', globals);
  globals.set('_VERSION', 'Lua 5.1');
  for (const [name, value] of Object.entries(options.globals ?? {})) {
    globals.set(name, tableOfObject(value));
  }
  return run;
}

/** An error the script raised becomes an evaluation error with its text. */
function catchLua<T>(body: () => T): Result<T, LangError> {
  try {
    return catchLang(body);
  } catch (thrown) {
    if (thrown instanceof LuaError) return err(langError('Evaluation', toText(thrown.value)));
    throw thrown;
  }
}
