import { failLang } from '../error.ts';
import { isGoMap } from '../govalue/index.ts';
import {
  cannotApply,
  compareJq,
  failJq,
  isNull,
  JQ_SIZE_MAX,
  jqJson,
  preview,
  textOf,
  type ValueFunction,
} from './value.ts';

/** A function of a list; what is no list is an error that names the function. */
const ofList =
  (
    name: string,
    work: (list: readonly unknown[], args: readonly unknown[]) => unknown,
  ): ValueFunction =>
  (input, args) =>
    Array.isArray(input) ? work(input as readonly unknown[], args) : cannotApply(name, input);

const sorted = (list: readonly unknown[]): readonly unknown[] => list.toSorted(compareJq);

export const LIST_FUNCTIONS: Readonly<Record<string, ValueFunction>> = {
  'sort/0': ofList('sort', sorted),
  'unique/0': ofList('unique', (list) =>
    sorted(list).filter((item, index, all) => index === 0 || compareJq(item, all[index - 1]) !== 0),
  ),
  'min/0': ofList('min', (list) => sorted(list)[0] ?? null),
  'max/0': ofList('max', (list) => sorted(list).at(-1) ?? null),
  'reverse/0': ofList('reverse', (list) => list.toReversed()),
  'join/1': ofList('join', (list, [separator]) => join(list, separator)),
  'flatten/0': (input) => flatten(input, Infinity),
  'flatten/1': (input, [depth]) => {
    if (typeof depth !== 'number') return failJq(`flatten takes a number, not ${preview(depth)}`);
    if (depth < 0) return failJq(`flatten depth should not be negative: ${depth}`);
    return flatten(input, depth);
  },
  'transpose/0': ofList('transpose', transpose),
  'implode/0': ofList('implode', implode),
  'indices/1': (input, [part]) => indices(input, part),
  'index/1': (input, [part]) => (indices(input, part) as readonly unknown[] | null)?.[0] ?? null,
  'rindex/1': (input, [part]) =>
    (indices(input, part) as readonly unknown[] | null)?.at(-1) ?? null,
};

function join(list: readonly unknown[], separator: unknown): string {
  if (list.length > 0 && typeof separator !== 'string') {
    return failJq(`join takes a string, not ${preview(separator)}`);
  }
  const parts = list.map((item) => {
    if (isNull(item)) return '';
    if (typeof item !== 'object') return textOf(item);
    return failJq(`join cannot be applied to an array including: ${preview(item)}`);
  });
  return parts.join(String(separator));
}

function flatten(input: unknown, depth: number): readonly unknown[] {
  const items: unknown[] = [];
  const visit = (list: readonly unknown[], left: number): void => {
    for (const item of list) {
      if (Array.isArray(item) && left > 0) visit(item as readonly unknown[], left - 1);
      else items.push(item);
    }
  };
  if (Array.isArray(input)) visit(input as readonly unknown[], depth);
  else if (isGoMap(input)) visit(Object.values(input), depth);
  else cannotApply('flatten', input);
  return items;
}

function transpose(rows: readonly unknown[]): readonly unknown[] {
  const lists = rows.map((row) =>
    Array.isArray(row) ? (row as readonly unknown[]) : cannotApply('transpose', rows),
  );
  const width = lists.reduce((most, row) => Math.max(most, row.length), 0);
  if (width * lists.length > JQ_SIZE_MAX) failLang('Limit', 'a list is too long');
  return Array.from({ length: width }, (_, column) => lists.map((row) => row[column] ?? null));
}

const CODE_POINT_MAX = 0x10ffff;

function implode(list: readonly unknown[]): string {
  return list
    .map((point) => {
      if (typeof point !== 'number') return cannotApply('implode', list);
      const isPoint = point >= 0 && point <= CODE_POINT_MAX;
      return isPoint ? String.fromCodePoint(Math.trunc(point)) : '\uFFFD';
    })
    .join('');
}

/** Where a part begins: in a text in code points, in a list as an item or as a run of items. */
function indices(input: unknown, part: unknown): readonly number[] | null {
  if (isNull(input)) return null;
  if (typeof input === 'string' && typeof part === 'string') {
    return runsOf([...input], [...part], (one, other) => one === other);
  }
  if (!Array.isArray(input)) return cannotApply(`indices(${jqJson(part)})`, input);
  const list = input as readonly unknown[];
  const run = Array.isArray(part) ? (part as readonly unknown[]) : [part];
  return runsOf(list, run, (one, other) => compareJq(one, other) === 0);
}

function runsOf<T>(
  list: readonly T[],
  run: readonly T[],
  isSame: (one: T, other: T) => boolean,
): readonly number[] {
  if (run.length === 0) return [];
  const found: number[] = [];
  for (let start = 0; start + run.length <= list.length; start += 1) {
    if (run.every((item, index) => isSame(item, list[start + index] as T))) found.push(start);
  }
  return found;
}
