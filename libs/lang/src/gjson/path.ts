import { endOfBrackets, endOfString } from './scan.ts';

/** Names after `@` that are functions; any other `@name` is a plain key. */
export const MODIFIER_NAMES: ReadonlySet<string> = new Set([
  'pretty',
  'ugly',
  'reverse',
  'this',
  'flatten',
  'join',
  'valid',
  'keys',
  'values',
  'tostr',
  'fromstr',
  'group',
  'dig',
]);

/** What follows a component: nothing, a deeper path, or a path applied to the result. */
export interface Tail {
  /** The path below this component, when there is one. */
  readonly more?: string;
  /** The path applied to what the whole path before it found. */
  readonly pipe?: string;
}

/** A component that names a key of an object. */
export interface KeyComponent extends Tail {
  readonly part: string;
  readonly isWild: boolean;
}

/** A query on the elements of an array: `#(path op value)`, with `#` behind it for all matches. */
export interface Query {
  readonly path: string;
  readonly operator: string;
  readonly value: string;
  readonly all: boolean;
}

/** A component applied to an array. */
export type ArrayComponent =
  | ({ readonly kind: 'index'; readonly index: number } & Tail)
  | ({ readonly kind: 'count' } & Tail)
  | { readonly kind: 'collect'; readonly path: string }
  | ({ readonly kind: 'query'; readonly query: Query } & Tail);

/** True when the rest of a path after a dot acts on the result instead of naming a key. */
export function isPipedRest(rest: string): boolean {
  if (rest.startsWith('@')) {
    const end = rest.slice(1).search(/[.|:]/);
    return MODIFIER_NAMES.has(end < 0 ? rest.slice(1) : rest.slice(1, end + 1));
  }
  return rest.startsWith('[') || rest.startsWith('{');
}

function tailAt(path: string, index: number, mayPipe = true): Tail {
  const rest = path.slice(index + 1);
  if (path.charAt(index) === '|') return { pipe: rest };
  return mayPipe && rest !== '' && isPipedRest(rest) ? { pipe: rest } : { more: rest };
}

/** Parses the first component of a path for an object: escapes, wildcards, what follows. */
export function keyComponentOf(path: string): KeyComponent {
  let part = '';
  let isWild = false;
  for (let index = 0; index < path.length; index += 1) {
    const character = path.charAt(index);
    if (character === '.' || character === '|') return { part, isWild, ...tailAt(path, index) };
    if (character === '\\') {
      index += 1;
      part += path.charAt(index);
      continue;
    }
    if (character === '*' || character === '?') isWild = true;
    part += character;
  }
  return { part, isWild };
}

/** Parses the first component of a path for an array. */
export function arrayComponentOf(path: string): ArrayComponent {
  if (path.startsWith('#.')) return { kind: 'collect', path: path.slice(2) };
  if (path.startsWith('#(') || path.startsWith('#[')) return queryComponentOf(path);
  const end = path.search(/[.|]/);
  const part = end < 0 ? path : path.slice(0, end);
  if (part.includes('#')) {
    const tail = end < 0 ? {} : tailAt(path, end, false);
    return part === '#' ? { kind: 'count', ...tail } : { kind: 'index', index: -1, ...tail };
  }
  const index = /^\d+$/.test(part) ? Number(part) : -1;
  return { kind: 'index', index, ...(end < 0 ? {} : tailAt(path, end)) };
}

function queryComponentOf(path: string): ArrayComponent {
  const end = endOfQuery(path);
  if (end === undefined) return { kind: 'index', index: -1 };
  const query = queryOf(path.slice(2, end - 1));
  const all = path.charAt(end) === '#';
  const rest = path.slice(end);
  const stop = rest.search(/[.|]/);
  const tail = stop < 0 ? {} : tailAt(rest, stop, false);
  return { kind: 'query', query: { ...query, all }, ...tail };
}

/** The offset behind the bracket that closes the query at the start of the path. */
function endOfQuery(path: string): number | undefined {
  let depth = 1;
  let index = 2;
  while (index < path.length) {
    const character = path.charAt(index);
    if (character === '\\') index += 1;
    else if (character === '"') index = endOfString(path, index) - 1;
    else if (character === '[' || character === '(') depth += 1;
    else if (character === ']' || character === ')') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
    index += 1;
  }
  return undefined;
}

const trimBlanks = (text: string): string => text.replace(/^[\0- ]+|[\0- ]+$/g, '');

function queryOf(body: string): Omit<Query, 'all'> {
  const start = startOfOperator(body);
  if (start === undefined) return { path: trimBlanks(body), operator: '', value: '' };
  const tail = trimBlanks(body.slice(start));
  const operator = /^(!=|!%|<=|>=|==|<|>|=|%|!)/.exec(tail)?.[0] ?? '';
  const value = trimBlanks(tail.slice(operator.length));
  return {
    path: trimBlanks(body.slice(0, start)),
    operator: operator === '==' ? '=' : operator,
    value: unquoteValue(value),
  };
}

/** The first operator character outside brackets and quotes, but not at the very start. */
function startOfOperator(body: string): number | undefined {
  let index = 0;
  while (index < body.length) {
    const character = body.charAt(index);
    if (/[!=<>%]/.test(character)) return index;
    if (character === '\\') index += 2;
    else if (character === '"') index = endOfString(body, index);
    else if (character === '[' || character === '(') index = endOfBrackets(body, index);
    else index += 1;
  }
  return undefined;
}

function unquoteValue(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  const body = value.slice(1, -1);
  if (!body.includes('\\')) return body;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'string' ? parsed : body;
  } catch {
    return body;
  }
}

/** One entry of a multipath: `name:path` or `path`. */
export interface Selector {
  readonly name?: string;
  readonly path: string;
}

/** Parses `[a,b.c]` or `{x:a,b}` at the start of a path into its entries and what follows. */
export function selectorsOf(
  path: string,
): { readonly selectors: readonly Selector[]; readonly rest: string } | undefined {
  const selectors: Selector[] = [];
  let depth = 1;
  let start = 1;
  let index = 1;
  while (index < path.length) {
    const character = path.charAt(index);
    if (character === '\\') index += 1;
    else if (character === '"') index = endOfString(path, index) - 1;
    else if (/[[({]/.test(character)) depth += 1;
    else if (/[\])}]/.test(character)) depth -= 1;
    if (depth === 0 || (character === ',' && depth === 1)) {
      selectors.push(selectorOf(path.slice(start, index)));
      start = index + 1;
    }
    if (depth === 0) return { selectors, rest: path.slice(index + 1) };
    index += 1;
  }
  return undefined;
}

/** Splits `name:path` at the first colon outside brackets and quotes and before any modifier. */
function selectorOf(text: string): Selector {
  let index = 0;
  while (index < text.length) {
    const character = text.charAt(index);
    if (character === ':') return { name: text.slice(0, index), path: text.slice(index + 1) };
    if (character === '@' && /[.|]/.test(text.charAt(index - 1))) break;
    if (character === '\\') index += 2;
    else if (character === '"') index = endOfString(text, index);
    else if (/[[({]/.test(character)) index = endOfBrackets(text, index);
    else index += 1;
  }
  return { path: text };
}

/** Splits a path at its first pipe outside queries. */
export function splitAtPipe(path: string): readonly [string, string] | undefined {
  if (!path.includes('|')) return undefined;
  if (path.startsWith('{')) {
    const end = endOfBrackets(path, 0);
    return path.charAt(end) === '|' ? [path.slice(0, end), path.slice(end + 1)] : undefined;
  }
  let index = 0;
  while (index < path.length) {
    const character = path.charAt(index);
    if (character === '|') return [path.slice(0, index), path.slice(index + 1)];
    if (character === '\\') index += 1;
    else if (character === '.' && /^\.#[[(]/.test(path.slice(index, index + 3))) {
      const end = endOfQuery(path.slice(index + 1));
      if (end === undefined) return undefined;
      index += end;
    }
    index += 1;
  }
  return undefined;
}
