import { assertNever } from '@argosy/base';
import { utf8Bytes } from '../bytes/index.ts';
import { failLang } from '../error.ts';
import type { Block, Expression, FunctionBody, Statement } from './node.ts';
import { assignIndex, binary, callValue, indexValue } from './operate.ts';
import {
  isTruthy,
  LuaError,
  LuaTable,
  luaTypeName,
  toLuaNumber,
  type LuaFunction,
  type LuaValue,
} from './value.ts';

/** Units of text that are measured at the price of one step. */
const UNITS_PER_STEP = 128;

/** Deepest nesting of calls. */
const CALL_DEPTH_MAX = 180;

/** A run of a script. */
export interface LuaRun {
  readonly globals: LuaTable;
  /** The string library, which strings have as methods. */
  readonly strings: LuaTable;
  readonly stepsMax: number;
  steps: number;
  depth: number;
}

interface Scope {
  readonly outer: Scope | undefined;
  readonly names: Map<string, LuaValue>;
  readonly varargs: readonly LuaValue[];
}

/** How a block ended: `undefined` = at its end. */
type Exit = undefined | 'break' | { readonly values: readonly LuaValue[] };

/** Runs a main block and gives what it returns. Throws LuaError and LangFailure. */
export function runBlock(run: LuaRun, block: Block): readonly LuaValue[] {
  const exit = execute(run, block, { outer: undefined, names: new Map(), varargs: [] });
  return typeof exit === 'object' ? exit.values : [];
}

/** Counts one step; a script that needs more than its limit ends. */
export function countStep(run: LuaRun, steps = 1): void {
  run.steps += steps;
  if (run.steps > run.stepsMax) {
    failLang('Limit', `the script needs more than ${run.stepsMax} steps`);
  }
}

const inner = (scope: Scope): Scope => ({ ...scope, outer: scope, names: new Map() });

function execute(run: LuaRun, block: Block, scope: Scope): Exit {
  for (const statement of block) {
    countStep(run);
    const exit = located(statement.line, () => executeOne(run, statement, scope));
    if (exit !== undefined) return exit;
  }
  return undefined;
}

/** Puts the line before the sentence of an error that has none yet. */
function located<T>(line: number, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof LuaError) || typeof thrown.value !== 'string') throw thrown;
    if (/^line \d+: /.test(thrown.value)) throw thrown;
    throw new LuaError(`line ${line}: ${thrown.value}`);
  }
}

function executeOne(run: LuaRun, statement: Statement, scope: Scope): Exit {
  switch (statement.kind) {
    case 'Local':
    case 'Assign':
    case 'Call':
    case 'LocalFunction':
      executeSimple(run, statement, scope);
      return undefined;
    case 'Do':
      return execute(run, statement.block, inner(scope));
    case 'Return':
      return { values: evaluateList(run, statement.values, scope) };
    case 'Break':
      return 'break';
    case 'If':
      return executeIf(run, statement, scope);
    default:
      return executeLoop(run, statement, scope);
  }
}

/** Statements that cannot leave their block. */
function executeSimple(
  run: LuaRun,
  statement: Kind<'Local' | 'Assign' | 'Call' | 'LocalFunction'>,
  scope: Scope,
): void {
  switch (statement.kind) {
    case 'Local': {
      const values = evaluateList(run, statement.values, scope);
      statement.names.forEach((name, index) => scope.names.set(name, values[index]));
      return;
    }
    case 'Assign':
      executeAssign(run, statement, scope);
      return;
    case 'Call':
      evaluateMany(run, statement.call, scope);
      return;
    case 'LocalFunction':
      // The name is in scope before the body is made, so the function can call itself.
      scope.names.set(statement.name, undefined);
      scope.names.set(statement.name, createFunction(run, statement.body, scope));
      return;
    default:
      assertNever(statement);
  }
}

type Kind<K extends Statement['kind']> = Statement & { readonly kind: K };

function executeAssign(run: LuaRun, statement: Kind<'Assign'>, scope: Scope): void {
  const places = statement.targets.map((target) =>
    target.kind === 'Index'
      ? { owner: evaluate(run, target.owner, scope), key: evaluate(run, target.key, scope) }
      : undefined,
  );
  const values = evaluateList(run, statement.values, scope);
  statement.targets.forEach((target, index) => {
    const place = places[index];
    if (place !== undefined) assignIndex(place.owner, place.key, values[index]);
    else if (target.kind === 'Name') assignName(run, scope, target.name, values[index]);
  });
}

function scopeOf(scope: Scope, name: string): Scope | undefined {
  for (let current: Scope | undefined = scope; current !== undefined; current = current.outer) {
    if (current.names.has(name)) return current;
  }
  return undefined;
}

function assignName(run: LuaRun, scope: Scope, name: string, value: LuaValue): void {
  const owner = scopeOf(scope, name);
  if (owner === undefined) run.globals.set(name, value);
  else owner.names.set(name, value);
}

function executeIf(run: LuaRun, statement: Kind<'If'>, scope: Scope): Exit {
  for (const branch of statement.branches) {
    if (isTruthy(evaluate(run, branch.condition, scope))) {
      return execute(run, branch.block, inner(scope));
    }
  }
  return execute(run, statement.otherwise, inner(scope));
}

function executeLoop(
  run: LuaRun,
  statement: Kind<'While' | 'Repeat' | 'NumericFor' | 'GenericFor'>,
  scope: Scope,
): Exit {
  switch (statement.kind) {
    case 'While':
      while (isTruthy(evaluate(run, statement.condition, scope))) {
        countStep(run);
        const exit = execute(run, statement.block, inner(scope));
        if (exit !== undefined) return exit === 'break' ? undefined : exit;
      }
      return undefined;
    case 'Repeat':
      for (;;) {
        countStep(run);
        const body = inner(scope);
        const exit = execute(run, statement.block, body);
        if (exit !== undefined) return exit === 'break' ? undefined : exit;
        if (isTruthy(evaluate(run, statement.condition, body))) return undefined;
      }
    case 'NumericFor':
      return executeNumericFor(run, statement, scope);
    case 'GenericFor':
      return executeGenericFor(run, statement, scope);
    default:
      return assertNever(statement);
  }
}

function executeNumericFor(run: LuaRun, statement: Kind<'NumericFor'>, scope: Scope): Exit {
  const number = (expression: Expression | undefined, what: string): number => {
    const value = expression === undefined ? 1 : toLuaNumber(evaluate(run, expression, scope));
    if (value === undefined) throw new LuaError(`'for' ${what} must be a number`);
    return value;
  };
  const from = number(statement.from, 'initial value');
  const to = number(statement.to, 'limit');
  const step = number(statement.step, 'step');
  if (step === 0) throw new LuaError("'for' step is zero");
  for (let value = from; step > 0 ? value <= to : value >= to; value += step) {
    countStep(run);
    const body = inner(scope);
    body.names.set(statement.name, value);
    const exit = execute(run, statement.block, body);
    if (exit !== undefined) return exit === 'break' ? undefined : exit;
  }
  return undefined;
}

function executeGenericFor(run: LuaRun, statement: Kind<'GenericFor'>, scope: Scope): Exit {
  const [next, state, start] = evaluateList(run, statement.values, scope);
  let control = start;
  for (;;) {
    countStep(run);
    const values = callValue(next, [state, control]);
    control = values[0];
    if (control === undefined) return undefined;
    const body = inner(scope);
    statement.names.forEach((name, index) => body.names.set(name, values[index]));
    const exit = execute(run, statement.block, body);
    if (exit !== undefined) return exit === 'break' ? undefined : exit;
  }
}

/** Values of a list of expressions; only the last one may give several. */
function evaluateList(
  run: LuaRun,
  expressions: readonly Expression[],
  scope: Scope,
): readonly LuaValue[] {
  return expressions.flatMap((expression, index) =>
    index === expressions.length - 1
      ? evaluateMany(run, expression, scope)
      : [evaluate(run, expression, scope)],
  );
}

/** All values of a call or `...`, else the one value. */
function evaluateMany(run: LuaRun, expression: Expression, scope: Scope): readonly LuaValue[] {
  switch (expression.kind) {
    case 'Varargs':
      return scope.varargs;
    case 'Call': {
      const callee = evaluate(run, expression.callee, scope);
      const args = evaluateList(run, expression.args, scope);
      if (callee === undefined)
        throw new LuaError(`attempt to call ${describe(expression.callee)}`);
      return call(run, callee, args);
    }
    case 'Method': {
      const owner = evaluate(run, expression.owner, scope);
      const method = indexValue(owner, expression.name, run.strings);
      const args = evaluateList(run, expression.args, scope);
      if (method === undefined) {
        throw new LuaError(`attempt to call method '${expression.name}' (a nil value)`);
      }
      return call(run, method, [owner, ...args]);
    }
    default:
      return [evaluate(run, expression, scope)];
  }
}

function call(run: LuaRun, callee: LuaValue, args: readonly LuaValue[]): readonly LuaValue[] {
  countStep(run);
  run.depth += 1;
  if (run.depth > CALL_DEPTH_MAX) throw new LuaError('stack overflow');
  try {
    return callValue(callee, args);
  } finally {
    run.depth -= 1;
  }
}

function describe(expression: Expression): string {
  if (expression.kind === 'Name') return `global '${expression.name}' (a nil value)`;
  if (expression.kind === 'Index' && expression.key.kind === 'Constant') {
    return `field '${String(expression.key.value)}' (a nil value)`;
  }
  return 'a nil value';
}

function evaluate(run: LuaRun, expression: Expression, scope: Scope): LuaValue {
  switch (expression.kind) {
    case 'Constant':
      return expression.value;
    case 'Name':
      return evaluateName(run, expression.name, scope);
    case 'Index':
      return evaluateIndex(run, expression, scope);
    case 'Function':
      return createFunction(run, expression.body, scope);
    case 'Table':
      return evaluateTable(run, expression, scope);
    case 'Group':
      return evaluate(run, expression.inner, scope);
    case 'Unary':
      return evaluateUnary(run, expression.operator, evaluate(run, expression.operand, scope));
    case 'Binary':
      return evaluateBinary(run, expression, scope);
    case 'Varargs':
    case 'Call':
    case 'Method':
      return evaluateMany(run, expression, scope)[0];
  }
}

function evaluateName(run: LuaRun, name: string, scope: Scope): LuaValue {
  const owner = scopeOf(scope, name);
  return owner === undefined ? run.globals.get(name) : owner.names.get(name);
}

function evaluateIndex(
  run: LuaRun,
  expression: Expression & { readonly kind: 'Index' },
  scope: Scope,
): LuaValue {
  const owner = evaluate(run, expression.owner, scope);
  if (owner === undefined) throw new LuaError(`attempt to index ${describe(expression.owner)}`);
  return indexValue(owner, evaluate(run, expression.key, scope), run.strings);
}

function evaluateUnary(run: LuaRun, operator: '-' | '#' | 'not', value: LuaValue): LuaValue {
  if (operator === 'not') return !isTruthy(value);
  if (operator === '-') return binary('-', 0, value);
  if (typeof value === 'string') {
    countStep(run, value.length / UNITS_PER_STEP);
    return utf8Bytes(value).length;
  }
  if (value instanceof LuaTable) return value.length();
  throw new LuaError(`attempt to get length of a ${luaTypeName(value)} value`);
}

function evaluateBinary(
  run: LuaRun,
  expression: Expression & { readonly kind: 'Binary' },
  scope: Scope,
): LuaValue {
  const left = evaluate(run, expression.left, scope);
  if (expression.operator === 'and') {
    return isTruthy(left) ? evaluate(run, expression.right, scope) : left;
  }
  if (expression.operator === 'or') {
    return isTruthy(left) ? left : evaluate(run, expression.right, scope);
  }
  return binary(expression.operator, left, evaluate(run, expression.right, scope));
}

function evaluateTable(
  run: LuaRun,
  expression: Expression & { readonly kind: 'Table' },
  scope: Scope,
): LuaTable {
  const table = new LuaTable();
  let next = 1;
  expression.fields.forEach((field, index) => {
    countStep(run);
    if (field.key !== undefined) {
      table.set(evaluate(run, field.key, scope), evaluate(run, field.value, scope));
      return;
    }
    const isLast = index === expression.fields.length - 1;
    const values = isLast
      ? evaluateMany(run, field.value, scope)
      : [evaluate(run, field.value, scope)];
    for (const value of values) {
      table.set(next, value);
      next += 1;
    }
  });
  return table;
}

function createFunction(run: LuaRun, body: FunctionBody, scope: Scope): LuaFunction {
  return (args) => {
    const names = new Map<string, LuaValue>();
    body.parameters.forEach((name, index) => names.set(name, args[index]));
    const varargs = body.isVariadic ? args.slice(body.parameters.length) : [];
    const exit = execute(run, body.block, { outer: scope, names, varargs });
    return typeof exit === 'object' ? exit.values : [];
  };
}
