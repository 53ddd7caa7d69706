import { failLang } from '../error.ts';

/** A place in the text of a path. */
export interface PathReader {
  readonly source: string;
  at: number;
}

/** The most steps one path may have. */
export const JSON_PATH_STEPS_MAX = 1_000;

/** Whether the text goes on with this. */
export function startsWith(reader: PathReader, text: string): boolean {
  return reader.source.startsWith(text, reader.at);
}

/** Passes over the text if it comes next. */
export function accept(reader: PathReader, text: string): boolean {
  if (!startsWith(reader, text)) return false;
  reader.at += text.length;
  return true;
}

/** Passes over the text; anything else is an error. */
export function expect(reader: PathReader, text: string): void {
  if (!accept(reader, text)) refuse(reader, `expected ${JSON.stringify(text)}`);
}

/** Passes over blanks. */
export function skipBlanks(reader: PathReader): void {
  while (' \t\r\n'.includes(reader.source.charAt(reader.at)) && reader.at < reader.source.length) {
    reader.at += 1;
  }
}

/** What a sticky regular expression matches here; undefined when it does not. */
export function match(reader: PathReader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.source)?.[0];
  if (found === undefined || found === '') return undefined;
  reader.at += found.length;
  return found;
}

/** A quoted text; a backslash keeps the quote or backslash behind it. */
export function quoted(reader: PathReader): string | undefined {
  const quote = reader.source.charAt(reader.at);
  if (quote !== "'" && quote !== '"') return undefined;
  let text = '';
  for (let at = reader.at + 1; at < reader.source.length; at += 1) {
    const char = reader.source.charAt(at);
    if (char === quote) {
      reader.at = at + 1;
      return text;
    }
    if (char === '\\') {
      at += 1;
      text += unescape(reader.source.charAt(at));
    } else text += char;
  }
  return refuse(reader, 'unterminated quoted string');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unescape(char: string): string {
  return ESCAPES[char] ?? char;
}

/** Ends reading with an error that shows the place. */
export function refuse(reader: PathReader, reason: string): never {
  const rest = JSON.stringify(reader.source.slice(reader.at, reader.at + 20));
  const sentence = `invalid path ${JSON.stringify(reader.source)}: ${reason} at ${rest}`;
  return failLang('Syntax', sentence, reader.at);
}
