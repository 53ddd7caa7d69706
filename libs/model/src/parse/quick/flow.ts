import type { RawValue } from '../yaml-value.ts';
import { giveUp } from './bail.ts';
import { newPlace, type Place } from './place.ts';
import { beginsPlain, readQuoted } from './scalars.ts';
import { COLON, NEWLINE, SPACE, type Source } from './source.ts';
import { MANIFEST_DEPTH_MAX } from '../limits.ts';

/** A value and, if it is a list or a map, the place of its parts. */
export interface Placed {
  readonly value: RawValue;
  readonly place: Place | undefined;
}

/**
 * A list or map in brackets. It may go over several lines, which must stand further in than
 * `parentIndent`; comments within are left to the whole reader.
 */
export function readFlow(source: Source, parentIndent: number): Placed {
  source.depth += 1;
  if (source.depth > MANIFEST_DEPTH_MAX) giveUp();
  const isMap = source.text.charAt(source.at) === '{';
  const placed = isMap ? readMap(source, parentIndent) : readList(source, parentIndent);
  source.depth -= 1;
  return placed;
}

function readList(source: Source, parentIndent: number): Placed {
  const place = newPlace(source.at, false);
  const items: RawValue[] = [];
  source.at += 1;
  while (!isClosed(source, ']', parentIndent)) {
    place.starts.push(source.at);
    const { value, place: part } = readValue(source, parentIndent);
    items.push(value);
    place.parts.push(part);
    afterValue(source, ']', parentIndent);
  }
  return { value: items, place };
}

function readMap(source: Source, parentIndent: number): Placed {
  const place = newPlace(source.at, true);
  const map = Object.create(null) as Record<string, RawValue>;
  source.at += 1;
  while (!isClosed(source, '}', parentIndent)) {
    const start = source.at;
    const key = readKey(source);
    if (key in map) giveUp();
    skipBlanks(source, parentIndent);
    const { value, place: part } = readValue(source, parentIndent);
    map[key] = value;
    place.keys?.push(key);
    place.starts.push(start);
    place.parts.push(part);
    afterValue(source, '}', parentIndent);
  }
  return { value: map, place };
}

/** Before an entry: true, and past the bracket, when there is none. */
function isClosed(source: Source, bracket: string, parentIndent: number): boolean {
  skipBlanks(source, parentIndent);
  if (source.text.charAt(source.at) !== bracket) return false;
  source.at += 1;
  return true;
}

/** After an entry: past the comma, or before the bracket. */
function afterValue(source: Source, bracket: string, parentIndent: number): void {
  skipBlanks(source, parentIndent);
  const next = source.text.charAt(source.at);
  if (next === ',') source.at += 1;
  else if (next !== bracket) giveUp();
}

function readKey(source: Source): string {
  const { text } = source;
  const first = text.charAt(source.at);
  const isQuoted = first === '"' || first === "'";
  const key = isQuoted ? readQuoted(source) : String(readPlain(source));
  if (key === '<<' && !isQuoted) giveUp();
  if (text.charCodeAt(source.at) !== COLON) giveUp();
  const next = text.charAt(source.at + 1);
  // Right after a quoted key the value may follow at once, as in JSON.
  if (!isQuoted && next !== ' ' && next !== '\n') giveUp();
  source.at += 1;
  return key;
}

function readValue(source: Source, parentIndent: number): Placed {
  const first = source.text.charAt(source.at);
  if (first === '[' || first === '{') return readFlow(source, parentIndent);
  const value = first === '"' || first === "'" ? readQuoted(source) : readPlain(source);
  return { value, place: undefined };
}

/** What ends a plain scalar in brackets, beside `: ` and ` #`. */
const PLAIN_END = /[,[\]{}\n]|:(?=[\s,[\]{}])| #|[\u0000-\u001f]/g;

function readPlain(source: Source): RawValue {
  const { text, at } = source;
  if (!beginsPlain(source)) giveUp();
  PLAIN_END.lastIndex = at;
  const end = PLAIN_END.exec(text)?.index ?? giveUp();
  const body = text.slice(at, end).trimEnd();
  if (body === '' || !',]}:\n'.includes(text.charAt(end))) giveUp();
  source.at = end;
  return source.resolve(body);
}

function skipBlanks(source: Source, parentIndent: number): void {
  const { text } = source;
  for (;;) {
    const code = text.charCodeAt(source.at);
    if (code === NEWLINE) {
      source.lineStart = source.at + 1;
    } else if (code !== SPACE) {
      const isFirst = text.slice(source.lineStart, source.at).trim() === '';
      // Go lets the closing bracket stand below its key; that, too, is for the whole reader.
      if (isFirst && source.at - source.lineStart <= parentIndent) giveUp();
      return;
    }
    source.at += 1;
  }
}
