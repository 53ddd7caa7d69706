import { failLang } from '../error.ts';

/** A piece of a template: plain text, or the tokens of one action. */
export type Piece =
  | { readonly kind: 'Text'; readonly text: string }
  | { readonly kind: 'Action'; readonly tokens: readonly Token[]; readonly offset: number };

/** A token inside an action; `space` tells whether blanks stand before it. */
export interface Token {
  readonly kind: 'word' | 'field' | 'variable' | 'number' | 'string' | 'character' | 'dot' | 'mark';
  readonly text: string;
  readonly space: boolean;
  readonly offset: number;
}

const TOKENS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['character', /'(?:[^'\\\n]|\\.)+'/y],
  [
    'number',
    /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y,
  ],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['dot', /\./y],
  ['mark', /:=|=|\||\(|\)|,/y],
];

const BLANK = /[ \t\r\n]+/y;

/** Splits a template into text and actions; `{{-` and `-}}` trim the text beside them. */
export function lexTemplate(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  const pushText = (raw: string, trimEnd: boolean): void => {
    const start = trimNext ? raw.replace(/^[ \t\r\n]+/, '') : raw;
    const text = trimEnd ? start.replace(/[ \t\r\n]+$/, '') : start;
    if (text !== '') pieces.push({ kind: 'Text', text });
  };
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    if (open < 0) break;
    const trimsBefore = /^-[ \t\r\n]/.test(source.slice(open + 2, open + 4));
    pushText(source.slice(at, open), trimsBefore);
    const action = lexAction(source, open + (trimsBefore ? 3 : 2), trimsBefore);
    if (action.tokens !== undefined) {
      pieces.push({ kind: 'Action', tokens: action.tokens, offset: open });
    }
    trimNext = action.trimsAfter;
    at = action.end;
  }
  pushText(source.slice(at), false);
  return pieces;
}

interface Lexed {
  /** Absent for a comment. */
  readonly tokens?: readonly Token[];
  readonly end: number;
  readonly trimsAfter: boolean;
}

function lexAction(source: string, start: number, trimsBefore: boolean): Lexed {
  // Blanks may stand before a comment only where they belong to the trim mark.
  const comment = trimsBefore ? /[ \t\r\n]*\/\*/y : /\/\*/y;
  comment.lastIndex = start;
  if (comment.test(source)) return lexComment(source, start);
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    const space = skip(source, at);
    at += space;
    const close = /(?:-)?\}\}/y;
    close.lastIndex = at;
    const closing = close.exec(source)?.[0];
    if (closing === '}}') return { tokens, end: at + 2, trimsAfter: false };
    if (closing !== undefined && space > 0) return { tokens, end: at + 3, trimsAfter: true };
    if (at >= source.length) failLang('Syntax', 'unclosed action', start);
    const token = readToken(source, at, space > 0);
    tokens.push(token);
    at += token.text.length;
  }
}

function skip(source: string, at: number): number {
  BLANK.lastIndex = at;
  return BLANK.exec(source)?.[0].length ?? 0;
}

function lexComment(source: string, start: number): Lexed {
  const end = source.indexOf('*/', start);
  if (end < 0) failLang('Syntax', 'unclosed comment', start);
  const close = /[ \t\r\n]+-\}\}|\}\}/y;
  close.lastIndex = end + 2;
  const closing = close.exec(source)?.[0];
  if (closing === undefined) {
    return failLang('Syntax', 'comment ends before closing delimiter', end);
  }
  return { end: end + 2 + closing.length, trimsAfter: closing.includes('-') };
}

function readToken(source: string, at: number, space: boolean): Token {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined && text !== '') return { kind, text, space, offset: at };
  }
  const character = source.charAt(at);
  if (character === '"') return failLang('Syntax', 'unterminated quoted string', at);
  if (character === '`') return failLang('Syntax', 'unterminated raw quoted string', at);
  return failLang('Syntax', `unexpected ${JSON.stringify(character)} in command`, at);
}
