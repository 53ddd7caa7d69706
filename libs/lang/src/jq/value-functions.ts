import { utf8Bytes } from '../bytes/index.ts';
import { isGoMap, sortedKeys } from '../govalue/index.ts';
import { deletePaths } from './assign.ts';
import { DATE_FUNCTIONS } from './date-functions.ts';
import { LIST_FUNCTIONS } from './list-functions.ts';
import { MATH_FUNCTIONS } from './math-functions.ts';
import { preludeKeys } from './prelude.ts';
import { capturesOf, matchesOf, splitBy } from './regex-functions.ts';
import { TEXT_FUNCTIONS } from './text-functions.ts';
import {
  asPath,
  cannotApply,
  compareJq,
  failJq,
  isNull,
  isTrue,
  jqJson,
  jqType,
  preview,
  setPath,
  textOf,
  type ValueFunction,
} from './value.ts';

/** Functions of the input and the values of their arguments, by name and number of arguments. */
export const VALUE_FUNCTIONS: Readonly<Record<string, ValueFunction>> = {
  ...LIST_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...MATH_FUNCTIONS,
  ...DATE_FUNCTIONS,
  'not/0': (input) => !isTrue(input),
  'length/0': lengthOf,
  'utf8bytelength/0': (input) =>
    typeof input === 'string' ? utf8Bytes(input).length : cannotApply('utf8bytelength', input),
  'keys/0': (input) => {
    if (isGoMap(input)) return sortedKeys(input);
    return Array.isArray(input) ? [...input.keys()] : cannotApply('keys', input);
  },
  'type/0': jqType,
  'has/1': (input, [key]) => has(input, key),
  'contains/1': (input, [part]) => contains(input, part),
  'from_entries/0': fromEntries,
  'tostring/0': textOf,
  'tonumber/0': toNumber,
  'tojson/0': jqJson,
  'fromjson/0': (input) =>
    typeof input === 'string' ? parse(input) : cannotApply('fromjson', input),
  'setpath/2': (input, [path, value]) => setPath(input, asPath(path), value),
  'delpaths/1': (input, [paths]) =>
    Array.isArray(paths)
      ? deletePaths(input, (paths as readonly unknown[]).map(asPath))
      : failJq(`delpaths takes an array, not ${preview(paths)}`),
  '_match/2': matchesOf,
  '_captures/0': capturesOf,
  '_split/2': splitBy,
  'builtins/0': () => [
    ...Object.keys(VALUE_FUNCTIONS).filter((key) => !key.startsWith('_')),
    ...preludeKeys(),
  ],
};

/** Functions that go over all of their input, whose price grows with it. */
export const HEAVY_FUNCTIONS: ReadonlySet<string> = new Set([
  ...Object.keys(LIST_FUNCTIONS),
  ...Object.keys(TEXT_FUNCTIONS),
  ...['contains/1', 'from_entries/0', 'tostring/0', 'tojson/0', 'fromjson/0', 'delpaths/1'],
  ...['_match/2', '_split/2', 'length/0', 'keys/0'],
]);

function has(input: unknown, key: unknown): boolean {
  if (isGoMap(input) && typeof key === 'string') return Object.hasOwn(input, key);
  if (Array.isArray(input) && typeof key === 'number') return key >= 0 && key < input.length;
  return cannotApply(`has(${jqJson(key)})`, input);
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
  if (jqType(input) !== jqType(part)) return cannotApply(`contains(${jqJson(part)})`, input);
  return compareJq(input, part) === 0;
}

function lengthOf(input: unknown): number {
  if (isNull(input)) return 0;
  if (typeof input === 'string') return [...input].length;
  if (typeof input === 'number') return Math.abs(input);
  if (Array.isArray(input)) return input.length;
  return isGoMap(input) ? Object.keys(input).length : cannotApply('length', input);
}

function fromEntries(input: unknown): unknown {
  if (!Array.isArray(input)) return cannotApply('from_entries', input);
  const pairs = (input as readonly unknown[]).map((entry) => {
    if (!isGoMap(entry)) return cannotApply('from_entries', input);
    const found = ['key', 'Key', 'name', 'Name'].find((name) => isTrue(entry[name]));
    const key = found === undefined ? null : entry[found];
    if (typeof key !== 'string') {
      const reason = `expected a string for object key but got: ${preview(key)}`;
      return failJq(`from_entries cannot be applied to ${jqJson(input)}: ${reason}`);
    }
    const held = ['value', 'Value'].find((name) => Object.hasOwn(entry, name));
    return [key, held === undefined ? null : entry[held]] as const;
  });
  return Object.fromEntries(pairs);
}

function toNumber(input: unknown): number {
  if (typeof input === 'number') return input;
  if (typeof input !== 'string') return cannotApply('tonumber', input);
  if (!/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(input)) {
    return failJq(`tonumber cannot be applied to ${JSON.stringify(input)}: invalid number`);
  }
  return Number(input);
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return failJq(
      `fromjson cannot be applied to ${JSON.stringify(text.slice(0, 80))}: it is no JSON`,
    );
  }
}
