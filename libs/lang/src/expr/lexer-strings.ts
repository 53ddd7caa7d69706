import { failLang } from '../error.ts';

/** A string read from the source, and the offset behind it. */
interface StringRead {
  readonly text: string;
  readonly next: number;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
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

/**
 * Reads a quoted string with escapes from its opening quote. `asBytes` refuses the \u escapes, which
 * byte literals do not have.
 */
export function readQuoted(source: string, quoteAt: number, asBytes: boolean): StringRead {
  const quote = source.charAt(quoteAt);
  let text = '';
  let at = quoteAt + 1;
  for (;;) {
    const char = source.charAt(at);
    if (char === '' || char === '\n') return failLang('Syntax', 'literal not terminated', at);
    if (char === quote) return { text, next: at + 1 };
    if (char !== '\\') {
      text += char;
      at += 1;
      continue;
    }
    const escape = readEscape(source, at + 1, quote, asBytes);
    text += escape.text;
    at = escape.next;
  }
}

function readEscape(source: string, at: number, quote: string, asBytes: boolean): StringRead {
  const char = source.charAt(at);
  const simple = SIMPLE_ESCAPES[char];
  if (simple !== undefined && (!/["']/.test(char) || char === quote)) {
    return { text: simple, next: at + 1 };
  }
  if (/[0-7]/.test(char)) return codeEscape(source, at, 3, 8);
  if (char === 'x') return codeEscape(source, at + 1, 2, 16);
  return asBytes ? failLang('Syntax', 'invalid char escape', at) : unicodeEscape(source, at);
}

function unicodeEscape(source: string, at: number): StringRead {
  const char = source.charAt(at);
  if (char === 'u' && source.charAt(at + 1) === '{') return bracedEscape(source, at);
  if (char === 'u') return codeEscape(source, at + 1, 4, 16);
  if (char === 'U') return codeEscape(source, at + 1, 8, 16);
  return failLang('Syntax', 'invalid char escape', at);
}

function codeEscape(source: string, at: number, digits: number, radix: 8 | 16): StringRead {
  const text = source.slice(at, at + digits);
  const valid = radix === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/;
  if (text.length < digits || !valid.test(text)) {
    return failLang('Syntax', 'invalid char escape', at);
  }
  return { text: charOf(Number.parseInt(text, radix), at), next: at + digits };
}

function bracedEscape(source: string, at: number): StringRead {
  const end = source.indexOf('}', at);
  const text = end === -1 ? '' : source.slice(at + 2, end);
  if (!/^[0-9a-fA-F]{1,6}$/.test(text)) return failLang('Syntax', 'invalid char escape', at);
  return { text: charOf(Number.parseInt(text, 16), at), next: end + 1 };
}

function charOf(code: number, at: number): string {
  if (code > 0x10ffff) return failLang('Syntax', 'invalid char escape', at);
  return String.fromCodePoint(code);
}

/** Reads a back-quoted string: no escapes, and a doubled back quote stands for one. */
export function readRaw(source: string, quoteAt: number): StringRead {
  let text = '';
  let at = quoteAt + 1;
  for (;;) {
    const end = source.indexOf('`', at);
    if (end === -1) return failLang('Syntax', 'literal not terminated', quoteAt);
    text += source.slice(at, end);
    if (source.charAt(end + 1) !== '`') return { text, next: end + 1 };
    text += '`';
    at = end + 2;
  }
}
