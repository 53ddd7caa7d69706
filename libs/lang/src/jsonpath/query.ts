import { assertNever } from '@argosy/base';
import { failLang } from '../error.ts';
import { childrenOf, holds, JSON_PATH_VALUES_MAX } from './select.ts';
import type { JsonPathStep } from './step.ts';

/** How deep a value may nest that `..` goes through. */
const DESCENT_DEPTH_MAX = 1_000;

/** What a path finds in one value, or why it finds nothing. */
export type Found = { readonly value: unknown } | { readonly missing: string };

type StepOf<Kind extends JsonPathStep['kind']> = Extract<JsonPathStep, { readonly kind: Kind }>;

/** One evaluation of a path. */
interface Query {
  readonly root: unknown;
  readonly steps: readonly JsonPathStep[];
  /** Applications of steps so far, and items gone over. */
  spent: number;
}

/**
 * What a path selects as the library of Argo's `jsonpath()` sees it: each step hands every value it
 * selects to the whole rest of the path, so that lists come out nested (`$.a[*].b[*]` is a list of
 * lists). Before the first step that selects several values everything must exist; behind it what
 * has no such value is left out. Throws LangFailure beyond the bounds.
 */
export function queryPath(root: unknown, steps: readonly JsonPathStep[]): Found {
  return follow({ root, steps, spent: 0 }, root, 0);
}

function follow(query: Query, value: unknown, at: number): Found {
  spend(query, 1);
  const step = query.steps[at];
  if (step === undefined) return { value };
  switch (step.kind) {
    case 'Children':
      return children(query, value, at, step);
    case 'Items':
      return items(query, value, at, step);
    case 'Slice':
      if (!Array.isArray(value)) return { missing: 'a slice needs an array' };
      return several(query, slice(value, step), at);
    case 'All':
      if (!isContainer(value)) return { missing: '* needs an array or an object' };
      return { value: each(query, childrenOf(value), at + 1) };
    case 'Descend':
      return { value: descend(query, value, { at, depth: 0 }) };
    case 'Filter':
      if (!isContainer(value)) return { missing: 'a filter needs an array or an object' };
      return several(query, filtered(query, value, step), at);
    default:
      return assertNever(step);
  }
}

function spend(query: Query, count: number): void {
  query.spent += count;
  if (query.spent <= JSON_PATH_VALUES_MAX) return;
  failLang('Limit', `the path selects more than ${JSON_PATH_VALUES_MAX} values`);
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The step at `at` has selected these; an index behind it is one of this list. */
function several(query: Query, values: readonly unknown[], at: number): Found {
  const next = query.steps[at + 1];
  const isIndex = next?.kind === 'Items' && next.indexes.length === 1;
  return isIndex ? follow(query, values, at + 1) : { value: each(query, values, at + 1) };
}

/** Follows the rest of the path from each value; what leads nowhere, or to null, is left out. */
function each(query: Query, values: readonly unknown[], at: number): readonly unknown[] {
  spend(query, values.length);
  if (at >= query.steps.length) return values;
  const found: unknown[] = [];
  for (const value of values) {
    const one = follow(query, value, at);
    if ('value' in one && one.value !== null) found.push(one.value);
  }
  return found;
}

function children(query: Query, value: unknown, at: number, step: StepOf<'Children'>): Found {
  if (!isContainer(value) || Array.isArray(value)) {
    return { missing: `${step.names.join(', ')} is not found` };
  }
  const map = value as Readonly<Record<string, unknown>>;
  const known = step.names.filter((name) => Object.hasOwn(map, name));
  const selected = known.map((name) => map[name]);
  if (step.names.length > 1) return several(query, selected, at);
  if (known.length === 0) return { missing: `${step.names.join(', ')} is not found` };
  return follow(query, selected[0], at + 1);
}

function items(query: Query, value: unknown, at: number, step: StepOf<'Items'>): Found {
  const { indexes } = step;
  if (!Array.isArray(value)) return { missing: `index ${indexes.join()}: no array` };
  const list = value as readonly unknown[];
  const places = indexes.map((index) => (index < 0 ? list.length + index : index));
  const known = places.filter((place) => place >= 0 && place < list.length);
  if (indexes.length > 1) {
    const selected = known.map((place) => list[place]);
    return several(query, selected, at);
  }
  const [place] = known;
  if (place !== undefined) return follow(query, list[place], at + 1);
  const sentence = `array index out of bounds: index ${indexes.join()}, length ${list.length}`;
  return { missing: sentence };
}

/** With a step below zero the same items come last first. */
function slice(list: readonly unknown[], step: StepOf<'Slice'>): readonly unknown[] {
  const bound = (given: number): number =>
    Math.min(list.length, Math.max(0, given < 0 ? list.length + given : given));
  const from = bound(step.from ?? 0);
  const to = bound(step.to ?? list.length);
  const found: unknown[] = [];
  if (step.step > 0) for (let at = from; at < to; at += step.step) found.push(list[at]);
  else for (let at = to - 1; at >= from; at += step.step) found.push(list[at]);
  return found;
}

function filtered(query: Query, value: unknown, step: StepOf<'Filter'>): readonly unknown[] {
  const all = childrenOf(value);
  spend(query, all.length);
  const selection = { root: query.root, allowMissing: true };
  return all.filter((item) => holds(item, step.condition, selection));
}

/** The rest of the path from a value and from all below it; lists it leads to are joined. */
function descend(
  query: Query,
  value: unknown,
  place: { readonly at: number; readonly depth: number },
): readonly unknown[] {
  const { at, depth } = place;
  if (depth > DESCENT_DEPTH_MAX) failLang('Limit', `.. goes deeper than ${DESCENT_DEPTH_MAX}`);
  if (value === null) return [];
  const one = follow(query, value, at + 1);
  const found: unknown[] = [];
  if ('value' in one && one.value !== null) {
    if (Array.isArray(one.value)) for (const item of one.value) found.push(item);
    else found.push(one.value);
  }
  for (const child of childrenOf(value)) {
    for (const item of descend(query, child, { at, depth: depth + 1 })) found.push(item);
  }
  spend(query, found.length);
  return found;
}
