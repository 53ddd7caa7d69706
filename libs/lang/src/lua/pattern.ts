import { LuaError } from './value.ts';

/** Steps one match may take, so that hostile patterns end. */
const MATCH_STEPS_MAX = 1_000_000;
const MATCH_DEPTH_MAX = 200;

/** A capture: a span, or a position (`()`). */
export type Capture =
  { readonly start: number; readonly end: number } | { readonly position: number };

interface Open {
  readonly start: number;
  /** −1 while open, −2 for a position. */
  length: number;
}

interface Matcher {
  readonly text: string;
  readonly pattern: string;
  steps: number;
  depth: number;
  captures: Open[];
}

/** A match of a Lua pattern: its span and captures. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
  readonly captures: readonly Capture[];
}

/** Finds a Lua pattern from an offset on; `^` binds it to the offset. Positions count from 0. */
export function matchPattern(
  text: string,
  pattern: string,
  from: number,
): PatternMatch | undefined {
  const isAnchored = pattern.startsWith('^');
  const matcher: Matcher = { text, pattern, steps: 0, depth: 0, captures: [] };
  for (let start = from; start <= text.length; start += 1) {
    matcher.captures = [];
    const end = match(matcher, start, isAnchored ? 1 : 0);
    if (end >= 0) return { start, end, captures: matcher.captures.map(captureOf) };
    if (isAnchored) return undefined;
  }
  return undefined;
}

function captureOf({ start, length }: Open): Capture {
  if (length === -2) return { position: start + 1 };
  if (length < 0) throw new LuaError('unfinished capture');
  return { start, end: start + length };
}

function match(matcher: Matcher, at: number, part: number): number {
  matcher.depth += 1;
  if (matcher.depth > MATCH_DEPTH_MAX) throw new LuaError('pattern too complex');
  try {
    return matchHere(matcher, at, part);
  } finally {
    matcher.depth -= 1;
  }
}

function matchHere(matcher: Matcher, start: number, from: number): number {
  let at = start;
  let part = from;
  while (part < matcher.pattern.length) {
    matcher.steps += 1;
    if (matcher.steps > MATCH_STEPS_MAX) throw new LuaError('pattern too complex');
    const step = matchSpecial(matcher, at, part) ?? matchItem(matcher, at, part);
    if (step.done !== undefined) return step.done;
    at = step.at;
    part = step.part;
  }
  return at;
}

/** One character class with the `?`, `*`, `+` or `-` behind it. */
function matchItem(matcher: Matcher, at: number, part: number): Special {
  const end = endOfClass(matcher.pattern, part);
  const fits = at < matcher.text.length && singleMatches(matcher, at, part, end);
  const decided = (done: number): Special => ({ done, at, part });
  switch (matcher.pattern.charAt(end)) {
    case '?': {
      const result = fits ? match(matcher, at + 1, end + 1) : -1;
      return result >= 0 ? decided(result) : { at, part: end + 1 };
    }
    case '*':
      return decided(matchMost(matcher, at, { part, end }));
    case '+':
      return decided(fits ? matchMost(matcher, at + 1, { part, end }) : -1);
    case '-':
      return decided(matchLeast(matcher, at, { part, end }));
    default:
      return fits ? { at: at + 1, part: end } : decided(-1);
  }
}

interface Special {
  /** The result of the whole match, when it is decided. */
  readonly done?: number;
  readonly at: number;
  readonly part: number;
}

/** Captures, `$` at the end, `%b`, `%f` and back references. */
function matchSpecial(matcher: Matcher, at: number, part: number): Special | undefined {
  const { text, pattern } = matcher;
  const next = pattern.charAt(part + 1);
  switch (pattern.charAt(part)) {
    case '(':
      return { done: openCapture(matcher, at, part), at, part };
    case ')':
      return { done: closeCapture(matcher, at, part), at, part };
    case '$':
      if (part + 1 !== pattern.length) return undefined;
      return { done: at === text.length ? at : -1, at, part };
    case '%':
      if (next === 'b') {
        const end = matchBalance(matcher, at, part + 2);
        return end < 0 ? { done: -1, at, part } : { at: end, part: part + 4 };
      }
      if (next === 'f') return matchFrontier(matcher, at, part + 2);
      if (/\d/.test(next)) {
        const end = matchBackReference(matcher, at, Number(next));
        return end < 0 ? { done: -1, at, part } : { at: end, part: part + 2 };
      }
      return undefined;
    default:
      return undefined;
  }
}

function openCapture(matcher: Matcher, at: number, part: number): number {
  const isPosition = matcher.pattern.charAt(part + 1) === ')';
  matcher.captures.push({ start: at, length: isPosition ? -2 : -1 });
  const result = match(matcher, at, part + (isPosition ? 2 : 1));
  if (result < 0) matcher.captures.pop();
  return result;
}

function closeCapture(matcher: Matcher, at: number, part: number): number {
  const open = matcher.captures.findLast(({ length }) => length === -1);
  if (open === undefined) throw new LuaError('invalid pattern capture');
  open.length = at - open.start;
  const result = match(matcher, at, part + 1);
  if (result < 0) open.length = -1;
  return result;
}

function matchBalance(matcher: Matcher, at: number, part: number): number {
  const { text, pattern } = matcher;
  const [open, close] = [pattern.charAt(part), pattern.charAt(part + 1)];
  if (close === '') throw new LuaError('unbalanced pattern');
  if (text.charAt(at) !== open) return -1;
  let depth = 1;
  for (let index = at + 1; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === close) {
      depth -= 1;
      if (depth === 0) return index + 1;
    } else if (character === open) depth += 1;
  }
  return -1;
}

function matchFrontier(matcher: Matcher, at: number, part: number): Special {
  const { text, pattern } = matcher;
  if (pattern.charAt(part) !== '[') throw new LuaError("missing '[' after '%f' in pattern");
  const end = endOfClass(pattern, part);
  const previous = at === 0 ? '\0' : text.charAt(at - 1);
  const current = at < text.length ? text.charAt(at) : '\0';
  const isFrontier =
    !setMatches(previous, pattern, part, end) && setMatches(current, pattern, part, end);
  return isFrontier ? { at, part: end } : { done: -1, at, part };
}

function matchBackReference(matcher: Matcher, at: number, number: number): number {
  const capture = matcher.captures[number - 1];
  if (capture === undefined || capture.length < 0) throw new LuaError('invalid capture index');
  const text = matcher.text.slice(capture.start, capture.start + capture.length);
  return matcher.text.startsWith(text, at) ? at + text.length : -1;
}

interface Part {
  readonly part: number;
  readonly end: number;
}

function matchMost(matcher: Matcher, at: number, { part, end }: Part): number {
  let last = at;
  while (last < matcher.text.length && singleMatches(matcher, last, part, end)) last += 1;
  for (; last >= at; last -= 1) {
    const result = match(matcher, last, end + 1);
    if (result >= 0) return result;
  }
  return -1;
}

function matchLeast(matcher: Matcher, start: number, { part, end }: Part): number {
  for (let at = start; ; at += 1) {
    const result = match(matcher, at, end + 1);
    if (result >= 0) return result;
    if (at >= matcher.text.length || !singleMatches(matcher, at, part, end)) return -1;
  }
}

/** The offset behind the class that begins at the offset. */
function endOfClass(pattern: string, part: number): number {
  const character = pattern.charAt(part);
  if (character === '%') {
    if (part + 1 >= pattern.length) throw new LuaError("malformed pattern (ends with '%')");
    return part + 2;
  }
  if (character !== '[') return part + 1;
  let index = part + 1;
  if (pattern.charAt(index) === '^') index += 1;
  do {
    if (index >= pattern.length) throw new LuaError("malformed pattern (missing ']')");
    index += pattern.charAt(index) === '%' ? 2 : 1;
  } while (pattern.charAt(index) !== ']');
  return index + 1;
}

function singleMatches(matcher: Matcher, at: number, part: number, end: number): boolean {
  const character = matcher.text.charAt(at);
  switch (matcher.pattern.charAt(part)) {
    case '.':
      return true;
    case '%':
      return classMatches(character, matcher.pattern.charAt(part + 1));
    case '[':
      return setMatches(character, matcher.pattern, part, end);
    default:
      return matcher.pattern.charAt(part) === character;
  }
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  a: /[A-Za-z]/,
  c: /\p{Cc}/u,
  d: /[0-9]/,
  l: /[a-z]/,
  p: /[!-/:-@[-`{-~]/,
  s: /[ \t\n\v\f\r]/,
  u: /[A-Z]/,
  w: /[A-Za-z0-9]/,
  x: /[0-9A-Fa-f]/,
  z: /\0/,
};

function classMatches(character: string, name: string): boolean {
  const lower = name.toLowerCase();
  const pattern = CLASSES[lower];
  if (pattern === undefined) return name === character;
  return pattern.test(character) === (name === lower);
}

function setMatches(character: string, pattern: string, part: number, end: number): boolean {
  const isNegated = pattern.charAt(part + 1) === '^';
  let index = part + (isNegated ? 2 : 1);
  let found = false;
  while (index < end - 1) {
    if (pattern.charAt(index) === '%') {
      found ||= classMatches(character, pattern.charAt(index + 1));
      index += 2;
    } else if (pattern.charAt(index + 1) === '-' && index + 2 < end - 1) {
      found ||= character >= pattern.charAt(index) && character <= pattern.charAt(index + 2);
      index += 3;
    } else {
      found ||= pattern.charAt(index) === character;
      index += 1;
    }
  }
  return found !== isNegated;
}
