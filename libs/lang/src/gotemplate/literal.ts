import { failLang } from '../error.ts';
import type { Token } from './lexer.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** The text of a Go string or character literal without its quotes. */
function unescape(body: string, offset: number): string {
  return body.replace(
    /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)/gs,
    (_, escape: string) => {
      const simple = escape.length === 1 ? ESCAPES[escape] : undefined;
      if (simple !== undefined) return simple;
      if (/^[0-7]{3}$/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8));
      if (escape.length > 1) return String.fromCodePoint(Number.parseInt(escape.slice(1), 16));
      return failLang('Syntax', `unknown escape \\${escape}`, offset);
    },
  );
}

/** The value of a string token, quoted or raw. */
export function stringValue(token: Token): string {
  const body = token.text.slice(1, -1);
  return token.text.startsWith('`') ? body : unescape(body, token.offset);
}

/** The value of a character token: its code point as an int. */
export function characterValue(token: Token): bigint {
  const text = unescape(token.text.slice(1, -1), token.offset);
  const code = text.codePointAt(0);
  if (code === undefined || [...text].length !== 1) {
    return failLang('Syntax', `malformed character constant: ${token.text}`, token.offset);
  }
  return BigInt(code);
}

/** The value of a number token: int as bigint, float64 as number. */
export function numberValue(token: Token): bigint | number {
  const text = token.text.replaceAll('_', '');
  const unsigned = text.replace(/^[+-]/, '');
  const isNegative = text.startsWith('-');
  if (/^0[xXbBoO]/.test(unsigned)) return isNegative ? -BigInt(unsigned) : BigInt(unsigned);
  if (/^\d+$/.test(unsigned)) {
    const isOctal = /^0\d/.test(unsigned);
    if (isOctal && /[89]/.test(unsigned)) {
      return failLang('Syntax', `bad number syntax: ${JSON.stringify(text)}`, token.offset);
    }
    const value = BigInt(isOctal ? `0o${unsigned.slice(1)}` : unsigned);
    return isNegative ? -value : value;
  }
  return Number(text);
}
