import type { FieldPath } from '../problem.ts';

const BLANK = /[^\s]/g;
const PLAIN_END = /[,\]}\s]|$/g;
const NESTED = /["{}[\]]/g;

/**
 * Where in a text of valid JSON the key (or list item) stands that the path names, or the nearest
 * one around it. Keys may differ in case; of equal keys the last one counts, as for the reader.
 */
export function jsonOffset(text: string, path: FieldPath): number {
  let at = skipBlanks(text, 0);
  let found = at;
  for (const part of path) {
    const member = memberOf(text, at, part);
    if (member === undefined) return found;
    found = member.offset;
    at = member.value;
  }
  return found;
}

interface Member {
  /** Start of the key, or of the item itself. */
  readonly offset: number;
  /** Start of the value. */
  readonly value: number;
}

function memberOf(text: string, at: number, part: string | number): Member | undefined {
  const opening = text.charAt(at);
  if (opening === '[') return typeof part === 'number' ? itemOf(text, at, part) : undefined;
  return opening === '{' ? fieldOf(text, at, String(part)) : undefined;
}

function itemOf(text: string, start: number, index: number): Member | undefined {
  let at = skipBlanks(text, start + 1);
  for (let count = 0; text.charAt(at) !== ']'; count += 1) {
    if (count === index) return { offset: at, value: at };
    at = skipBlanks(text, skipValue(text, at));
    if (text.charAt(at) === ',') at = skipBlanks(text, at + 1);
  }
  return undefined;
}

function fieldOf(text: string, start: number, name: string): Member | undefined {
  let exact: Member | undefined;
  let similar: Member | undefined;
  let at = skipBlanks(text, start + 1);
  while (text.charAt(at) === '"') {
    const keyEnd = skipValue(text, at);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    const value = skipBlanks(text, skipBlanks(text, keyEnd) + 1);
    if (key === name) exact = { offset: at, value };
    else if (key.toLowerCase() === name.toLowerCase()) similar = { offset: at, value };
    at = skipBlanks(text, skipValue(text, value));
    if (text.charAt(at) === ',') at = skipBlanks(text, at + 1);
  }
  return exact ?? similar;
}

function skipBlanks(text: string, at: number): number {
  return nextMatch(text, BLANK, at);
}

function skipValue(text: string, at: number): number {
  const opening = text.charAt(at);
  if (opening === '"') return skipText(text, at);
  if (opening !== '{' && opening !== '[') return nextMatch(text, PLAIN_END, at);
  let depth = 0;
  let next = at;
  while (next < text.length) {
    next = nextMatch(text, NESTED, next);
    const character = text.charAt(next);
    if (character === '"') {
      next = skipText(text, next);
      continue;
    }
    depth += character === '{' || character === '[' ? 1 : -1;
    next += 1;
    if (depth === 0) return next;
  }
  return text.length;
}

function skipText(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

/** True when an odd number of backslashes stands before the quote. */
function isEscaped(text: string, quote: number): boolean {
  let start = quote;
  while (text.charAt(start - 1) === '\\') start -= 1;
  return (quote - start) % 2 === 1;
}

function nextMatch(text: string, pattern: RegExp, at: number): number {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match === null ? text.length : match.index;
}
