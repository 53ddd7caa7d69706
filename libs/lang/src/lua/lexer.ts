import { failLang } from '../error.ts';
import { utf8Text } from '../bytes/index.ts';

/** A token of Lua 5.1. */
export interface LuaToken {
  readonly kind: 'name' | 'keyword' | 'number' | 'string' | 'mark' | 'end';
  readonly text: string;
  /** The value of a number. */
  readonly number: number;
  readonly line: number;
}

const KEYWORDS = new Set(
  (
    'and break do else elseif end false for function if in local nil not or repeat return then ' +
    'true until while'
  ).split(' '),
);

const BLANK = /[ \t\r\n\f\v]+/y;
const NAME = /[A-Za-z_]\w*/y;
const NUMBER = /0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const MARK = /\.\.\.|\.\.|==|~=|<=|>=|[-+*/%^#<>=(){}[\];:,.]/y;
const LONG_OPEN = /\[(=*)\[/y;

function at(pattern: RegExp, source: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(source);
}

/** Splits a script into tokens, the last of kind `end`. Throws LangFailure. */
export function lexLua(source: string): readonly LuaToken[] {
  const tokens: LuaToken[] = [];
  let index = 0;
  let line = 1;
  const push = (kind: LuaToken['kind'], text: string, number = 0): void => {
    tokens.push({ kind, text, number, line });
  };
  while (index < source.length) {
    const start = index;
    const blank = at(BLANK, source, index)?.[0] ?? '';
    const long = longBracket(source, index);
    if (blank !== '') index += blank.length;
    else if (source.startsWith('--', index)) index = endOfComment(source, index);
    else if (long !== undefined) {
      push('string', long.text);
      index = long.end;
    } else index = lexPlain(source, index, push, line);
    line += countLines(source.slice(start, index));
  }
  push('end', '<eof>');
  return tokens;
}

const countLines = (text: string): number => text.split('\n').length - 1;

type Push = (kind: LuaToken['kind'], text: string, number?: number) => void;

function lexPlain(source: string, index: number, push: Push, line: number): number {
  const name = at(NAME, source, index)?.[0];
  if (name !== undefined) {
    push(KEYWORDS.has(name) ? 'keyword' : 'name', name);
    return index + name.length;
  }
  const number = at(NUMBER, source, index)?.[0];
  if (number !== undefined && /^[.\d]/.test(number)) {
    push('number', number, Number(number));
    return index + number.length;
  }
  const quote = source.charAt(index);
  if (quote === '"' || quote === "'") {
    const { text, end } = quoted(source, index, line);
    push('string', text);
    return end;
  }
  const mark = at(MARK, source, index)?.[0];
  if (mark === undefined) {
    return failLang('Syntax', `line ${line}: unexpected symbol near '${quote}'`, index);
  }
  push('mark', mark);
  return index + mark.length;
}

function longBracket(
  source: string,
  index: number,
): { readonly text: string; readonly end: number } | undefined {
  const open = at(LONG_OPEN, source, index);
  if (open === null) return undefined;
  const close = `]${open[1] ?? ''}]`;
  const end = source.indexOf(close, index + open[0].length);
  if (end < 0) return failLang('Syntax', 'unfinished long string', index);
  const text = source.slice(index + open[0].length, end).replace(/^\r?\n/, '');
  return { text, end: end + close.length };
}

function endOfComment(source: string, index: number): number {
  const long = longBracket(source, index + 2);
  if (long !== undefined) return long.end;
  const end = source.indexOf('\n', index);
  return end < 0 ? source.length : end;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '\n',
};

function quoted(
  source: string,
  start: number,
  line: number,
): { readonly text: string; readonly end: number } {
  const quote = source.charAt(start);
  let text = '';
  let bytes: number[] = [];
  let index = start + 1;
  const flush = (): void => {
    text += utf8Text(Uint8Array.from(bytes));
    bytes = [];
  };
  for (;;) {
    const character = source.charAt(index);
    if (character === '' || character === '\n') {
      return failLang('Syntax', `line ${line}: unfinished string`, start);
    }
    if (character === quote) {
      flush();
      return { text, end: index + 1 };
    }
    const code = character === '\\' ? /^\d{1,3}/.exec(source.slice(index + 1, index + 4)) : null;
    if (code !== null) {
      bytes.push(Number(code[0]) & 255);
      index += 1 + code[0].length;
      continue;
    }
    flush();
    if (character === '\\') {
      index += 1;
      const escape = source.charAt(index);
      text += ESCAPES[escape] ?? escape;
    } else text += character;
    index += 1;
  }
}
