import { assertNever } from '@argosy/base';
import { failLang } from '../error.ts';
import { compareText } from '../govalue/index.ts';
import type { JsonPathCondition, JsonPathOperand, JsonPathOperator, JsonPathStep } from './step.ts';

/** The most values a path may select. */
export const JSON_PATH_VALUES_MAX = 1_000_000;

/** What selection carries along. */
export interface Selection {
  readonly root: unknown;
  /** Missing names and indexes select nothing instead of being an error. */
  readonly allowMissing: boolean;
  /** Kubernetes' dialect: a name may be missing from some of the values, a slice must fit its list. */
  readonly isKubernetes?: boolean;
}

/** Applies steps to values, one after the other. Throws LangFailure for a missing name or index. */
export function selectAll(
  start: readonly unknown[],
  steps: readonly JsonPathStep[],
  selection: Selection,
): readonly unknown[] {
  let values = start;
  let descended = false;
  for (const step of steps) {
    // Below `..` most values lack the item, which is no error; that none has the name is one.
    const quiet =
      descended && step.kind !== 'Children' ? { ...selection, allowMissing: true } : selection;
    values = selectFrom(values, step, quiet);
    descended ||= step.kind === 'Descend';
  }
  return values;
}

function checkCount(count: number): void {
  if (count <= JSON_PATH_VALUES_MAX) return;
  failLang('Limit', `the path selects more than ${JSON_PATH_VALUES_MAX} values`);
}

function selectFrom(
  values: readonly unknown[],
  step: JsonPathStep,
  selection: Selection,
): readonly unknown[] {
  const isLenient = selection.isKubernetes === true && step.kind === 'Children';
  const inner = isLenient ? { ...selection, allowMissing: true } : selection;
  const found: unknown[] = [];
  for (const value of values) {
    for (const each of selectStep(value, step, inner)) found.push(each);
    checkCount(found.length);
  }
  if (!isLenient || found.length > 0 || values.length === 0) return found;
  return missing(selection, `${step.names.join(', ')} is not found`);
}

function selectStep(value: unknown, step: JsonPathStep, selection: Selection): readonly unknown[] {
  switch (step.kind) {
    case 'Children':
      return step.names.flatMap((name) => child(value, name, selection));
    case 'Items':
      return step.indexes.flatMap((index) => item(value, index, selection));
    case 'Slice':
      if (!Array.isArray(value)) return missing(selection, 'is not an array');
      if (selection.isKubernetes === true) checkSlice(value.length, step);
      return sliceOf(value, step);
    case 'All':
      return childrenOf(value);
    case 'Descend':
      return descent(value, selection);
    case 'Filter':
      return childrenOf(value).filter((each) => holds(each, step.condition, selection));
    default:
      return assertNever(step);
  }
}

/** A value and all below it; Kubernetes goes on only from what holds something. */
function descent(value: unknown, selection: Selection): readonly unknown[] {
  const all = [value, ...descendants(value)];
  if (selection.isKubernetes !== true) return all;
  return all.filter((each) => childrenOf(each).length > 0);
}

function child(value: unknown, name: string, selection: Selection): readonly unknown[] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject || !Object.hasOwn(value, name)) return missing(selection, `${name} is not found`);
  return [(value as Readonly<Record<string, unknown>>)[name]];
}

function item(value: unknown, index: number, selection: Selection): readonly unknown[] {
  if (!Array.isArray(value)) return missing(selection, `index ${index}: the value is not an array`);
  const at = index < 0 ? value.length + index : index;
  if (at >= 0 && at < value.length) return [value[at]];
  const sentence = `array index out of bounds: index ${index}, length ${value.length}`;
  return missing(selection, sentence);
}

function missing(selection: Selection, reason: string): readonly unknown[] {
  return selection.allowMissing ? [] : failLang('Unresolved', reason);
}

function checkSlice(
  length: number,
  { from = 0, to = length }: Extract<JsonPathStep, { readonly kind: 'Slice' }>,
): void {
  const [start, end] = [from, to].map((at) => (at < 0 ? length + at : at));
  // No item at all may be asked for anywhere.
  if (start === end) return;
  if ((start ?? 0) > (end ?? 0) || (end ?? 0) > length) {
    failLang('Unresolved', `array index out of bounds: slice ${from}:${to}, length ${length}`);
  }
}

function sliceOf(
  value: readonly unknown[],
  step: Extract<JsonPathStep, { readonly kind: 'Slice' }>,
): readonly unknown[] {
  const { length } = value;
  const bound = (given: number): number =>
    Math.min(length, Math.max(0, given < 0 ? length + given : given));
  const found: unknown[] = [];
  if (step.step > 0) {
    const to = step.to === undefined ? length : bound(step.to);
    for (let at = bound(step.from ?? 0); at < to; at += step.step) found.push(value[at]);
    return found;
  }
  const to = step.to === undefined ? -1 : bound(step.to);
  const from = step.from === undefined ? length - 1 : Math.min(length - 1, bound(step.from));
  for (let at = from; at > to; at += step.step) found.push(value[at]);
  return found;
}

/** The items of a list, or the values of an object in the order of its sorted keys. */
export function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (typeof value !== 'object' || value === null) return [];
  const map = value as Readonly<Record<string, unknown>>;
  return Object.keys(map)
    .sort(compareText)
    .map((key) => map[key]);
}

function descendants(value: unknown): readonly unknown[] {
  const found: unknown[] = [];
  const waiting = [...childrenOf(value)].reverse();
  for (let next = waiting.pop(); waiting.length > 0 || next !== undefined; next = waiting.pop()) {
    found.push(next);
    checkCount(found.length);
    waiting.push(...[...childrenOf(next)].reverse());
  }
  return found;
}

/** Whether a filter's condition holds for an item. */
export function holds(value: unknown, condition: JsonPathCondition, selection: Selection): boolean {
  switch (condition.kind) {
    case 'Not':
      return !holds(value, condition.operand, selection);
    case 'Logic': {
      const left = holds(value, condition.left, selection);
      if (condition.operator === '&&' ? !left : left) return left;
      return holds(value, condition.right, selection);
    }
    case 'Exists': {
      const [found] = operandValues(value, condition.operand, selection);
      return found !== undefined && found !== false && found !== null;
    }
    case 'Compare': {
      const [left] = operandValues(value, condition.left, selection);
      const [right] = operandValues(value, condition.right, selection);
      if (left === undefined || right === undefined) return false;
      return compare(left, condition.operator, right, selection.isKubernetes === true);
    }
    default:
      return assertNever(condition);
  }
}

function operandValues(
  value: unknown,
  operand: JsonPathOperand,
  selection: Selection,
): readonly unknown[] {
  if (operand.kind === 'Constant') return [operand.value];
  const start = operand.from === '@' ? value : selection.root;
  return selectAll([start], operand.steps, { ...selection, allowMissing: true });
}

/** Kubernetes also orders texts; to Argo's `jsonpath()` they are only equal or not. */
function compare(
  left: unknown,
  operator: JsonPathOperator,
  right: unknown,
  ordersTexts: boolean,
): boolean {
  const order = orderOf(left, right);
  if (operator === '==') return order === 0;
  if (operator === '!=') return order !== 0;
  if (order === undefined || (typeof left === 'string' && !ordersTexts)) return false;
  return inOrder(order, operator);
}

function inOrder(order: number, operator: '<' | '<=' | '>' | '>='): boolean {
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return assertNever(operator);
  }
}

/** Undefined for values that have no order among them; those are only ever unequal. */
function orderOf(left: unknown, right: unknown): number | undefined {
  if (left === right) return 0;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  return undefined;
}
