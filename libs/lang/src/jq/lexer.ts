import { failLang } from '../error.ts';

/** A token of jq; the parts of a text with `\(…)` in it are source texts of filters. */
export interface JqToken {
  readonly kind: 'name' | 'field' | 'variable' | 'format' | 'number' | 'text' | 'mark' | 'end';
  readonly text: string;
  /** For `text`: plain texts and, at odd places, sources of interpolated filters. */
  readonly parts: readonly string[];
  readonly offset: number;
}

const BLANK = /(?:[ \t\r\n]|#[^\n]*)+/y;
const PATTERNS: readonly (readonly [JqToken['kind'], RegExp])[] = [
  ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['field', /\.[A-Za-z_]\w*/y],
  ['variable', /\$[A-Za-z_]\w*/y],
  ['format', /@[A-Za-z_]\w*/y],
  ['name', /[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*/y],
  ['mark', /\?\/\/|\/\/=|\|=|\+=|-=|\*=|\/=|%=|==|!=|<=|>=|\/\/|\.\.|[.[\]{}()|,:;=<>+\-*/%?]/y],
];

/** Splits a filter's source into tokens, the last of kind `end`. Throws LangFailure. */
export function lexJq(source: string): readonly JqToken[] {
  const tokens: JqToken[] = [];
  let at = 0;
  while (at < source.length) {
    BLANK.lastIndex = at;
    const blank = BLANK.exec(source);
    if (blank !== null) at += blank[0].length;
    else if (source.charAt(at) === '"') {
      const { parts, end } = textParts(source, at);
      tokens.push({ kind: 'text', text: source.slice(at, end), parts, offset: at });
      at = end;
    } else {
      const token = readToken(source, at);
      tokens.push(token);
      at += token.text.length;
    }
  }
  tokens.push({ kind: 'end', text: '<end>', parts: [], offset: at });
  return tokens;
}

function readToken(source: string, at: number): JqToken {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return { kind, text, parts: [], offset: at };
  }
  return failLang('Syntax', `unexpected token ${JSON.stringify(source.charAt(at))}`, at);
}

function textParts(
  source: string,
  start: number,
): { readonly parts: readonly string[]; readonly end: number } {
  const parts: string[] = [];
  let from = start + 1;
  let at = from;
  for (;;) {
    const character = source.charAt(at);
    if (character === '') return failLang('Syntax', 'unterminated string literal', start);
    if (character === '"') {
      parts.push(unescape(source.slice(from, at), start));
      return { parts, end: at + 1 };
    }
    if (character !== '\\') at += 1;
    else if (source.charAt(at + 1) !== '(') at += 2;
    else {
      const end = endOfInterpolation(source, at + 2);
      parts.push(unescape(source.slice(from, at), start), source.slice(at + 2, end));
      from = end + 1;
      at = from;
    }
  }
}

function endOfInterpolation(source: string, start: number): number {
  let depth = 1;
  let at = start;
  while (at < source.length) {
    const character = source.charAt(at);
    if (character === '"') at = textParts(source, at).end - 1;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth === 0) return at;
    at += 1;
  }
  return failLang('Syntax', 'unterminated string literal', start);
}

function unescape(body: string, offset: number): string {
  try {
    return String(JSON.parse(`"${body.replace(/[\n\t]/g, (c) => (c === '\n' ? '\\n' : '\\t'))}"`));
  } catch {
    return failLang('Syntax', 'invalid escape in a string literal', offset);
  }
}
