import { failLang } from '../error.ts';
import { compareText, goJson, isGoMap, sortedKeys } from '../govalue/index.ts';

/** A step of a path: a key, an index, or a slice. */
export type PathStep = string | number | { readonly from?: number; readonly to?: number };

/** Longest text or list a filter may build. */
export const JQ_SIZE_MAX = 1_000_000;

/** The name jq's `type` gives. */
export function jqType(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' ? 'object' : typeof value;
}

/** Raises an error a filter can catch with `try`. */
export function failJq(sentence: string): never {
  return failLang('Evaluation', sentence);
}

/** Only null and false are false. */
export const isTrue = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== false;

const TYPE_ORDER = ['null', 'false', 'true', 'number', 'string', 'array', 'object'];

/** jq's order over all values. */
export function compareJq(left: unknown, right: unknown): number {
  const rank = (value: unknown): number =>
    TYPE_ORDER.indexOf(typeof value === 'boolean' ? String(value) : jqType(value));
  const byType = rank(left) - rank(right);
  if (byType !== 0) return byType;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return compareLists(left, right);
  if (isGoMap(left) && isGoMap(right)) {
    const byKeys = compareLists(sortedKeys(left), sortedKeys(right));
    if (byKeys !== 0) return byKeys;
    const values = (map: Readonly<Record<string, unknown>>) =>
      sortedKeys(map).map((key) => map[key]);
    return compareLists(values(left), values(right));
  }
  return 0;
}

function compareLists(left: readonly unknown[], right: readonly unknown[]): number {
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const order = compareJq(left[index], right[index]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** `left op right` for arithmetic and comparison. */
export function operate(operator: string, left: unknown, right: unknown): unknown {
  switch (operator) {
    case '==':
      return compareJq(left, right) === 0;
    case '!=':
      return compareJq(left, right) !== 0;
    case '<':
      return compareJq(left, right) < 0;
    case '<=':
      return compareJq(left, right) <= 0;
    case '>':
      return compareJq(left, right) > 0;
    case '>=':
      return compareJq(left, right) >= 0;
    default:
      return ARITHMETIC[operator]?.(left, right) ?? cannot(operator, left, right);
  }
}

const WORDS: Readonly<Record<string, string>> = {
  '+': 'added',
  '-': 'subtracted',
  '*': 'multiplied',
  '/': 'divided',
  '%': 'divided',
};

function cannot(operator: string, left: unknown, right: unknown): never {
  const [a, b] = [left, right].map((value) => `${jqType(value)} (${goJson(value)})`);
  return failJq(`${a ?? ''} and ${b ?? ''} cannot be ${WORDS[operator] ?? operator}`);
}

type Arithmetic = (left: unknown, right: unknown) => unknown;

const isNull = (value: unknown): value is null | undefined => value === null || value === undefined;

function add(left: unknown, right: unknown): unknown {
  if (isNull(left)) return right;
  if (isNull(right)) return left;
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (typeof left === 'string' && typeof right === 'string') return bounded(left + right);
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right] as unknown[];
  return isGoMap(left) && isGoMap(right) ? { ...left, ...right } : undefined;
}

/** Each gives undefined for types it does not know. */
const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  '+': add,
  '-': (left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    if (!Array.isArray(left) || !Array.isArray(right)) return undefined;
    return left.filter((item) => !right.some((other) => compareJq(item, other) === 0));
  },
  '*': (left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return left * right;
    if (typeof left === 'string' && typeof right === 'number') return repeat(left, right);
    if (typeof left === 'number' && typeof right === 'string') return repeat(right, left);
    return isGoMap(left) && isGoMap(right) ? merge(left, right) : undefined;
  },
  '/': (left, right) => {
    if (typeof left === 'string' && typeof right === 'string') return left.split(right);
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    return right === 0 ? failJq('cannot be divided because the divisor is zero') : left / right;
  },
  '%': (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    const divisor = Math.trunc(right);
    if (divisor === 0) return failJq('cannot be divided because the divisor is zero');
    return Math.trunc(left) % Math.abs(divisor);
  },
};

function bounded(text: string): string {
  if (text.length > JQ_SIZE_MAX) failLang('Limit', 'a text is too long');
  return text;
}

function repeat(text: string, count: number): string | null {
  if (count <= 0) return null;
  const times = count < 1 ? 1 : Math.floor(count);
  if (text.length * times > JQ_SIZE_MAX) failLang('Limit', 'a text is too long');
  return text.repeat(times);
}

function merge(
  left: Readonly<Record<string, unknown>>,
  right: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const current = Object.hasOwn(left, key) ? left[key] : undefined;
    merged[key] = isGoMap(current) && isGoMap(value) ? merge(current, value) : value;
  }
  return merged;
}

/** The part of a value one step leads to; a missing one is null. */
export function stepInto(value: unknown, step: PathStep): unknown {
  if (isNull(value)) return null;
  switch (typeof step) {
    case 'string':
      if (isGoMap(value)) return Object.hasOwn(value, step) ? value[step] : null;
      return failJq(`cannot index ${jqType(value)} with ${JSON.stringify(step)}`);
    case 'number':
      if (Array.isArray(value)) return (value as readonly unknown[]).at(Math.floor(step)) ?? null;
      return failJq(`cannot index ${jqType(value)} with a number`);
    default:
      if (Array.isArray(value) || typeof value === 'string') return value.slice(step.from, step.to);
      return failJq(`cannot index ${jqType(value)} with a slice`);
  }
}

/** A copy of the value with the part at the path replaced; what is missing on the way is made. */
export function setPath(value: unknown, path: readonly PathStep[], replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  const inner = setPath(stepInto(value, step), rest, replacement);
  if (typeof step === 'string') {
    return { ...(isGoMap(value) ? value : {}), [step]: inner };
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return typeof step === 'number' ? setIndex(list, step, inner) : setSlice(list, step, inner);
}

function setIndex(list: readonly unknown[], step: number, inner: unknown): readonly unknown[] {
  const index = step < 0 ? list.length + step : step;
  if (index < 0) return failJq('array index out of bounds');
  if (index > JQ_SIZE_MAX) failLang('Limit', 'a list is too long');
  const copy = [...list];
  while (copy.length < index) copy.push(null);
  copy[index] = inner;
  return copy;
}

function setSlice(
  list: readonly unknown[],
  { from, to }: { readonly from?: number; readonly to?: number },
  inner: unknown,
): readonly unknown[] {
  const replaced = list.slice(from, to).length;
  const start = list.length - list.slice(from).length;
  return list.toSpliced(start, replaced, ...(Array.isArray(inner) ? inner : [inner]));
}

/** A copy of the value without the part at the path. */
export function deletePath(value: unknown, path: readonly PathStep[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined || value === null || value === undefined) return null;
  if (rest.length > 0) return setPath(value, [step], deletePath(stepInto(value, step), rest));
  if (typeof step === 'string' && isGoMap(value)) {
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== step));
  }
  if (typeof step === 'number' && Array.isArray(value)) {
    const index = step < 0 ? value.length + step : step;
    return (value as readonly unknown[]).filter((_, position) => position !== index);
  }
  return failJq(`cannot delete from ${jqType(value)}`);
}

/** A text as it is, anything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : goJson(value, { escapeHtml: false });
}
