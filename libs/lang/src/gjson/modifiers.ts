import { goJsonString } from '../govalue/index.ts';
import { prettyJson, uglyJson } from './pretty.ts';
import { parseValue, resultOf, type GjsonResult } from './result.ts';
import { elementsOf, membersOf, unquote } from './scan.ts';

/** A modifier to be applied: its name and argument, the text, and how to look deeper (for `@dig`). */
export interface ModifierCall {
  readonly name: string;
  readonly argument: string;
  readonly json: string;
  readonly get: (json: string, path: string) => GjsonResult;
}

interface Pair {
  /** The key with its quotes; absent for elements of an array. */
  readonly key?: string;
  readonly value: string;
}

function pairsOf(raw: string): readonly Pair[] {
  const text = (span: { readonly start: number; readonly end: number }): string =>
    raw.slice(span.start, span.end);
  if (raw.startsWith('{')) {
    return Array.from(membersOf(raw, 0), ({ key, value }) => ({
      key: text(key),
      value: text(value),
    }));
  }
  if (raw.startsWith('[')) return Array.from(elementsOf(raw, 0), (span) => ({ value: text(span) }));
  return [];
}

/** The text a modifier makes of a JSON text. An unknown name gives the text back. */
export function applyModifier(call: ModifierCall): string {
  const { json } = call;
  switch (call.name) {
    case 'this':
      return json;
    case 'pretty':
      return isDeep(json) ? json : prettyJson(json, option(call));
    case 'ugly':
      return uglyJson(json);
    case 'valid':
      return isValid(json) ? json : '';
    case 'tostr':
      return goJsonString(json, true);
    case 'fromstr':
      return isValid(json) ? parseValue(json).text : '';
    case 'dig':
      if (isDeep(json)) return '[]';
      return `[${dig(parseValue(json), call).join(',')}]`;
    default:
      return restructure(call);
  }
}

function restructure(call: ModifierCall): string {
  const value = parseValue(call.json);
  const pairs = pairsOf(value.raw);
  switch (call.name) {
    case 'reverse':
      return reverse(call.json, value.raw, pairs);
    case 'flatten':
      if (isDeep(call.json)) return call.json;
      return value.raw.startsWith('[') ? flatten(pairs, option(call)['deep'] === true) : call.json;
    case 'join':
      return value.raw.startsWith('[') ? join(pairs, option(call)['preserve'] === true) : call.json;
    case 'keys':
      return keys(value, pairs);
    case 'values':
      return values(call.json, value, pairs);
    case 'group':
      return value.raw.startsWith('{') ? group(pairs) : '';
    default:
      return call.json;
  }
}

/** Deepest nesting that is restructured; each level goes over the text again. */
const NESTING_MAX = 200;

function isDeep(json: string): boolean {
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth > NESTING_MAX) return true;
  }
  return false;
}

function isValid(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

/** The argument as options; one that is no JSON object has none. */
function option(call: ModifierCall): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(call.argument);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

const pairText = (pair: Pair): string =>
  pair.key === undefined ? pair.value : `${pair.key}:${pair.value}`;

function reverse(json: string, raw: string, pairs: readonly Pair[]): string {
  const texts = pairs.toReversed().map(pairText).join(',');
  if (raw.startsWith('[')) return `[${texts}]`;
  return raw.startsWith('{') ? `{${texts}}` : json;
}

/** The inside of an array or object without its brackets. */
function unwrapped(raw: string): string {
  const text = raw.trim();
  return /^[[{]/.test(text) ? text.slice(1, -1) : text;
}

function flatten(pairs: readonly Pair[], deep: boolean): string {
  const parts: string[] = [];
  for (const { value } of pairs) {
    const isArray = value.startsWith('[');
    const text = isArray && deep ? flatten(pairsOf(value), true) : value;
    const part = (isArray ? unwrapped(text) : text).trim();
    if (part !== '') parts.push(part);
  }
  return `[${parts.join(',')}]`;
}

function join(pairs: readonly Pair[], preserve: boolean): string {
  const objects = pairs.filter(({ value }) => value.startsWith('{'));
  if (preserve) return `{${objects.map(({ value }) => unwrapped(value)).join(',')}}`;
  const merged = new Map<string, { readonly key: string; value: string }>();
  for (const member of objects.flatMap(({ value }) => pairsOf(value))) {
    const key = member.key ?? '';
    const known = merged.get(unquote(key));
    if (known === undefined) merged.set(unquote(key), { key, value: member.value });
    else known.value = member.value;
  }
  return `{${Array.from(merged.values(), pairText).join(',')}}`;
}

function keys(value: GjsonResult, pairs: readonly Pair[]): string {
  if (!value.exists) return '[]';
  if (value.type !== 'json') return '[null]';
  return `[${pairs.map((pair) => pair.key ?? 'null').join(',')}]`;
}

function values(json: string, value: GjsonResult, pairs: readonly Pair[]): string {
  if (!value.exists) return '[]';
  if (value.raw.startsWith('[')) return json;
  if (value.type !== 'json') return `[${value.raw}]`;
  return `[${pairs.map((pair) => pair.value).join(',')}]`;
}

/** `{"a":[1,2],"b":[3,4]}` → `[{"a":1,"b":3},{"a":2,"b":4}]`. */
function group(pairs: readonly Pair[]): string {
  const rows: string[][] = [];
  for (const { key = '', value } of pairs) {
    if (!value.startsWith('[')) continue;
    pairsOf(value).forEach((element, index) => {
      const row = rows[index] ?? [];
      row.push(`${key}:${element.value}`);
      rows[index] = row;
    });
  }
  return `[${rows.map((row) => `{${row.join(',')}}`).join(',')}]`;
}

/** Every value at the path in the value itself and in all that lies below it. */
function dig(value: GjsonResult, call: ModifierCall): readonly string[] {
  const own = call.get(value.raw, call.argument);
  const below = pairsOf(value.raw).flatMap((pair) => [...dig(resultOf(pair.value, 0), call)]);
  return own.exists ? [own.raw, ...below] : below;
}
