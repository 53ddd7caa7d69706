/** How tightly an operator binds, and to which side it groups. */
export interface OperatorRank {
  readonly precedence: number;
  readonly rightAssociative: boolean;
}

const left = (precedence: number): OperatorRank => ({ precedence, rightAssociative: false });
const right = (precedence: number): OperatorRank => ({ precedence, rightAssociative: true });

/** Prefix operators. Note that `not` binds looser than arithmetic but tighter than comparison. */
export const UNARY_OPERATORS: ReadonlyMap<string, number> = new Map([
  ['not', 50],
  ['!', 50],
  ['-', 90],
  ['+', 90],
]);

/** Binary operators of expr-lang 1.17. */
export const BINARY_OPERATORS: ReadonlyMap<string, OperatorRank> = new Map([
  ['|', left(0)],
  ['or', left(10)],
  ['||', left(10)],
  ['and', left(15)],
  ['&&', left(15)],
  ['==', left(20)],
  ['!=', left(20)],
  ['<', left(20)],
  ['>', left(20)],
  ['>=', left(20)],
  ['<=', left(20)],
  ['in', left(20)],
  ['matches', left(20)],
  ['contains', left(20)],
  ['startsWith', left(20)],
  ['endsWith', left(20)],
  ['..', left(25)],
  ['+', left(30)],
  ['-', left(30)],
  ['*', left(60)],
  ['/', left(60)],
  ['%', left(60)],
  ['**', right(100)],
  ['^', right(100)],
  ['??', left(500)],
]);

/** Operators that may follow `not`: `a not in b`. */
export const NEGATABLE_OPERATORS: ReadonlySet<string> = new Set([
  'in',
  'matches',
  'contains',
  'startsWith',
  'endsWith',
]);

/** Operators that chain: `1 < x < 3`. */
export const CHAINING_COMPARISONS: ReadonlySet<string> = new Set(['<', '>', '<=', '>=']);

/**
 * Built-in functions whose second argument is a predicate, with how many arguments they need and how
 * many they may have.
 */
export const PREDICATE_BUILTINS: ReadonlyMap<
  string,
  { readonly min: number; readonly max: number }
> = new Map([
  ['all', { min: 2, max: 2 }],
  ['none', { min: 2, max: 2 }],
  ['any', { min: 2, max: 2 }],
  ['one', { min: 2, max: 2 }],
  ['filter', { min: 2, max: 2 }],
  ['map', { min: 2, max: 2 }],
  ['count', { min: 1, max: 2 }],
  ['sum', { min: 1, max: 2 }],
  ['find', { min: 2, max: 2 }],
  ['findIndex', { min: 2, max: 2 }],
  ['findLast', { min: 2, max: 2 }],
  ['findLastIndex', { min: 2, max: 2 }],
  ['groupBy', { min: 2, max: 2 }],
  ['sortBy', { min: 2, max: 3 }],
  ['reduce', { min: 2, max: 3 }],
]);
