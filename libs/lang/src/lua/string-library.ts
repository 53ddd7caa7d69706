import { utf8Bytes, utf8Text } from '../bytes/index.ts';
import { goPrintf } from '../printf/index.ts';
import { sliceBytes } from '../sprig/strings.ts';
import { numberAt, textAt, type Library } from './arguments.ts';
import { callValue, LUA_TEXT_UNITS_MAX, toText } from './operate.ts';
import { matchPattern, type PatternMatch } from './pattern.ts';
import { isTruthy, LuaError, LuaTable, type LuaValue } from './value.ts';

/** A position that counts from 1, or from the end when negative, as an offset from 0. */
function offsetOf(position: number, length: number): number {
  if (position > 0) return position - 1;
  return position === 0 ? 0 : Math.max(0, length + position);
}

function sub(args: readonly LuaValue[]): readonly LuaValue[] {
  const text = textAt(args, 0);
  const length = utf8Bytes(text).length;
  const from = offsetOf(numberAt(args, 1, 1), length);
  const end = numberAt(args, 2, -1);
  const to = end < 0 ? length + end + 1 : Math.min(end, length);
  return [from >= to ? '' : sliceBytes(text, from, to)];
}

function capturesOf(text: string, found: PatternMatch): readonly LuaValue[] {
  if (found.captures.length === 0) return [text.slice(found.start, found.end)];
  return found.captures.map((capture) =>
    'position' in capture ? capture.position : text.slice(capture.start, capture.end),
  );
}

function find(args: readonly LuaValue[]): readonly LuaValue[] {
  const [text, pattern] = [textAt(args, 0), textAt(args, 1)];
  const from = offsetOf(numberAt(args, 2, 1), text.length);
  if (from > text.length) return [undefined];
  if (isTruthy(args[3]) || !/[\^$*+?.()[\]%-]/.test(pattern)) {
    const at = text.indexOf(pattern, from);
    return at < 0 ? [undefined] : [at + 1, at + pattern.length];
  }
  const found = matchPattern(text, pattern, from);
  if (found === undefined) return [undefined];
  const captures = found.captures.length === 0 ? [] : capturesOf(text, found);
  return [found.start + 1, found.end, ...captures];
}

function match(args: readonly LuaValue[]): readonly LuaValue[] {
  const text = textAt(args, 0);
  const from = offsetOf(numberAt(args, 2, 1), text.length);
  const found = from > text.length ? undefined : matchPattern(text, textAt(args, 1), from);
  return found === undefined ? [undefined] : capturesOf(text, found);
}

/** The matches of a pattern one after the other; an empty one moves on by a character. */
function* matches(text: string, pattern: string): Generator<PatternMatch> {
  let from = 0;
  while (from <= text.length) {
    const found = matchPattern(text, pattern, from);
    if (found === undefined) return;
    yield found;
    from = found.end > found.start ? found.end : found.end + 1;
    if (pattern.startsWith('^')) return;
  }
}

function gmatch(args: readonly LuaValue[]): readonly LuaValue[] {
  const text = textAt(args, 0);
  const all = matches(text, textAt(args, 1));
  return [
    () => {
      const entry = all.next();
      return entry.done === true ? [undefined] : capturesOf(text, entry.value);
    },
  ];
}

function replacement(value: LuaValue, text: string, found: PatternMatch): LuaValue {
  const whole = text.slice(found.start, found.end);
  const captures = capturesOf(text, found);
  if (typeof value === 'function') return callValue(value, captures)[0];
  if (value instanceof LuaTable) return value.get(captures[0]);
  return toText(value).replace(/%(.?)/g, (_, digit: string) => {
    if (digit === '0') return whole;
    if (!/\d/.test(digit)) return digit;
    const capture = captures[Number(digit) - 1];
    if (capture === undefined) throw new LuaError('invalid capture index');
    return toText(capture);
  });
}

function gsub(args: readonly LuaValue[]): readonly LuaValue[] {
  const text = textAt(args, 0);
  const limit = numberAt(args, 3, Infinity);
  let result = '';
  let from = 0;
  let count = 0;
  for (const found of matches(text, textAt(args, 1))) {
    if (count >= limit) break;
    count += 1;
    const value = replacement(args[2], text, found);
    const whole = text.slice(found.start, found.end);
    result += text.slice(from, found.start) + (isTruthy(value) ? toText(value) : whole);
    from = found.end;
    if (result.length > LUA_TEXT_UNITS_MAX) throw new LuaError('a string is too long');
  }
  return [result + text.slice(from), count];
}

function repeat(args: readonly LuaValue[]): readonly LuaValue[] {
  const [text, count] = [textAt(args, 0), Math.max(0, numberAt(args, 1))];
  if (text.length * count > LUA_TEXT_UNITS_MAX) throw new LuaError('a string is too long');
  return [text.repeat(count)];
}

/** C's printf over Lua values: `%d` takes a number without fraction, `%s` anything. */
function format(args: readonly LuaValue[]): readonly LuaValue[] {
  const values: (string | number | bigint)[] = [];
  let index = 1;
  const text = textAt(args, 0).replace(
    /%([-+ #0]*\d*(?:\.\d+)?)([a-zA-Z%])/g,
    (whole, flags, verb) => {
      if (verb === '%') return '%%';
      const at = index;
      index += 1;
      if (/[di]/.test(String(verb))) {
        values.push(BigInt(Math.trunc(numberAt(args, at))));
        return `%${String(flags)}d`;
      }
      if (/[uxXoc]/.test(String(verb))) values.push(BigInt(Math.trunc(numberAt(args, at))));
      else if (/[eEfgG]/.test(String(verb))) values.push(numberAt(args, at));
      else values.push(toText(args[at]));
      return verb === 'u' ? `%${String(flags)}d` : String(whole);
    },
  );
  return [goPrintf(text, ...values)];
}

/** Bytes that one call of `byte` may give. */
const BYTES_MAX = 10_000;

function bytesOf(args: readonly LuaValue[]): readonly LuaValue[] {
  const bytes = utf8Bytes(textAt(args, 0));
  const from = numberAt(args, 1, 1);
  const to = numberAt(args, 2, from);
  const start = offsetOf(from, bytes.length);
  const end = to < 0 ? bytes.length + to + 1 : to;
  if (Math.min(end, bytes.length) - start > BYTES_MAX) throw new LuaError('string slice too long');
  return Array.from(bytes.slice(start, end));
}

/** The string library; positions in texts beyond ASCII are UTF-16 units in find and match. */
export const stringLibrary: Library = {
  len: (args) => [utf8Bytes(textAt(args, 0)).length],
  lower: (args) => [textAt(args, 0).toLowerCase()],
  upper: (args) => [textAt(args, 0).toUpperCase()],
  reverse: (args) => [[...textAt(args, 0)].reverse().join('')],
  rep: repeat,
  sub,
  byte: bytesOf,
  char: (args) => [utf8Text(Uint8Array.from(args.map((_, index) => numberAt(args, index))))],
  find,
  match,
  gmatch,
  gsub,
  format,
};
