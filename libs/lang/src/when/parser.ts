import { failLang } from '../error.ts';
import { goValueText } from '../govalue/index.ts';
import { compileRegex } from '../text/regex.ts';
import type { WhenNode } from './node.ts';
import { FOLLOWERS, LAST_KINDS, type WhenToken, type WhenTokenKind } from './token.ts';

/** How deep brackets may nest. */
export const WHEN_DEPTH_MAX = 200;

/** Binary operators, loosest first. All group to the left, `**` and the ternary ones too. */
const LEVELS: readonly { readonly kind: WhenTokenKind; readonly symbols: ReadonlySet<string> }[] = [
  { kind: 'SEPARATOR', symbols: new Set([',']) },
  { kind: 'TERNARY', symbols: new Set(['?', ':', '??']) },
  { kind: 'LOGICALOP', symbols: new Set(['||']) },
  { kind: 'LOGICALOP', symbols: new Set(['&&']) },
  { kind: 'COMPARATOR', symbols: new Set(['==', '!=', '>', '>=', '<', '<=', '=~', '!~', 'in']) },
  { kind: 'MODIFIER', symbols: new Set(['^', '&', '|']) },
  { kind: 'MODIFIER', symbols: new Set(['>>', '<<']) },
  { kind: 'MODIFIER', symbols: new Set(['+', '-']) },
  { kind: 'MODIFIER', symbols: new Set(['*', '/', '%']) },
  { kind: 'MODIFIER', symbols: new Set(['**']) },
];

/** Each operator's place in `LEVELS`; -1 is the value itself. */
const LEVEL_OF: ReadonlyMap<string, number> = new Map(
  LEVELS.flatMap((level, index) => [...level.symbols].map((symbol) => [symbol, index] as const)),
);

/** Refuses a sequence of tokens govaluate refuses, with its words. */
export function checkSyntax(tokens: readonly WhenToken[]): void {
  let last: WhenToken | undefined;
  for (const token of tokens) {
    if (!FOLLOWERS[last?.kind ?? 'START'].has(token.kind)) refuseTransition(last, token);
    last = token;
  }
  if (last === undefined || !LAST_KINDS.has(last.kind)) {
    failLang('Syntax', 'Unexpected end of expression');
  }
}

function refuseTransition(last: WhenToken | undefined, token: WhenToken): never {
  if (last?.kind === 'VARIABLE' && token.kind === 'CLAUSE') {
    return failLang('Syntax', `Undefined function ${String(last.value)}`, last.offset);
  }
  const from = last === undefined ? 'UNKNOWN [<nil>]' : describe(last);
  const sentence = `Cannot transition token types from ${from} to ${describe(token)}`;
  return failLang('Syntax', sentence, token.offset);
}

/** Brackets are printed as the number of their character, as Go prints a rune. */
function describe(token: WhenToken): string {
  const bracket = token.kind === 'CLAUSE' || token.kind === 'CLAUSE_CLOSE';
  const value = bracket ? String(token.value).charCodeAt(0) : goValueText(token.value);
  return `${token.kind} [${value}]`;
}

interface Cursor {
  readonly tokens: readonly WhenToken[];
  at: number;
  depth: number;
  /** The place of the text that is a regular expression; -1 when there is none ahead. */
  patternAt: number;
}

/** Builds the tree of tokens that `checkSyntax` accepted. What follows a complete expression counts not. */
export function parseWhen(tokens: readonly WhenToken[]): WhenNode | undefined {
  return parseBinary({ tokens, at: 0, depth: 0, patternAt: -1 }, 0);
}

/** Precedence climbing: reads all operators of this level and tighter ones, grouping to the left. */
function parseBinary(cursor: Cursor, level: number): WhenNode | undefined {
  let left = parseValue(cursor);
  for (;;) {
    const token = cursor.tokens[cursor.at];
    const rank = token === undefined ? undefined : levelOf(token);
    if (token === undefined || rank === undefined || rank < level) return left;
    cursor.at += 1;
    const operator = String(token.value);
    if (isPattern(operator, cursor.tokens[cursor.at])) cursor.patternAt = cursor.at;
    const right = parseBinary(cursor, rank + 1);
    left = { kind: 'Binary', operator, left, right };
  }
}

function levelOf(token: WhenToken): number | undefined {
  if (typeof token.value !== 'string') return undefined;
  const level = LEVEL_OF.get(token.value);
  // A quoted text may read like an operator; its kind tells them apart.
  return level !== undefined && LEVELS[level]?.kind === token.kind ? level : undefined;
}

/** A quoted text right behind `=~` or `!~` is a regular expression, whatever follows it. */
function isPattern(operator: string, next: WhenToken | undefined): boolean {
  return (operator === '=~' || operator === '!~') && next?.kind === 'STRING';
}

/** Once read, such a text may not stand before a ternary operator in a step's condition. */
export function checkPatterns(tokens: readonly WhenToken[]): void {
  for (const [index, token] of tokens.entries()) {
    const [next, after] = [tokens[index + 1], tokens[index + 2]];
    if (token.kind !== 'COMPARATOR' || after?.kind !== 'TERNARY') continue;
    if (!isPattern(String(token.value), next)) continue;
    const from = `PATTERN [${goValueText(next?.value)}]`;
    const sentence = `Cannot transition token types from ${from} to ${describe(after)}`;
    failLang('Syntax', sentence, after.offset);
  }
}

/** A constant text; behind `=~` it is compiled once, and so is wrong when the expression is read. */
function parseText(cursor: Cursor, token: WhenToken): WhenNode {
  const isRegex = cursor.patternAt === cursor.at;
  cursor.at += 1;
  const { value, offset } = token;
  return { kind: 'Literal', value: isRegex ? compileRegex(String(value), offset) : value };
}

function parseValue(cursor: Cursor): WhenNode | undefined {
  const token = cursor.tokens[cursor.at];
  if (token === undefined) return undefined;
  switch (token.kind) {
    case 'STRING':
      return parseText(cursor, token);
    case 'NUMERIC':
    case 'TIME':
    case 'BOOLEAN':
      cursor.at += 1;
      return { kind: 'Literal', value: token.value };
    case 'VARIABLE':
      cursor.at += 1;
      return { kind: 'Variable', name: String(token.value) };
    case 'PREFIX':
      cursor.at += 1;
      return { kind: 'Prefix', operator: String(token.value), right: parseValue(cursor) };
    case 'CLAUSE':
      return parseGroup(cursor);
    case 'ACCESSOR':
      return parseAccessor(cursor, token);
    case 'CLAUSE_CLOSE':
      return undefined;
    default:
      return failLang(
        'Syntax',
        `Unable to plan token kind: '${token.kind}', value: '${goValueText(token.value)}'`,
        token.offset,
      );
  }
}

function parseGroup(cursor: Cursor): WhenNode {
  cursor.at += 1;
  cursor.depth += 1;
  if (cursor.depth > WHEN_DEPTH_MAX) {
    return failLang('Limit', `brackets nest deeper than ${WHEN_DEPTH_MAX} levels`);
  }
  const inner = parseBinary(cursor, 0);
  cursor.depth -= 1;
  cursor.at += 1;
  return { kind: 'Group', inner };
}

/** `a.B(…)` would call a method; no value here has any, so the call fails when evaluated. */
function parseAccessor(cursor: Cursor, token: WhenToken): WhenNode {
  cursor.at += 1;
  if (cursor.tokens[cursor.at]?.kind === 'CLAUSE') parseGroup(cursor);
  return { kind: 'Accessor', path: Array.isArray(token.value) ? token.value.map(String) : [] };
}
