/** A token of a govaluate expression. `value` holds a literal's value or an operator's text. */
export interface WhenToken {
  readonly kind: WhenTokenKind;
  readonly value: string | number | boolean | readonly string[];
  readonly offset: number;
}

/** Kinds as govaluate names them in its error texts. */
export type WhenTokenKind =
  | 'PREFIX'
  | 'NUMERIC'
  | 'BOOLEAN'
  | 'STRING'
  | 'TIME'
  | 'VARIABLE'
  | 'ACCESSOR'
  | 'SEPARATOR'
  | 'COMPARATOR'
  | 'LOGICALOP'
  | 'MODIFIER'
  | 'CLAUSE'
  | 'CLAUSE_CLOSE'
  | 'TERNARY';

export const PREFIX_SYMBOLS: ReadonlySet<string> = new Set(['-', '!', '~']);

const COMPARATORS = ['==', '!=', '>', '>=', '<', '<=', '=~', '!~', 'in'];
const MODIFIERS = ['+', '-', '*', '/', '%', '**', '&', '|', '^', '>>', '<<'];

/** Which kind each symbol is, when it does not stand as a prefix. */
export const SYMBOL_KINDS: ReadonlyMap<string, WhenTokenKind> = new Map<string, WhenTokenKind>([
  ...MODIFIERS.map((symbol) => [symbol, 'MODIFIER'] as const),
  ['&&', 'LOGICALOP'],
  ['||', 'LOGICALOP'],
  ...COMPARATORS.map((symbol) => [symbol, 'COMPARATOR'] as const),
  ['?', 'TERNARY'],
  [':', 'TERNARY'],
  ['??', 'TERNARY'],
]);

const VALUES: readonly WhenTokenKind[] = [
  'NUMERIC',
  'BOOLEAN',
  'VARIABLE',
  'ACCESSOR',
  'STRING',
  'CLAUSE',
];
const AFTER_VALUE: readonly WhenTokenKind[] = [
  'MODIFIER',
  'COMPARATOR',
  'LOGICALOP',
  'CLAUSE_CLOSE',
  'SEPARATOR',
];

/** Which kinds may follow each kind; `START` is the beginning of the expression. */
export const FOLLOWERS: Readonly<Record<WhenTokenKind | 'START', ReadonlySet<WhenTokenKind>>> = {
  START: new Set(['PREFIX', 'TIME', ...VALUES]),
  CLAUSE: new Set(['PREFIX', 'TIME', 'CLAUSE_CLOSE', ...VALUES]),
  CLAUSE_CLOSE: new Set([
    'NUMERIC',
    'BOOLEAN',
    'VARIABLE',
    'STRING',
    'TIME',
    'CLAUSE',
    'TERNARY',
    ...AFTER_VALUE,
  ]),
  NUMERIC: new Set(['TERNARY', ...AFTER_VALUE]),
  BOOLEAN: new Set(['TERNARY', ...AFTER_VALUE]),
  STRING: new Set(['TERNARY', ...AFTER_VALUE]),
  TIME: new Set(AFTER_VALUE),
  VARIABLE: new Set(['TERNARY', ...AFTER_VALUE]),
  ACCESSOR: new Set(['CLAUSE', 'TERNARY', ...AFTER_VALUE]),
  MODIFIER: new Set(['PREFIX', 'CLAUSE_CLOSE', ...VALUES]),
  COMPARATOR: new Set(['PREFIX', 'TIME', 'CLAUSE_CLOSE', ...VALUES]),
  LOGICALOP: new Set(['PREFIX', 'TIME', 'CLAUSE_CLOSE', ...VALUES]),
  PREFIX: new Set(['NUMERIC', 'BOOLEAN', 'VARIABLE', 'ACCESSOR', 'CLAUSE', 'CLAUSE_CLOSE']),
  TERNARY: new Set(['PREFIX', 'TIME', 'SEPARATOR', ...VALUES]),
  SEPARATOR: new Set(['PREFIX', 'TIME', ...VALUES]),
};

/** Kinds an expression may end with. */
export const LAST_KINDS: ReadonlySet<WhenTokenKind> = new Set([
  'CLAUSE_CLOSE',
  'NUMERIC',
  'BOOLEAN',
  'STRING',
  'TIME',
  'VARIABLE',
  'ACCESSOR',
]);
