import { failLang, LangFailure } from '../error.ts';
import { COLLECTION_BUILTINS } from './builtins-collection.ts';
import { NUMBER_BUILTINS } from './builtins-number.ts';
import { callPredicateBuiltin } from './builtins-predicate.ts';
import { TEXT_BUILTINS } from './builtins-text.ts';
import { TIME_BUILTINS } from './builtins-time.ts';
import type { ExprNode, NodeOf } from './node.ts';
import { PREDICATE_BUILTINS } from './operators.ts';
import type { ExprScope } from './scope.ts';
import { workOf } from '../work.ts';

/** A built-in function on evaluated arguments. Throws `Error` with Go's text on bad arguments. */
export interface Builtin {
  readonly min: number;
  readonly max: number;
  readonly call: (args: readonly unknown[], scope: ExprScope) => unknown;
}

const BUILTINS: ReadonlyMap<string, Builtin> = new Map([
  ...Object.entries(TEXT_BUILTINS),
  ...Object.entries(NUMBER_BUILTINS),
  ...Object.entries(COLLECTION_BUILTINS),
  ...Object.entries(TIME_BUILTINS),
]);

/** Calls the built-in a node names. Throws LangFailure. */
export function callBuiltin(
  node: NodeOf<'Builtin'>,
  scope: ExprScope,
  evaluate: (node: ExprNode, scope: ExprScope) => unknown,
): unknown {
  if (PREDICATE_BUILTINS.has(node.name)) return callPredicateBuiltin(node, scope, evaluate);
  const builtin = BUILTINS.get(node.name);
  if (builtin === undefined) {
    return failLang('Evaluation', `the function ${node.name} does not exist`, node.offset);
  }
  const count = node.args.length;
  if (count < builtin.min || count > builtin.max) {
    return failLang('Evaluation', arityText(node.name, builtin, count), node.offset);
  }
  const args = node.args.map((arg) => evaluate(arg, scope));
  scope.spend(workOf(args));
  try {
    const value = builtin.call(args, scope);
    if (typeof value === 'object') scope.spend(workOf([value]));
    return value;
  } catch (thrown) {
    if (thrown instanceof LangFailure || !(thrown instanceof Error)) throw thrown;
    return failLang('Evaluation', thrown.message, node.offset);
  }
}

function arityText(name: string, builtin: Builtin, count: number): string {
  const { min, max } = builtin;
  const expected =
    min === max ? `${min}` : max === Infinity ? `at least ${min}` : `${min} to ${max}`;
  return `invalid number of arguments for ${name} (expected ${expected}, got ${count})`;
}
