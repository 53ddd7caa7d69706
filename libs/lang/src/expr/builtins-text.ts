import { base64Decode, base64Encode, utf8Bytes, utf8Text } from '../bytes/index.ts';
import { goValueText } from '../govalue/index.ts';
import { textArgument as text, integerArgument as integer, listArgument } from './arguments.ts';
import type { Builtin } from './builtins.ts';
import { parseGoJson, valueToJson } from './json.ts';
import { EXPR_TEXT_UNITS_MAX } from './scope.ts';

/** The most times `repeat` repeats; Go's bound. */
const REPEAT_MAX = 1_000_000n;

const unary = (name: string, call: (value: string) => unknown): Builtin => ({
  min: 1,
  max: 1,
  call: (args) => call(text(args[0], name)),
});

const binary = (name: string, call: (left: string, right: string) => unknown): Builtin => ({
  min: 2,
  max: 2,
  call: (args) => call(text(args[0], name), text(args[1], name)),
});

/** Functions on text. */
export const TEXT_BUILTINS: Readonly<Record<string, Builtin>> = {
  string: { min: 1, max: 1, call: ([value]) => goValueText(value) },
  trim: { min: 1, max: 2, call: trim },
  trimPrefix: { min: 1, max: 2, call: trimPrefix },
  trimSuffix: { min: 1, max: 2, call: trimSuffix },
  upper: unary('upper', (value) => mapCase(value, (char) => char.toUpperCase())),
  lower: unary('lower', (value) => mapCase(value, (char) => char.toLowerCase())),
  split: { min: 2, max: 3, call: (args) => split(args, false) },
  splitAfter: { min: 2, max: 3, call: (args) => split(args, true) },
  replace: { min: 3, max: 4, call: replace },
  repeat: { min: 2, max: 2, call: repeat },
  join: { min: 1, max: 2, call: join },
  indexOf: binary('indexOf', (value, part) => byteIndex(value, value.indexOf(part))),
  lastIndexOf: binary('lastIndexOf', (value, part) => byteIndex(value, value.lastIndexOf(part))),
  hasPrefix: binary('hasPrefix', (value, part) => value.startsWith(part)),
  hasSuffix: binary('hasSuffix', (value, part) => value.endsWith(part)),
  toJSON: { min: 1, max: 1, call: ([value]) => valueToJson(value, { indent: '  ' }) },
  fromJSON: unary('fromJSON', parseGoJson),
  toBase64: unary('toBase64', (value) => base64Encode(utf8Bytes(value))),
  fromBase64: unary('fromBase64', (value) => {
    const bytes = base64Decode(value);
    if (!bytes.ok) throw new Error(bytes.error);
    return utf8Text(bytes.value);
  }),
};

/** Go changes case character by character; one that would become several (`ß`) stays. */
function mapCase(value: string, change: (char: string) => string): string {
  return Array.from(value, (char) => {
    const changed = change(char);
    return [...changed].length === 1 ? changed : char;
  }).join('');
}

/** Go counts bytes where JavaScript counts UTF-16 units. */
function byteIndex(value: string, index: number): bigint {
  return index === -1 ? -1n : BigInt(utf8Bytes(value.slice(0, index)).length);
}

/** What Go takes for blanks. */
const BLANKS: ReadonlySet<string> = new Set(
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a' +
    '\u2028\u2029\u202f\u205f\u3000',
);

function trim(args: readonly unknown[]): string {
  const value = text(args[0], 'trim');
  const chars = [...value];
  const cut = args.length === 1 ? BLANKS : new Set(text(args[1], 'trim'));
  let start = 0;
  let end = chars.length;
  while (start < end && cut.has(chars[start] ?? '')) start += 1;
  while (end > start && cut.has(chars[end - 1] ?? '')) end -= 1;
  return chars.slice(start, end).join('');
}

function trimPrefix(args: readonly unknown[]): string {
  const value = text(args[0], 'trimPrefix');
  const prefix = args.length === 2 ? text(args[1], 'trimPrefix') : ' ';
  return value.startsWith(prefix) ? value.slice(prefix.length) : value;
}

function trimSuffix(args: readonly unknown[]): string {
  const value = text(args[0], 'trimSuffix');
  const suffix = args.length === 2 ? text(args[1], 'trimSuffix') : ' ';
  return suffix !== '' && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value;
}

/** strings.Split, SplitN, SplitAfter and SplitAfterN: n < 0 = all, n = 0 = nil, else at most n parts. */
function split(args: readonly unknown[], keep: boolean): readonly string[] {
  const value = text(args[0], 'split');
  const separator = text(args[1], 'split');
  const limit = args.length === 3 ? Number(integer(args[2], 'split')) : -1;
  if (limit === 0) return [];
  if (separator === '') return explode(value, limit);
  const parts: string[] = [];
  let from = 0;
  while (limit < 0 || parts.length < limit - 1) {
    const found = value.indexOf(separator, from);
    if (found === -1) break;
    parts.push(value.slice(from, keep ? found + separator.length : found));
    from = found + separator.length;
  }
  parts.push(value.slice(from));
  return parts;
}

function explode(value: string, limit: number): readonly string[] {
  const chars = [...value];
  if (limit < 0 || chars.length <= limit) return chars;
  return [...chars.slice(0, limit - 1), chars.slice(limit - 1).join('')];
}

function replace(args: readonly unknown[]): string {
  const value = text(args[0], 'replace');
  const old = text(args[1], 'replace');
  const fresh = text(args[2], 'replace');
  const limit = args.length === 4 ? Number(integer(args[3], 'replace')) : -1;
  const places = old === '' ? [...value].length + 1 : value.split(old).length - 1;
  checkLength(value.length + places * fresh.length);
  if (limit < 0)
    return old === '' ? interleave(value, fresh, -1) : value.replaceAll(old, () => fresh);
  if (old === '') return interleave(value, fresh, limit);
  const parts = value.split(old);
  const head = parts.slice(0, limit + 1).join(fresh);
  return limit + 1 < parts.length ? `${head}${old}${parts.slice(limit + 1).join(old)}` : head;
}

/** Replacing nothing puts the new text before each character and at the end. */
function interleave(value: string, fresh: string, limit: number): string {
  const chars = [...value];
  const count = limit < 0 ? chars.length + 1 : limit;
  const body = chars.map((char, index) => (index < count ? fresh + char : char)).join('');
  return count > chars.length ? body + fresh : body;
}

function repeat(args: readonly unknown[]): string {
  const value = text(args[0], 'repeat');
  const times = integer(args[1], 'repeat');
  if (times < 0n) {
    throw new Error(`invalid argument for repeat (expected positive integer, got ${times})`);
  }
  if (times > REPEAT_MAX) throw new Error('memory budget exceeded');
  checkLength(value.length * Number(times));
  return value.repeat(Number(times));
}

function checkLength(units: number): void {
  if (units > EXPR_TEXT_UNITS_MAX) throw new Error('memory budget exceeded');
}

function join(args: readonly unknown[]): string {
  const glue = args.length === 2 ? text(args[1], 'join') : '';
  const parts = listArgument(args[0], 'join').map((part) => text(part, 'join'));
  checkLength(parts.reduce((sum, part) => sum + part.length + glue.length, 0));
  return parts.join(glue);
}
