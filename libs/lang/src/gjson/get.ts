import { goJsonString } from '../govalue/index.ts';
import { applyModifier } from './modifiers.ts';
import {
  arrayComponentOf,
  keyComponentOf,
  MODIFIER_NAMES,
  selectorsOf,
  splitAtPipe,
  type ArrayComponent,
  type Query,
  type Selector,
  type Tail,
} from './path.ts';
import { queryMatches } from './query.ts';
import { missing, parseValue, resultOf, type GjsonResult } from './result.ts';
import { elementsOf, endOfBrackets, endOfString, membersOf, unquote, type Span } from './scan.ts';
import { wildcardMatches } from './wildcard.ts';

/** Deepest nesting of paths within a path (pipes, queries, multipaths). */
export const PATH_DEPTH_MAX = 200;

/** Longest path, and most components of one; beyond them nothing is found. */
export const PATH_UNITS_MAX = 10_000;
const PATH_COMPONENTS_MAX = 250;

/** Longest text that modifiers and multipaths may make, in UTF-16 units; a longer one is empty. */
export const MADE_UNITS_MAX = 4 * 1024 * 1024;

/** One search: the text, what has been found so far, and the pipe to apply at the end. */
interface Search {
  readonly json: string;
  readonly depth: number;
  found: GjsonResult;
  pipe: string | undefined;
}

/**
 * Finds the value at a gjson path (tidwall/gjson 1.19: keys, indexes, `#`, queries, wildcards,
 * escapes, pipes, modifiers, multipaths, literals) in a JSON text. The text should be valid JSON; on
 * other text the answer is unspecified but given.
 */
export function gjsonGet(json: string, path: string): GjsonResult {
  if (path.length > PATH_UNITS_MAX || componentCount(path) > PATH_COMPONENTS_MAX) return missing;
  return get(json, path, 0);
}

function componentCount(path: string): number {
  return path.split(/[.|]/).length;
}

function get(json: string, path: string, depth: number): GjsonResult {
  if (depth > PATH_DEPTH_MAX) return missing;
  if (path.length > 1) {
    const special = specialPath(json, path, depth);
    if (special !== undefined) return special;
  }
  const search: Search = { json, depth, found: missing, pipe: undefined };
  if (path.startsWith('..')) {
    return getLines(`[${json}]`, path.slice(2), depth);
  }
  const start = json.search(/[{[]/);
  if (start >= 0) walk(search, start, path);
  if (search.pipe !== undefined) {
    return { ...getIn(search.found, search.pipe, depth + 1), index: 0 };
  }
  return search.found;
}

/** JSON lines: the text is searched as if its values were the elements of an array. */
function getLines(lines: string, path: string, depth: number): GjsonResult {
  const search: Search = { json: lines, depth, found: missing, pipe: undefined };
  walkArray(search, 0, path);
  if (search.pipe !== undefined) return getIn(search.found, search.pipe, depth + 1);
  return search.found;
}

/** The value at a path within a found value; offsets are moved into the searched text. */
function getIn(found: GjsonResult, path: string, depth: number): GjsonResult {
  const inner = get(found.raw, path, depth);
  if (inner.indexes !== undefined) {
    return { ...inner, indexes: inner.indexes.map((index) => index + found.index) };
  }
  return { ...inner, index: inner.index + found.index };
}

function specialPath(json: string, path: string, depth: number): GjsonResult | undefined {
  const first = path.charAt(0);
  if (first === '@') return modifierPath(json, path, depth);
  if (first === '!') return literalPath(path, depth);
  if (first !== '[' && first !== '{') return undefined;
  const parsed = selectorsOf(path);
  if (parsed === undefined || (parsed.rest !== '' && !/^[.|]/.test(parsed.rest))) return undefined;
  const raw = multipathText(json, parsed.selectors, { isObject: first === '{', depth });
  const collected = { ...resultOf(raw, 0) };
  if (parsed.rest === '') return collected;
  return { ...get(raw, parsed.rest.slice(1), depth + 1), index: 0 };
}

function multipathText(
  json: string,
  selectors: readonly Selector[],
  options: { readonly isObject: boolean; readonly depth: number },
): string {
  const items: string[] = [];
  let units = 0;
  for (const selector of selectors) {
    const found = get(json, selector.path, options.depth + 1);
    if (!found.exists) continue;
    const raw = found.raw === '' ? 'null' : found.raw;
    units += raw.length;
    if (units > MADE_UNITS_MAX) return '';
    items.push(options.isObject ? `${selectorKey(selector)}:${raw}` : raw);
  }
  return options.isObject ? `{${items.join(',')}}` : `[${items.join(',')}]`;
}

/** The key of an object multipath: the given name, else the last component when it is simple. */
function selectorKey(selector: Selector): string {
  const name = selector.name ?? '';
  if (name !== '') {
    const isQuoted = name.startsWith('"') && endOfString(name, 0) === name.length;
    return isQuoted ? name : goJsonString(name, true);
  }
  const last = /(?:^|(?<!\\)[|.])((?:\\[|.]|[^|.])*)$/.exec(selector.path)?.[1] ?? selector.path;
  return goJsonString(/[\0-\x1f[\]{}()#|!]/.test(last) ? '_' : last, true);
}

/** `@name`, `@name:argument`; an unknown name is a key, not a modifier. */
function modifierPath(json: string, path: string, depth: number): GjsonResult | undefined {
  const stop = path.search(/[:|.]/);
  const name = stop < 0 ? path.slice(1) : path.slice(1, stop);
  if (!MODIFIER_NAMES.has(name)) return undefined;
  let rest = stop < 0 ? '' : path.slice(stop);
  let argument = '';
  if (rest.startsWith(':')) {
    const end = endOfArgument(rest);
    argument = rest.slice(1, end);
    rest = rest.slice(end);
  }
  const dig = (value: string, inner: string): GjsonResult => get(value, inner, depth + 1);
  const made = applyModifier({ name, argument, json, get: dig });
  return continued(made.length > MADE_UNITS_MAX ? '' : made, rest, depth);
}

function endOfArgument(rest: string): number {
  const first = rest.charAt(1);
  if (first === '{' || first === '[') return endOfBrackets(rest, 1);
  if (first === '"') return endOfString(rest, 1);
  let index = 1;
  while (index < rest.length && rest.charAt(index) !== '|') {
    const character = rest.charAt(index);
    if (character === '"') index = endOfString(rest, index);
    else if (/[{[(]/.test(character)) index = endOfBrackets(rest, index);
    else index += 1;
  }
  return index;
}

/** `!value`: a literal, for multipaths. */
function literalPath(path: string, depth: number): GjsonResult | undefined {
  const body = path.slice(1);
  if (/^[{["+\-0-9]/.test(body)) {
    const end = /^[{[]/.test(body)
      ? endOfBrackets(body, 0)
      : body.startsWith('"')
        ? endOfString(body, 0)
        : (/^[+\-.eE0-9]+/.exec(body)?.[0].length ?? 0);
    return continued(body.slice(0, end), body.slice(end), depth);
  }
  const stop = body.search(/[|.]/);
  const word = stop < 0 ? body : body.slice(0, stop);
  if (!/^(true|false|null|nan|inf)$/i.test(word)) return undefined;
  return continued(word, stop < 0 ? '' : body.slice(stop), depth);
}

function continued(json: string, rest: string, depth: number): GjsonResult {
  if (!/^[.|]/.test(rest)) return parseValue(json);
  const inner = get(json, rest.slice(1), depth + 1);
  // The offsets lie in a text that is not the one searched, so they mean nothing outside.
  return inner.exists ? resultOf(inner.raw, 0) : inner;
}

/** Walks into the object or array at the offset; true ends the whole search. */
function walk(search: Search, start: number, path: string): boolean {
  return search.json.charAt(start) === '{'
    ? walkObject(search, start, path)
    : walkArray(search, start, path);
}

function rememberPipe(search: Search, tail: Tail): void {
  if (tail.pipe !== undefined) search.pipe = tail.pipe;
}

function walkObject(search: Search, start: number, path: string): boolean {
  const component = keyComponentOf(path);
  rememberPipe(search, component);
  for (const { key, value } of membersOf(search.json, start)) {
    const name = unquote(search.json.slice(key.start, key.end));
    const isHit = component.isWild
      ? wildcardMatches(name, component.part)
      : name === component.part;
    if (isHit && enter(search, value, component)) return true;
  }
  return false;
}

/** Takes the value when the path ends here, walks on when it is a container, else passes it by. */
function enter(search: Search, value: Span, tail: Tail): boolean {
  const { json } = search;
  if (tail.more === undefined) {
    search.found = resultOf(json.slice(value.start, value.end), value.start);
    return true;
  }
  const first = json.charAt(value.start);
  return (first === '{' || first === '[') && walk(search, value.start, tail.more);
}

function walkArray(search: Search, start: number, path: string): boolean {
  const component = arrayComponentOf(path);
  switch (component.kind) {
    case 'count':
      return countElements(search, start, component);
    case 'collect':
      return collectElements(search, start, component.path);
    case 'query':
      return queryElements(search, start, component);
    case 'index':
      return elementAt(search, start, component);
  }
}

function elementAt(
  search: Search,
  start: number,
  component: ArrayComponent & { readonly kind: 'index' },
): boolean {
  rememberPipe(search, component);
  if (component.index < 0) return false;
  let position = 0;
  for (const value of elementsOf(search.json, start)) {
    if (position === component.index) return enter(search, value, component);
    position += 1;
  }
  return false;
}

function countElements(search: Search, start: number, tail: Tail): boolean {
  rememberPipe(search, tail);
  const count = Array.from(elementsOf(search.json, start)).length;
  search.found = resultOf(String(count), 0);
  return true;
}

/** `#.path`: the path in every element, gathered into a list. */
function collectElements(search: Search, start: number, path: string): boolean {
  const split = splitAtPipe(path);
  if (split !== undefined) search.pipe = split[1];
  const items: string[] = [];
  const indexes: number[] = [];
  for (const value of elementsOf(search.json, start)) {
    const element = resultOf(search.json.slice(value.start, value.end), value.start);
    const found = getIn(element, split?.[0] ?? path, search.depth + 1);
    if (!found.exists) continue;
    items.push(found.raw);
    indexes.push(found.index);
  }
  search.found = { ...resultOf(`[${items.join(',')}]`, 0), indexes };
  return true;
}

function queryElements(
  search: Search,
  start: number,
  component: ArrayComponent & { readonly kind: 'query' },
): boolean {
  const { query, more } = component;
  rememberPipe(search, component);
  const split = more === undefined ? undefined : splitAtPipe(more);
  const below = split?.[0] ?? more;
  const matches: GjsonResult[] = [];
  for (const value of elementsOf(search.json, start)) {
    const element = resultOf(search.json.slice(value.start, value.end), value.start);
    if (!elementMatches(query, element, search.depth)) continue;
    if (split !== undefined) search.pipe = split[1];
    const found = below === undefined ? element : getIn(element, below, search.depth + 1);
    if (!query.all) {
      search.found = found;
      return true;
    }
    if (found.raw !== '') matches.push(found);
  }
  if (query.all && !search.found.exists) {
    const raw = `[${matches.map((found) => found.raw).join(',')}]`;
    search.found = { ...resultOf(raw, 0), indexes: matches.map((found) => found.index) };
  }
  return false;
}

/** A query with a path looks into objects and arrays only, one without at the element itself. */
function elementMatches(query: Query, element: GjsonResult, depth: number): boolean {
  if (element.type === 'json') {
    return queryMatches(query, get(element.raw, query.path, depth + 1));
  }
  return query.path === '' && queryMatches(query, element);
}
