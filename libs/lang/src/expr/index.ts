import { err, ok, type Result } from '@argosy/base';
import { catchLang } from '../catch-lang.ts';
import { langError, type LangError } from '../error.ts';
import { goValueText } from '../govalue/index.ts';
import { checkTypes } from './check.ts';
import { evaluateNode } from './evaluate.ts';
import { FUNCTION_NAMESPACES } from './functions.ts';
import { identifierPaths } from './identifiers.ts';
import { valueToJson } from './json.ts';
import type { ExprNode } from './node.ts';
import { parseExpr } from './parser.ts';
import { exprScope, type ExprOptions } from './scope.ts';
import type { ExprValue } from './value.ts';
import { workOf } from '../work.ts';

export { EXPR_STEPS_MAX, EXPR_TEXT_UNITS_MAX, type ExprOptions } from './scope.ts';
export { ExprDuration, ExprTime, type ExprValue } from './value.ts';

/** The longest expression accepted, in UTF-16 units. */
export const EXPR_SOURCE_UNITS_MAX = 100_000;

/** A parsed expression; immutable, may be kept and evaluated any number of times. */
export interface ExprProgram {
  readonly source: string;
  readonly root: ExprNode;
  /** What `identifiersOf` gives. */
  readonly identifiers: readonly string[];
}

/** Parses an expression of expr-lang 1.17. The error's `offset` is where reading stopped. */
export function compileExpr(source: string): Result<ExprProgram, LangError> {
  if (source.length > EXPR_SOURCE_UNITS_MAX) {
    const sentence = `an expression may have at most ${EXPR_SOURCE_UNITS_MAX} characters`;
    return err(langError('Limit', sentence));
  }
  return catchLang(() => {
    const root = parseExpr(source);
    return { source, root, identifiers: identifierPaths(root) };
  });
}

/**
 * Evaluates a program. `env` holds the variables: `number` = float64, `bigint` = int, `null` = nil,
 * arrays, plain objects, and functions taking one list of arguments. A root name that is in neither
 * `env` nor the functions is an `Unresolved` error, even where evaluation would not reach it.
 */
export function evaluateExpr(
  program: ExprProgram,
  env: Readonly<Record<string, unknown>>,
  options: ExprOptions = {},
): Result<ExprValue, LangError> {
  for (const name of program.identifiers) {
    if (name.includes('.') || name === '$env' || Object.hasOwn(env, name)) continue;
    if (Object.hasOwn(FUNCTION_NAMESPACES, name)) continue;
    return err(langError('Unresolved', `unknown name ${name}`));
  }
  return catchLang(() => {
    checkTypes(program.root, env);
    const value = evaluateNode(program.root, exprScope(env, options));
    // Whoever takes the value writes it out; it must not be endless then.
    workOf([value]);
    return value;
  });
}

/**
 * The names the program reads: root identifiers and the constant member paths under them, as
 * `inputs.parameters.x`; `workflow['parameters']` counts as `workflow.parameters`. Sorted.
 */
export function identifiersOf(program: ExprProgram): readonly string[] {
  return program.identifiers;
}

/** Whether a dotted name is a function, or a group of functions, of the language: `sprig.trim`. */
export function isFunctionName(path: string): boolean {
  const dot = path.indexOf('.');
  const namespace = dot === -1 ? path : path.slice(0, dot);
  if (!Object.hasOwn(FUNCTION_NAMESPACES, namespace)) return false;
  return dot === -1 || Object.hasOwn(FUNCTION_NAMESPACES[namespace] ?? {}, path.slice(dot + 1));
}

/**
 * How Argo writes the value of `{{=…}}` into text: text as it is, the rest as Go's JSON. What JSON
 * cannot say (functions, NaN) is printed as `%v` prints it; `exprValueToJson` refuses that.
 */
export function exprValueToText(value: ExprValue): string {
  const text = exprValueToJson(value);
  return text.ok ? text.value : goValueText(value);
}

/** As `exprValueToText`, with an error for functions, NaN and infinity. */
export function exprValueToJson(value: ExprValue): Result<string, LangError> {
  if (typeof value === 'string') return ok(value);
  try {
    return ok(valueToJson(value));
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    return err(langError('Evaluation', thrown.message));
  }
}
