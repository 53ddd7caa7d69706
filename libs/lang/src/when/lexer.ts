import { failLang } from '../error.ts';
import { readQuotedValue } from './time-text.ts';
import { FOLLOWERS, PREFIX_SYMBOLS, SYMBOL_KINDS, type WhenToken } from './token.ts';

const LETTER = /\p{L}/u;
const DIGIT = /\p{Nd}/u;
const LETTER_OR_DIGIT = /[\p{L}\p{Nd}]/u;

/** A run of characters and where reading goes on; `closed` says that something ended the run. */
interface Run {
  readonly text: string;
  readonly next: number;
  readonly closed: boolean;
}

/**
 * Cuts a govaluate expression into tokens. Its lexer is greedy: all symbols that touch make one
 * operator, so `a==-1` has the invalid token `==-`, and a backslash escapes any character.
 */
export function lexWhen(source: string): WhenToken[] {
  const tokens: WhenToken[] = [];
  let at = skipSpace(source, 0);
  while (at < source.length) {
    const read = readToken(source, at, tokens.at(-1));
    tokens.push(read.token);
    at = skipSpace(source, read.next);
  }
  checkBalance(tokens);
  return tokens;
}

interface TokenRead {
  readonly token: WhenToken;
  readonly next: number;
}

function readToken(source: string, at: number, last: WhenToken | undefined): TokenRead {
  const char = source.charAt(at);
  if (isDigit(char) || char === '.') return readNumber(source, at);
  if (char === ',') return single('SEPARATOR', char, at);
  if (char === '(') return single('CLAUSE', char, at);
  if (char === ')') return single('CLAUSE_CLOSE', char, at);
  if (char === '[') {
    const run = readRun(source, at + 1, true, (each) => each !== ']');
    if (!run.closed) return failLang('Syntax', 'Unclosed parameter bracket', at);
    return { token: { kind: 'VARIABLE', value: run.text, offset: at }, next: run.next + 1 };
  }
  if (isLetter(char)) return readWord(source, at);
  if (char === '"' || char === "'") {
    const run = readRun(source, at + 1, true, (each) => each !== '"' && each !== "'");
    if (!run.closed) return failLang('Syntax', 'Unclosed string literal', at);
    return { token: readQuotedValue(run.text, at), next: run.next + 1 };
  }
  return readSymbol(source, at, last);
}

function single(
  kind: 'SEPARATOR' | 'CLAUSE' | 'CLAUSE_CLOSE',
  value: string,
  at: number,
): TokenRead {
  return { token: { kind, value, offset: at }, next: at + 1 };
}

function readNumber(source: string, at: number): TokenRead {
  // govaluate looks for hexadecimal only when something follows the x.
  if (source.startsWith('0x', at) && at + 2 < source.length) {
    const run = readRun(source, at + 2, false, (each) => /[0-9a-fA-F]/.test(each));
    if (!/^[0-9a-fA-F]{1,16}$/.test(run.text)) {
      const sentence = `Unable to parse hex value '${run.text}' to uint64\n`;
      return failLang('Syntax', sentence, at);
    }
    const value = Number(BigInt(`0x${run.text}`));
    return { token: { kind: 'NUMERIC', value, offset: at }, next: run.next };
  }
  const run = readRun(source, at, false, (each) => isDigit(each) || each === '.');
  if (!/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(run.text)) {
    const sentence = `Unable to parse numeric value '${run.text}' to float64\n`;
    return failLang('Syntax', sentence, at);
  }
  return { token: { kind: 'NUMERIC', value: Number(run.text), offset: at }, next: run.next };
}

function readWord(source: string, at: number): TokenRead {
  const run = readRun(source, at, false, isWordChar);
  return { token: wordToken(run.text, at), next: run.next };
}

function wordToken(text: string, offset: number): WhenToken {
  if (text === 'true') return { kind: 'BOOLEAN', value: true, offset };
  if (text === 'false') return { kind: 'BOOLEAN', value: false, offset };
  if (text === 'in' || text === 'IN') return { kind: 'COMPARATOR', value: 'in', offset };
  const parts = text.split('.');
  if (parts.length === 1 || parts[0] === '') return { kind: 'VARIABLE', value: text, offset };
  if (text.endsWith('.')) return failLang('Syntax', `Hanging accessor on token '${text}'`, offset);
  for (const part of parts.slice(1)) {
    const first = String.fromCodePoint(part.codePointAt(0) ?? 0);
    if (first.toUpperCase() !== first) {
      const sentence = `Unable to access unexported field '${part}' in token '${text}'`;
      return failLang('Syntax', sentence, offset);
    }
  }
  return { kind: 'ACCESSOR', value: parts, offset };
}

function readSymbol(source: string, at: number, last: WhenToken | undefined): TokenRead {
  const run = readRun(source, at, false, isSymbolChar);
  const prefixAllowed = FOLLOWERS[last?.kind ?? 'START'].has('PREFIX');
  const kind =
    prefixAllowed && PREFIX_SYMBOLS.has(run.text) ? 'PREFIX' : SYMBOL_KINDS.get(run.text);
  if (kind === undefined) return failLang('Syntax', `Invalid token: '${run.text}'`, at);
  return { token: { kind, value: run.text, offset: at }, next: run.next };
}

/** Reads while the condition holds; blanks end the run unless they are part of it. */
function readRun(
  source: string,
  start: number,
  blanks: boolean,
  accepts: (char: string) => boolean,
): Run {
  let text = '';
  let at = start;
  while (at < source.length) {
    const char = charAt(source, at);
    if (char === '\\') {
      const escaped = charAt(source, at + 1);
      text += escaped;
      at += 1 + escaped.length;
    } else if (!blanks && isSpace(char)) {
      at += 1;
      if (text !== '') return { text, next: at, closed: true };
    } else if (accepts(char)) {
      text += char;
      at += char.length;
    } else return { text, next: at, closed: true };
  }
  return { text, next: at, closed: false };
}

function charAt(source: string, at: number): string {
  const code = source.codePointAt(at);
  if (code === undefined) return '';
  return code < 0x10000 ? source.charAt(at) : String.fromCodePoint(code);
}

function skipSpace(source: string, start: number): number {
  let at = start;
  while (at < source.length && isSpace(source.charAt(at))) at += 1;
  return at;
}

/** Classes of the ASCII characters, looked up instead of matched: this is the hot part of the lexer. */
const LETTER_CLASS = 1;
const DIGIT_CLASS = 2;
const SPACE_CLASS = 4;
const CLOSING_CLASS = 8;
const ASCII_CLASSES: readonly number[] = Array.from({ length: 128 }, (_unused, code) => {
  const char = String.fromCharCode(code);
  if (/[A-Za-z]/.test(char)) return LETTER_CLASS;
  if (/[0-9]/.test(char)) return DIGIT_CLASS;
  if (/[\t-\r ]/.test(char)) return SPACE_CLASS;
  return '()[]"\''.includes(char) ? CLOSING_CLASS : 0;
});

function isOf(char: string, classes: number, wide: RegExp): boolean {
  const known = ASCII_CLASSES[char.charCodeAt(0)];
  return known === undefined ? wide.test(char) : (known & classes) !== 0;
}

function isSpace(char: string): boolean {
  return isOf(char, SPACE_CLASS, /[\s\u0085]/);
}

function isLetter(char: string): boolean {
  return isOf(char, LETTER_CLASS, LETTER);
}

function isDigit(char: string): boolean {
  return isOf(char, DIGIT_CLASS, DIGIT);
}

function isWordChar(char: string): boolean {
  return isOf(char, LETTER_CLASS | DIGIT_CLASS, LETTER_OR_DIGIT) || char === '_' || char === '.';
}

function isSymbolChar(char: string): boolean {
  return !isOf(char, LETTER_CLASS | DIGIT_CLASS | CLOSING_CLASS, LETTER_OR_DIGIT);
}

function checkBalance(tokens: readonly WhenToken[]): void {
  let open = 0;
  for (const token of tokens) {
    if (token.kind === 'CLAUSE') open += 1;
    if (token.kind === 'CLAUSE_CLOSE') open -= 1;
  }
  if (open !== 0) failLang('Syntax', 'Unbalanced parenthesis');
}
