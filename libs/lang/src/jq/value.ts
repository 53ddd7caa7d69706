import { failLang, langError, LangFailure } from '../error.ts';
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

/** A function of the input and the values of its arguments. */
export type ValueFunction = (input: unknown, args: readonly unknown[]) => unknown;

/** Raises an error a filter can catch with `try`. */
export function failJq(sentence: string): never {
  return failLang('Evaluation', sentence);
}

/** Raises the error that a function cannot take this input. */
export function cannotApply(name: string, input: unknown): never {
  return failJq(`${name} cannot be applied to: ${preview(input)}`);
}

/** What `error` raises: any value, which `catch` gets. */
export class JqRaised extends LangFailure {
  readonly value: unknown;

  constructor(value: unknown) {
    super(langError('Evaluation', typeof value === 'string' ? value : jqJson(value)));
    this.value = value;
  }
}

/** Most of a value that an error shows, in UTF-16 units. */
const PREVIEW_UNITS_MAX = 30;

/** A value in an error: its type and the beginning of it. */
export function preview(value: unknown): string {
  if (isNull(value)) return 'null';
  const text = jqJson(value);
  if (text.length <= PREVIEW_UNITS_MAX) return `${jqType(value)} (${text})`;
  const end = text.slice(-1);
  const head = text.slice(0, PREVIEW_UNITS_MAX - ' ...'.length - end.length);
  return `${jqType(value)} (${head} ...${typeof value === 'string' ? '"' : end})`;
}

/** JSON with sorted keys; NaN is null, and what is infinite the largest double. */
export function jqJson(value: unknown): string {
  return goJson(finite(value), { escapeHtml: false });
}

function finite(value: unknown): unknown {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return null;
    return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
  }
  if (Array.isArray(value)) return value.map(finite);
  if (!isGoMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, finite(part)]));
}

/** What stands for a step in a path that a filter sees. */
export function pathValue(step: PathStep): unknown {
  if (typeof step !== 'object') return step;
  return { start: step.from ?? null, end: step.to ?? null };
}

/** A path that a filter made, as steps. */
export function asPath(path: unknown): readonly PathStep[] {
  if (!Array.isArray(path)) return failJq(`a path must be an array, not ${preview(path)}`);
  return (path as readonly unknown[]).map((step) => {
    if (typeof step === 'string' || typeof step === 'number') return step;
    if (!isGoMap(step)) return failJq(`a path cannot have ${preview(step)}`);
    const [from, to] = [step['start'], step['end']];
    return {
      ...(typeof from === 'number' ? { from: Math.floor(from) } : {}),
      ...(typeof to === 'number' ? { to: Math.ceil(to) } : {}),
    };
  });
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
  if (typeof left === 'number' && typeof right === 'number') return compareNumbers(left, right);
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

/** NaN comes before all numbers, also before another NaN. */
function compareNumbers(left: number, right: number): number {
  if (Number.isNaN(left)) return -1;
  return Number.isNaN(right) ? 1 : left - right;
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
    default: {
      const result = ARITHMETIC[operator]?.(left, right);
      return result === undefined ? cannot(operator, left, right) : result;
    }
  }
}

const WORDS: Readonly<Record<string, readonly [verb: string, link: string]>> = {
  '+': ['add', 'and'],
  '-': ['subtract', 'and'],
  '*': ['multiply', 'and'],
  '/': ['divide', 'and'],
  '%': ['modulo', 'and'],
};

function cannot(operator: string, left: unknown, right: unknown): never {
  const [verb, link] = WORDS[operator] ?? [operator, 'and'];
  return failJq(`cannot ${verb}: ${preview(left)} ${link} ${preview(right)}`);
}

function cannotByZero(verb: string, left: number): never {
  return failJq(`cannot ${verb} ${preview(left)} by: ${preview(0)}`);
}

type Arithmetic = (left: unknown, right: unknown) => unknown;

export const isNull = (value: unknown): value is null | undefined =>
  value === null || value === undefined;

function add(left: unknown, right: unknown): unknown {
  if (isNull(left)) return right ?? null;
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
    if (typeof left === 'string' && typeof right === 'string') return splitText(left, right);
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    return right === 0 ? cannotByZero('divide', left) : left / right;
  },
  '%': (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    const divisor = Math.trunc(right);
    if (divisor === 0) return cannotByZero('modulo', left);
    return Math.trunc(left) % Math.abs(divisor);
  },
};

/** The parts between a separator; every character without one; none of an empty text. */
export function splitText(text: string, separator: string): readonly string[] {
  if (text === '') return [];
  return separator === '' ? [...text] : text.split(separator);
}

function bounded(text: string): string {
  if (text.length > JQ_SIZE_MAX) failLang('Limit', 'a text is too long');
  return text;
}

function repeat(text: string, count: number): string | null {
  if (!(count >= 0)) return null;
  const times = Math.floor(count);
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
      return failJq(`expected an object but got: ${preview(value)}`);
    case 'number':
      if (Array.isArray(value)) return (value as readonly unknown[]).at(Math.floor(step)) ?? null;
      return failJq(`expected an array but got: ${preview(value)}`);
    default:
      if (Array.isArray(value)) return value.slice(step.from, step.to);
      if (typeof value === 'string') return [...value].slice(step.from, step.to).join('');
      return failJq(`cannot slice: ${preview(value)}`);
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
  if (index < 0) return failJq(`array index should not be negative: ${step}`);
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
  if (typeof step === 'object' && Array.isArray(value)) return setSlice(value, step, []);
  return failJq(`cannot delete from ${jqType(value)}`);
}

/** A text as it is, anything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : jqJson(value);
}
