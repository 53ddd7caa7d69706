/** One token of an expression. `offset` counts UTF-16 units from the start of the source. */
export interface ExprToken {
  readonly kind: 'Identifier' | 'Number' | 'String' | 'Bytes' | 'Operator' | 'Bracket' | 'EOF';
  readonly text: string;
  readonly offset: number;
}

const WORD_OPERATORS: ReadonlySet<string> = new Set([
  'not',
  'in',
  'or',
  'and',
  'matches',
  'contains',
  'startsWith',
  'endsWith',
  'let',
  'if',
  'else',
]);

/** Whether an identifier-shaped word is an operator of the language. */
export function isWordOperator(word: string): boolean {
  return WORD_OPERATORS.has(word);
}
