import { failLang, LangFailure } from '../error.ts';
import { queryJsonPath } from '../jsonpath/index.ts';
import { sprigFunctions } from '../sprig/index.ts';
import { textArgument } from './arguments.ts';
import { toFloat, toInt } from './builtins-number.ts';
import { parseGoJson, valueToJson } from './json.ts';
import type { ExprScope } from './scope.ts';
import { workOf } from '../work.ts';

type ExprFunction = (args: readonly unknown[], scope: ExprScope) => unknown;

/** Functions Argo adds to the language. */
const ARGO_FUNCTIONS: Readonly<Record<string, ExprFunction>> = {
  asInt: ([value]) => toInt(value),
  asFloat: ([value]) => toFloat(value),
  toJson: ([value]) => valueToJson(value),
  jsonpath: ([json, path]) =>
    queryJsonText(textArgument(json, 'jsonpath'), textArgument(path, 'jsonpath')),
};

function queryJsonText(json: string, path: string): unknown {
  const found = queryJsonPath(path, parseGoJson(json));
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

/** Names whose members are functions: `sprig.trim(x)`. */
export const FUNCTION_NAMESPACES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  sprig: sprigFunctions,
};

/** Calls a function by name or as a value. Throws LangFailure. */
export function callFunction(
  called: string | ExprFunction,
  args: readonly unknown[],
  scope: ExprScope,
  offset: number,
): unknown {
  const fn = typeof called === 'string' ? functionNamed(called, scope) : called;
  if (fn === undefined) return failLang('Unresolved', `unknown name ${String(called)}`, offset);
  scope.spend(workOf(args));
  try {
    const value = fn(args, scope);
    scope.spend(workOf([value]));
    return value;
  } catch (thrown) {
    if (thrown instanceof LangFailure || !(thrown instanceof Error)) throw thrown;
    return failLang('Evaluation', thrown.message, offset);
  }
}

/** A function given in the environment goes before Argo's of the same name. */
function functionNamed(name: string, scope: ExprScope): ExprFunction | undefined {
  const own: unknown = Object.hasOwn(scope.env, name) ? scope.env[name] : undefined;
  if (typeof own === 'function') return own as ExprFunction;
  return Object.hasOwn(ARGO_FUNCTIONS, name) ? ARGO_FUNCTIONS[name] : undefined;
}

/** Whether the name is one of Argo's functions or a group of functions. */
export function isFunctionNameOrGroup(name: string): boolean {
  return Object.hasOwn(ARGO_FUNCTIONS, name) || Object.hasOwn(FUNCTION_NAMESPACES, name);
}
