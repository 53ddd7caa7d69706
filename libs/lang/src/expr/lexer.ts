import { failLang } from '../error.ts';
import { readQuoted, readRaw } from './lexer-strings.ts';
import { isWordOperator, type ExprToken } from './token.ts';

const SPACE = /[\s\u0085]/;
const WORD_START = /[\p{L}_$]/u;
const WORD = /[\p{L}\p{Nd}_$]+/uy;
const NUMBER =
  /0[xX][0-9a-fA-F_]*|0[oO][0-7_]*|0[bB][01_]*|(?:[0-9][0-9_]*)?(?:\.(?!\.)[0-9_]*)?(?:[eE][+-]?[0-9_]*)?/y;
const AFTER_NUMBER = /[\p{L}\p{Nd}_$]/u;

/** A piece of source read from one place: the token, and where reading goes on. */
interface Read {
  readonly token: ExprToken | undefined;
  readonly next: number;
}

/** Cuts an expression into tokens; the last is always `EOF`. Throws LangFailure. */
export function lexExpr(source: string): readonly ExprToken[] {
  const tokens: ExprToken[] = [];
  let at = 0;
  while (at < source.length) {
    const read = readToken(source, at);
    if (read.token !== undefined) tokens.push(read.token);
    at = read.next;
  }
  tokens.push({ kind: 'EOF', text: '', offset: source.length });
  return tokens;
}

function readToken(source: string, at: number): Read {
  const char = source.charAt(at);
  if (SPACE.test(char)) return { token: undefined, next: at + 1 };
  if (char === '"' || char === "'") return stringToken(source, at, at, 'String');
  if (char === '`') {
    const raw = readRaw(source, at);
    return { token: { kind: 'String', text: raw.text, offset: at }, next: raw.next };
  }
  if ((char === 'b' || char === 'B') && /["']/.test(source.charAt(at + 1))) {
    return stringToken(source, at, at + 1, 'Bytes');
  }
  if (/[0-9]/.test(char) || (char === '.' && /[0-9]/.test(source.charAt(at + 1)))) {
    return readNumber(source, at);
  }
  if ('([{)]}'.includes(char)) {
    return { token: { kind: 'Bracket', text: char, offset: at }, next: at + 1 };
  }
  return readWordOrSymbol(source, at);
}

function stringToken(source: string, at: number, quoteAt: number, kind: 'String' | 'Bytes'): Read {
  const quoted = readQuoted(source, quoteAt, kind === 'Bytes');
  return { token: { kind, text: quoted.text, offset: at }, next: quoted.next };
}

function readNumber(source: string, at: number): Read {
  NUMBER.lastIndex = at;
  const text = NUMBER.exec(source)?.[0] ?? '';
  const next = at + text.length;
  const following = String.fromCodePoint(source.codePointAt(next) ?? 32);
  if (AFTER_NUMBER.test(following)) {
    return failLang('Syntax', `bad number syntax: ${JSON.stringify(text + following)}`, at);
  }
  return { token: { kind: 'Number', text, offset: at }, next };
}

function readWordOrSymbol(source: string, at: number): Read {
  const char = String.fromCodePoint(source.codePointAt(at) ?? 32);
  if (WORD_START.test(char)) {
    WORD.lastIndex = at;
    const text = WORD.exec(source)?.[0] ?? char;
    const kind = isWordOperator(text) ? 'Operator' : 'Identifier';
    return { token: { kind, text, offset: at }, next: at + text.length };
  }
  if (char === '/' && (source[at + 1] === '/' || source[at + 1] === '*')) {
    return { token: undefined, next: endOfComment(source, at) };
  }
  const text = symbolAt(source, at);
  if (text === '') return failLang('Syntax', `unrecognized character: ${describeChar(char)}`, at);
  return { token: { kind: 'Operator', text, offset: at }, next: at + text.length };
}

function endOfComment(source: string, at: number): number {
  if (source[at + 1] === '/') {
    const end = source.indexOf('\n', at);
    return end === -1 ? source.length : end + 1;
  }
  const end = source.indexOf('*/', at + 2);
  return end === -1 ? failLang('Syntax', 'unclosed comment', at) : end + 2;
}

/** Symbols join greedily by the second character each first character allows. */
function symbolAt(source: string, at: number): string {
  const char = source.charAt(at);
  const following = source.charAt(at + 1);
  const pairs = SECOND_CHARS[char];
  if (pairs === undefined) return '';
  return following !== '' && pairs.includes(following) ? char + following : char;
}

const SECOND_CHARS: Readonly<Record<string, string>> = {
  '?': '.?',
  '#': '#',
  '|': '|',
  ':': ':',
  ',': '',
  ';': '',
  '%': '',
  '+': '',
  '-': '',
  '^': '',
  '/': '',
  '&': '&=*',
  '!': '&=*',
  '=': '&=*',
  '*': '&=*',
  '<': '&=*',
  '>': '&=*',
  '.': '.',
};

function describeChar(char: string): string {
  const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${code} '${char}'`;
}
