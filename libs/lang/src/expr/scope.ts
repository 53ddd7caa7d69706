import { failLang } from '../error.ts';

/** The most evaluation steps one run may take; a step is one node visited or one item produced. */
export const EXPR_STEPS_MAX = 1_000_000;
/** The most UTF-16 units any text made during evaluation may have. */
export const EXPR_TEXT_UNITS_MAX = 4 * 1024 * 1024;

/** Options of one evaluation. */
export interface ExprOptions {
  /** Bound on steps; default `EXPR_STEPS_MAX`. */
  readonly maxSteps?: number;
  /** The time `now()` gives, in ms since 1970; without it `now()` is an error. */
  readonly nowMs?: number;
}

/** What evaluation of one expression carries along. */
export interface ExprScope {
  readonly env: Readonly<Record<string, unknown>>;
  readonly options: ExprOptions;
  /** Variables made by `let`, innermost last. */
  readonly locals: { readonly name: string; readonly value: unknown }[];
  /** The items that enclosing predicates look at, innermost last. */
  readonly pointers: PredicateItem[];
  /** Counts steps; throws when the bound is passed. */
  readonly spend: (steps: number) => void;
}

/** What `#`, `#index` and `#acc` stand for. */
export interface PredicateItem {
  item: unknown;
  index: number;
  acc: unknown;
}

/** A fresh scope for one evaluation. */
export function exprScope(env: Readonly<Record<string, unknown>>, options: ExprOptions): ExprScope {
  const limit = options.maxSteps ?? EXPR_STEPS_MAX;
  let spent = 0;
  const spend = (steps: number): void => {
    spent += steps;
    if (spent > limit) failLang('Limit', `the expression takes more than ${limit} steps`);
  };
  return { env, options, locals: [], pointers: [], spend };
}
