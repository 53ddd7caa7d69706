import { MANIFEST_DEPTH_MAX } from '../limits.ts';
import type { RawValue } from '../yaml-value.ts';
import { giveUp } from './bail.ts';
import { readFlow, type Placed } from './flow.ts';
import { newPlace } from './place.ts';
import { readBlockScalar, readColon, readPlainKey, readPlainLine, readQuoted } from './scalars.ts';
import {
  DASH,
  endLine,
  isLineDone,
  NEWLINE,
  skipSpaces,
  SPACE,
  toContent,
  toNextLine,
  type Source,
} from './source.ts';

/**
 * The list or map that begins here, at `indent` columns from the start of its line. Afterwards the
 * source is at the first line that does not belong to it.
 */
export function readBlock(source: Source, indent: number): Placed {
  source.depth += 1;
  if (source.depth > MANIFEST_DEPTH_MAX) giveUp();
  const placed = isItem(source) ? readList(source, indent) : readMap(source, indent);
  source.depth -= 1;
  return placed;
}

function isItem({ text, at }: Source): boolean {
  if (text.charCodeAt(at) !== DASH) return false;
  const next = text.charCodeAt(at + 1);
  return Number.isNaN(next) || next === SPACE || next === NEWLINE;
}

function readList(source: Source, indent: number): Placed {
  const place = newPlace(source.at, false);
  const items: RawValue[] = [];
  for (;;) {
    const dash = source.at;
    source.at += 1;
    skipSpaces(source);
    const isBelow = isLineDone(source);
    const start = isBelow ? dash + 1 : source.at;
    const { value, place: part } = isBelow ? readBelow(source, indent) : readItem(source, indent);
    items.push(value);
    place.starts.push(part?.start ?? start);
    place.parts.push(part);
    const next = toContent(source);
    if (next > indent) giveUp();
    if (next < indent || !isItem(source)) return { value: items, place };
  }
}

/** An item on the line of its dash: a list or map that begins there, or a value. */
function readItem(source: Source, indent: number): Placed {
  const column = source.at - source.lineStart;
  if (isItem(source)) return readBlock(source, column);
  const start = source.at;
  const lineStart = source.lineStart;
  if (isKey(source)) {
    source.at = start;
    source.lineStart = lineStart;
    return readBlock(source, column);
  }
  source.at = start;
  return readInline(source, indent);
}

const KEY_PLAIN = /:(?: |\n|$)/y;

/** True when a key of a map begins here. */
function isKey(source: Source): boolean {
  const { text } = source;
  const first = text.charAt(source.at);
  if (first === '"' || first === "'") {
    readQuoted(source);
    skipSpaces(source);
    return text.charAt(source.at) === ':';
  }
  if ('[{|>'.includes(first)) return false;
  const end = text.indexOf('\n', source.at);
  const line = text.slice(source.at, end === -1 ? text.length : end);
  for (let colon = line.indexOf(':'); colon !== -1; colon = line.indexOf(':', colon + 1)) {
    KEY_PLAIN.lastIndex = colon;
    if (line.slice(0, colon).includes(' #')) return false;
    if (KEY_PLAIN.test(line)) return true;
  }
  return false;
}

function readMap(source: Source, indent: number): Placed {
  const place = newPlace(source.at, true);
  const map = Object.create(null) as Record<string, RawValue>;
  for (;;) {
    const start = source.at;
    const first = source.text.charAt(start);
    const isQuoted = first === '"' || first === "'";
    const key = isQuoted ? readQuoted(source) : readPlainKey(source);
    readColon(source);
    if (key in map) giveUp();
    skipSpaces(source);
    const { value, place: part } = isLineDone(source)
      ? readBelowKey(source, indent)
      : readInline(source, indent);
    map[key] = value;
    place.keys?.push(key);
    place.starts.push(start);
    place.parts.push(part);
    const next = toContent(source);
    if (next > indent) giveUp();
    if (next < indent) return { value: map, place };
    if (isItem(source)) giveUp();
  }
}

const NOTHING: Placed = { value: null, place: undefined };

/** The value of a key that stands below it; lists may stand at the indent of the key. */
function readBelowKey(source: Source, indent: number): Placed {
  toNextLine(source);
  const next = toContent(source);
  if (next === indent && isItem(source)) return readBlock(source, next);
  return next > indent ? readFurtherIn(source, next) : back(source);
}

function readBelow(source: Source, indent: number): Placed {
  toNextLine(source);
  const next = toContent(source);
  return next > indent ? readFurtherIn(source, next) : back(source);
}

/** No value: the line is read again by whoever it belongs to. */
function back(source: Source): Placed {
  source.at = source.lineStart;
  return NOTHING;
}

function readFurtherIn(source: Source, indent: number): Placed {
  const start = source.at;
  if (!isItem(source) && !isKey(source)) giveUp();
  source.at = start;
  return readBlock(source, indent);
}

/** A value on the line of its key or dash; plain text that goes on below is not for here. */
function readInline(source: Source, indent: number): Placed {
  const first = source.text.charAt(source.at);
  if (first === '|' || first === '>') {
    return { value: readBlockScalar(source, indent), place: undefined };
  }
  const placed = readOnLine(source, first, indent);
  endLine(source);
  const isPlain = !'[{"\''.includes(first);
  if (isPlain && isContinued(source, indent)) giveUp();
  return placed;
}

function readOnLine(source: Source, first: string, indent: number): Placed {
  if (first === '[' || first === '{') return readFlow(source, indent);
  const isQuoted = first === '"' || first === "'";
  const value = isQuoted ? readQuoted(source) : readPlainLine(source);
  return { value, place: undefined };
}

function isContinued(source: Source, indent: number): boolean {
  const { at, lineStart } = source;
  const next = toContent(source);
  source.at = at;
  source.lineStart = lineStart;
  return next > indent;
}
