import { failLang } from '../error.ts';
import type { ExprToken } from './token.ts';

/** The most nodes one expression may have; the same bound as expr-lang's default. */
export const EXPR_NODES_MAX = 10_000;
/** How deep an expression may nest; keeps the recursion well within the stack. */
export const EXPR_DEPTH_MAX = 250;

/** Reads tokens in order and counts what the parser builds. */
export interface TokenCursor {
  readonly current: () => ExprToken;
  readonly peek: () => ExprToken;
  readonly advance: () => ExprToken;
  readonly is: (kind: ExprToken['kind'], text?: string) => boolean;
  readonly expect: (kind: ExprToken['kind'], text?: string) => ExprToken;
  readonly unexpected: () => never;
  readonly countNode: () => void;
  readonly nested: <T>(body: () => T) => T;
}

/** A cursor over tokens of which the last is `EOF`. */
export function tokenCursor(tokens: readonly ExprToken[]): TokenCursor {
  const last = tokens.length - 1;
  const end: ExprToken = tokens[last] ?? { kind: 'EOF', text: '', offset: 0 };
  let index = 0;
  let nodes = 0;
  let depth = 0;
  const current = (): ExprToken => tokens[index] ?? end;
  const is = (kind: ExprToken['kind'], text?: string): boolean => {
    const token = current();
    return token.kind === kind && (text === undefined || token.text === text);
  };
  const unexpected = (): never => {
    const token = current();
    return failLang('Syntax', `unexpected token ${describeToken(token)}`, token.offset);
  };
  const advance = (): ExprToken => {
    const token = current();
    if (index < last) index += 1;
    return token;
  };
  return {
    current,
    is,
    advance,
    unexpected,
    peek: () => tokens[index + 1] ?? end,
    expect: (kind, text) => (is(kind, text) ? advance() : unexpected()),
    countNode: () => {
      nodes += 1;
      if (nodes > EXPR_NODES_MAX) {
        failLang('Limit', `the expression has more than ${EXPR_NODES_MAX} nodes`);
      }
    },
    nested: (body) => {
      depth += 1;
      if (depth > EXPR_DEPTH_MAX) {
        failLang('Limit', `the expression nests deeper than ${EXPR_DEPTH_MAX} levels`);
      }
      const result = body();
      depth -= 1;
      return result;
    },
  };
}

function describeToken(token: ExprToken): string {
  if (token.kind === 'EOF') return 'EOF';
  return `${token.kind}(${JSON.stringify(token.text)})`;
}
