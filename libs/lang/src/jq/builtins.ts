import { failLang } from '../error.ts';
import { isGoMap, sortedKeys } from '../govalue/index.ts';
import { sprigFunctions } from '../sprig/index.ts';
import { pathsOf, run, spend, values, type JqScope, type Located } from './evaluate.ts';
import type { JqNode } from './node.ts';
import { compareJq, deletePath, failJq, isTrue, jqType, operate, textOf } from './value.ts';

type Call = JqNode & { readonly kind: 'Call' };

/** Runs a function by name and number of arguments. */
export function* callBuiltin(node: Call, input: Located, scope: JqScope): Generator<Located> {
  const key = `${node.name}/${node.args.length}`;
  const [first] = node.args;
  if (key === 'empty/0') return;
  if (key === 'select/1' && first !== undefined) {
    for (const condition of values(first, input.value, scope)) if (isTrue(condition)) yield input;
    return;
  }
  const filter = FILTERS[key];
  if (filter !== undefined && first !== undefined) {
    for (const value of filter(first, input.value, scope)) yield { value };
    return;
  }
  const plain = FUNCTIONS[key];
  if (plain === undefined) failLang('Syntax', `function not defined: ${key}`);
  else
    for (const args of product(node.args, input.value, scope))
      yield { value: plain(input.value, args) };
}

function* product(
  args: readonly JqNode[],
  input: unknown,
  scope: JqScope,
): Generator<readonly unknown[]> {
  const [first, ...rest] = args;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const others of product(rest, input, scope)) {
    for (const value of values(first, input, scope)) yield [value, ...others];
  }
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : failJq(`${jqType(value)} is not an array`);
const textIn = (value: unknown): string =>
  typeof value === 'string' ? value : failJq(`${jqType(value)} is not a string`);
const numberIn = (value: unknown): number =>
  typeof value === 'number' ? value : failJq(`${jqType(value)} is not a number`);
const itemsOf = (value: unknown): readonly unknown[] =>
  isGoMap(value) ? sortedKeys(value).map((key) => value[key]) : listOf(value);

type Filter = (filter: JqNode, input: unknown, scope: JqScope) => Iterable<unknown>;

/** Functions whose argument is a filter to be run on parts of the input. */
const FILTERS: Readonly<Record<string, Filter>> = {
  'map/1': (filter, input, scope) => [
    itemsOf(input).flatMap((item) => [...values(filter, item, scope)]),
  ],
  'map_values/1': (filter, input, scope) => [mapValues(filter, input, scope)],
  'del/1': (filter, input, scope) => {
    const paths = [...pathsOf(filter, input, scope)].toSorted((a, b) => compareJq(b, a));
    return [paths.reduce<unknown>(deletePath, input)];
  },
  'path/1': (filter, input, scope) => pathsOf(filter, input, scope),
  'with_entries/1': (filter, input, scope) => [
    fromEntries(toEntries(input).flatMap((entry) => [...values(filter, entry, scope)])),
  ],
  'sort_by/1': (filter, input, scope) => [sortBy(filter, input, scope)],
  'group_by/1': (filter, input, scope) => [groupBy(filter, input, scope)],
  'unique_by/1': (filter, input, scope) => [groupBy(filter, input, scope).map((group) => group[0])],
  'first/1': (filter, input, scope) => {
    for (const value of values(filter, input, scope)) return [value];
    return [];
  },
  'any/1': (filter, input, scope) => [itemsOf(input).some((item) => holds(filter, item, scope))],
  'all/1': (filter, input, scope) => [itemsOf(input).every((item) => holds(filter, item, scope))],
  'recurse/1': (filter, input, scope) => recurse(filter, input, scope),
};

const holds = (filter: JqNode, item: unknown, scope: JqScope): boolean =>
  [...values(filter, item, scope)].some(isTrue);

function mapValues(filter: JqNode, input: unknown, scope: JqScope): unknown {
  const change = (item: unknown): readonly unknown[] =>
    [...values(filter, item, scope)].slice(0, 1);
  if (!isGoMap(input)) return listOf(input).flatMap(change);
  const entries = Object.entries(input).flatMap(([key, item]) =>
    change(item).map((value) => [key, value] as const),
  );
  return Object.fromEntries(entries);
}

/** Deepest that `recurse` goes. */
const RECURSE_DEPTH_MAX = 10_000;

function* recurse(filter: JqNode, input: unknown, scope: JqScope): Generator<unknown> {
  // A stack of its own, so that an item deep down costs no more than one at the top.
  const open: Iterator<{ readonly value: unknown }>[] = [];
  let next: unknown = input;
  for (;;) {
    spend(scope);
    if (open.length > RECURSE_DEPTH_MAX) failLang('Limit', 'recurse goes too deep');
    yield next;
    open.push(run(filter, { value: next }, scope)[Symbol.iterator]());
    let found = open.at(-1)?.next();
    while (found?.done === true) {
      open.pop();
      found = open.at(-1)?.next();
    }
    if (found === undefined) return;
    next = found.value.value;
  }
}

function keyed(
  filter: JqNode,
  input: unknown,
  scope: JqScope,
): readonly (readonly [readonly unknown[], unknown])[] {
  return listOf(input)
    .map((item) => [[...values(filter, item, scope)], item] as const)
    .toSorted(([left], [right]) => compareJq(left, right));
}

const sortBy = (filter: JqNode, input: unknown, scope: JqScope): readonly unknown[] =>
  keyed(filter, input, scope).map(([, item]) => item);

function groupBy(filter: JqNode, input: unknown, scope: JqScope): readonly (readonly unknown[])[] {
  const groups: { readonly key: unknown; readonly items: unknown[] }[] = [];
  for (const [key, item] of keyed(filter, input, scope)) {
    const last = groups.at(-1);
    if (last !== undefined && compareJq(last.key, key) === 0) last.items.push(item);
    else groups.push({ key, items: [item] });
  }
  return groups.map(({ items }) => items);
}

function toEntries(input: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!isGoMap(input)) return failJq(`${jqType(input)} has no keys`);
  return sortedKeys(input).map((key) => ({ key, value: input[key] }));
}

function fromEntries(entries: readonly unknown[]): unknown {
  const pairs = entries.map((entry) => {
    if (!isGoMap(entry)) return failJq('from_entries takes objects');
    const key = entry['key'] ?? entry['k'] ?? entry['name'] ?? null;
    const value = 'value' in entry ? entry['value'] : (entry['v'] ?? null);
    return [key === null ? 'null' : textOf(key), value] as const;
  });
  return Object.fromEntries(pairs);
}

function has(input: unknown, key: unknown): boolean {
  if (isGoMap(input) && typeof key === 'string') return Object.hasOwn(input, key);
  if (Array.isArray(input) && typeof key === 'number') return key >= 0 && key < input.length;
  return failJq(`cannot check whether ${jqType(input)} has a ${jqType(key)}`);
}

function contains(input: unknown, part: unknown): boolean {
  if (typeof input === 'string' && typeof part === 'string') return input.includes(part);
  if (Array.isArray(input) && Array.isArray(part)) {
    return part.every((item) =>
      input.some((other) => jqType(other) === jqType(item) && contains(other, item)),
    );
  }
  if (isGoMap(input) && isGoMap(part)) {
    return Object.entries(part).every(
      ([key, value]) => Object.hasOwn(input, key) && contains(input[key], value),
    );
  }
  return compareJq(input, part) === 0;
}

function lengthOf(input: unknown): number {
  if (input === null || input === undefined) return 0;
  if (typeof input === 'string') return [...input].length;
  if (typeof input === 'number') return Math.abs(input);
  return itemsOf(input).length;
}

function flatten(list: readonly unknown[], depth: number): readonly unknown[] {
  return list.flatMap((item) =>
    Array.isArray(item) && depth > 0 ? flatten(item, depth - 1) : [item],
  );
}

function toNumber(input: unknown): number {
  if (typeof input === 'number') return input;
  const text = textIn(input);
  if (!/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    return failJq(`invalid number: ${JSON.stringify(text)}`);
  }
  return Number(text);
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return failJq(`invalid JSON: ${text.slice(0, 80)}`);
  }
}

const unique = (input: unknown): readonly unknown[] =>
  listOf(input)
    .toSorted(compareJq)
    .filter((item, index, sorted) => index === 0 || compareJq(item, sorted[index - 1]) !== 0);

const sum = (input: unknown): unknown =>
  itemsOf(input).reduce<unknown>((total, item) => operate('+', total, item), null);

const sprig = (name: string, ...args: readonly unknown[]): unknown => {
  try {
    return sprigFunctions[name]?.(args);
  } catch (thrown) {
    return failJq(thrown instanceof Error ? thrown.message : String(thrown));
  }
};

type Plain = (input: unknown, args: readonly unknown[]) => unknown;

/** Functions of the input and the values of their arguments. */
const FUNCTIONS: Readonly<Record<string, Plain>> = {
  'not/0': (input) => !isTrue(input),
  'length/0': lengthOf,
  'keys/0': (input) => (isGoMap(input) ? sortedKeys(input) : [...listOf(input).keys()]),
  'values/0': (input) => input,
  'type/0': jqType,
  'add/0': sum,
  'any/0': (input) => itemsOf(input).some(isTrue),
  'all/0': (input) => itemsOf(input).every(isTrue),
  'has/1': (input, [key]) => has(input, key),
  'contains/1': (input, [part]) => contains(input, part),
  'inside/1': (input, [whole]) => contains(whole, input),
  'to_entries/0': toEntries,
  'from_entries/0': (input) => fromEntries(listOf(input)),
  'tostring/0': textOf,
  'tonumber/0': toNumber,
  'tojson/0': (input) => JSON.stringify(input),
  'fromjson/0': (input) => parse(textIn(input)),
  'ascii_downcase/0': (input) => textIn(input).replace(/[A-Z]/g, (c) => c.toLowerCase()),
  'ascii_upcase/0': (input) => textIn(input).replace(/[a-z]/g, (c) => c.toUpperCase()),
  'startswith/1': (input, [part]) => textIn(input).startsWith(textIn(part)),
  'endswith/1': (input, [part]) => textIn(input).endsWith(textIn(part)),
  'ltrimstr/1': (input, [part]) => sprig('trimPrefix', textIn(part), textIn(input)),
  'rtrimstr/1': (input, [part]) => sprig('trimSuffix', textIn(part), textIn(input)),
  'split/1': (input, [separator]) => textIn(input).split(textIn(separator)),
  'join/1': (input, [separator]) =>
    listOf(input)
      .map((item) => (item === null ? '' : textOf(item)))
      .join(textIn(separator)),
  'test/1': (input, [pattern]) => sprig('mustRegexMatch', textIn(pattern), textIn(input)),
  'explode/0': (input) => [...textIn(input)].map((c) => c.codePointAt(0)),
  'reverse/0': (input) =>
    typeof input === 'string' ? [...input].reverse().join('') : listOf(input ?? []).toReversed(),
  'sort/0': (input) => listOf(input).toSorted(compareJq),
  'unique/0': unique,
  'min/0': (input) => listOf(input).toSorted(compareJq)[0] ?? null,
  'max/0': (input) => listOf(input).toSorted(compareJq).at(-1) ?? null,
  'first/0': (input) => listOf(input)[0] ?? null,
  'last/0': (input) => listOf(input).at(-1) ?? null,
  'flatten/0': (input) => flatten(listOf(input), Infinity),
  'flatten/1': (input, [depth]) => flatten(listOf(input), numberIn(depth)),
  'index/1': (input, [part]) => {
    const at = textIn(input).indexOf(textIn(part));
    return at < 0 ? null : at;
  },
  'floor/0': (input) => Math.floor(numberIn(input)),
  'ceil/0': (input) => Math.ceil(numberIn(input)),
  'round/0': (input) => Math.round(numberIn(input)),
  'sqrt/0': (input) => Math.sqrt(numberIn(input)),
  'fabs/0': (input) => Math.abs(numberIn(input)),
  'error/0': (input) => failJq(textOf(input)),
  'error/1': (_, [message]) => failJq(textOf(message)),
};
