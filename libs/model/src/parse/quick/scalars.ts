import type { RawValue } from '../yaml-value.ts';
import { giveUp } from './bail.ts';
import {
  COLON,
  endLine,
  HASH,
  lineEnd,
  NEWLINE,
  SPACE,
  toNextLine,
  type Source,
} from './source.ts';

/** What a plain scalar does not begin with. */
const NOT_PLAIN = /[\s,[\]{}#&*!|>'"%@`?:-]/;

/** The same, save that `-`, `?` and `:` may begin one when no blank follows. */
const PLAIN_AFTER = /^[-?:][^\s,[\]{}]/;

/** Escapes that JSON has too; the others are left to the whole reader. */
const JSON_ESCAPES = /^(?:[^\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*$/;

const CONTROL = /[\u0000-\u001f]/;

/** True when a plain scalar may begin here. */
export function beginsPlain({ text, at }: Source): boolean {
  return !NOT_PLAIN.test(text.charAt(at)) || PLAIN_AFTER.test(text.slice(at, at + 2));
}

/** Text in quotes that ends on the same line. */
export function readQuoted(source: Source): string {
  const { text, at } = source;
  const quote = text.charAt(at);
  const end = closingQuote(text, at, lineEnd(source));
  source.at = end + 1;
  const body = text.slice(at + 1, end);
  if (CONTROL.test(body)) giveUp();
  if (quote === "'") return body.replaceAll("''", "'");
  if (!body.includes('\\')) return body;
  if (!JSON_ESCAPES.test(body)) giveUp();
  return JSON.parse(`"${body}"`) as string;
}

function closingQuote(text: string, start: number, end: number): number {
  const quote = text.charAt(start);
  for (let index = start + 1; index < end; index += 1) {
    const character = text.charAt(index);
    if (quote === '"' && character === '\\') index += 1;
    else if (character !== quote) continue;
    else if (quote === "'" && text.charAt(index + 1) === "'") index += 1;
    else return index;
  }
  return giveUp();
}

/** A plain scalar that takes the rest of its line, up to a comment. */
export function readPlainLine(source: Source): RawValue {
  const { text, at } = source;
  if (!beginsPlain(source)) giveUp();
  const line = text.slice(at, lineEnd(source));
  const comment = line.indexOf(' #');
  const body = (comment === -1 ? line : line.slice(0, comment)).trimEnd();
  // A second key on the line, or a tab that may be a blank: not for here.
  if (body.includes(': ') || body.endsWith(':') || CONTROL.test(body)) giveUp();
  source.at = at + body.length;
  return source.resolve(body);
}

/** The rest of the plain key of a map, which `: ` or `:` at the end of the line ends. */
export function readPlainKey(source: Source): string {
  const { text, at } = source;
  if (!beginsPlain(source)) giveUp();
  const end = lineEnd(source);
  let colon = text.indexOf(':', at);
  while (colon !== -1 && colon < end && !isKeyEnd(text, colon))
    colon = text.indexOf(':', colon + 1);
  if (colon === -1 || colon >= end || colon - at > KEY_LENGTH_MAX) giveUp();
  const body = text.slice(at, colon).trimEnd();
  if (CONTROL.test(body) || body.includes(' #') || body === '<<') giveUp();
  source.at = colon;
  return String(source.resolve(body));
}

/** YAML allows 1024 characters; what comes near is left to the whole reader. */
const KEY_LENGTH_MAX = 1000;

function isKeyEnd(text: string, colon: number): boolean {
  const next = text.charCodeAt(colon + 1);
  return Number.isNaN(next) || next === SPACE || next === NEWLINE;
}

/** Goes past the colon after a key. */
export function readColon(source: Source): void {
  const { text } = source;
  while (text.charCodeAt(source.at) === SPACE) source.at += 1;
  if (text.charCodeAt(source.at) !== COLON || !isKeyEnd(text, source.at)) giveUp();
  source.at += 1;
}

/**
 * Text after `|` or `>`. `parentIndent` is the indent of what the text belongs to; the text stands
 * further in.
 */
export function readBlockScalar(source: Source, parentIndent: number): string {
  const { text } = source;
  const isFolded = text.charAt(source.at) === '>';
  const sign = text.charAt(source.at + 1);
  const chomp = sign === '-' || sign === '+' ? sign : '';
  source.at += 1 + chomp.length;
  endLine(source);
  const lines = readIndentedLines(source, parentIndent);
  let last = lines.length;
  while (last > 0 && lines[last - 1] === '') last -= 1;
  if (last === 0 || (isFolded && (chomp === '+' || !isSimplyFolded(lines, last)))) giveUp();
  const body = isFolded ? fold(lines.slice(0, last)) : lines.slice(0, last).join('\n');
  if (chomp === '-') return body;
  return chomp === '' ? `${body}\n` : `${body}\n${'\n'.repeat(lines.length - last)}`;
}

/** The lines of a block scalar without their indent; afterwards the source is at the next line. */
function readIndentedLines(source: Source, parentIndent: number): string[] {
  const { text } = source;
  const lines: string[] = [];
  let indent = -1;
  while (source.at < text.length) {
    const start = source.at;
    const end = lineEnd(source);
    const first = firstBeyondSpaces(text, start);
    const column = first - start;
    const isEmpty = first === end;
    if (indent === -1 && !isEmpty) indent = column;
    if (!isEmpty && (column < indent || indent <= parentIndent)) break;
    // Without a line break at its end the text may end otherwise.
    const limit = Math.max(indent, parentIndent);
    if (end === text.length || isDoubtful(text, { start, first, limit })) giveUp();
    lines.push(isEmpty ? '' : text.slice(start + indent, end));
    toNextLine(source);
  }
  if (indent <= parentIndent || isOutOfPlace(source, parentIndent)) giveUp();
  return lines;
}

/** Blanks beyond the indent count as text on an empty line; a tab may count as an indent. */
function isDoubtful(
  text: string,
  line: { readonly start: number; readonly first: number; readonly limit: number },
): boolean {
  const column = line.first - line.start;
  const code = text.charCodeAt(line.first);
  return code === NEWLINE ? column > line.limit : code === TAB && column === line.limit;
}

function firstBeyondSpaces(text: string, start: number): number {
  let first = start;
  while (text.charCodeAt(first) === SPACE) first += 1;
  return first;
}

const TAB = 9;

/** A line further in than the parent, yet not part of the text: an error, or a comment. */
function isOutOfPlace({ text, at }: Source, parentIndent: number): boolean {
  const first = firstBeyondSpaces(text, at);
  return first < text.length && first - at > parentIndent && text.charCodeAt(first) !== HASH;
}

function isSimplyFolded(lines: readonly string[], last: number): boolean {
  return lines[0] !== '' && lines.slice(0, last).every((line) => !/^\s/.test(line));
}

function fold(lines: readonly string[]): string {
  let folded = lines[0] ?? '';
  let empty = 0;
  for (const line of lines.slice(1)) {
    if (line === '') empty += 1;
    else {
      folded += (empty === 0 ? ' ' : '\n'.repeat(empty)) + line;
      empty = 0;
    }
  }
  return folded;
}
