import { failLang } from '../error.ts';
import { compareText } from '../govalue/index.ts';
import { ExprDuration, goTypeName, isList, isMap, mapEntries, mapGet, mapHas } from './value.ts';

/**
 * Equality of the language: numbers by value across int and float, lists item by item, the rest by
 * content. Inside maps an int never equals a float, as Go compares those with reflect.DeepEqual.
 */
export function equalValues(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isNumeric(left) && isNumeric(right)) return Number(left) === Number(right);
  if (isNil(left) || isNil(right)) return isNil(left) && isNil(right);
  if (isList(left)) return isList(right) && equalLists(left, right);
  if (isMap(left)) return isMap(right) && equalMaps(left, right);
  return equalScalars(left, right);
}

function equalLists(left: readonly unknown[], right: readonly unknown[]): boolean {
  return (
    left.length === right.length && left.every((item, index) => equalValues(item, right[index]))
  );
}

function equalScalars(left: unknown, right: unknown): boolean {
  if (left instanceof Date) return right instanceof Date && left.getTime() === right.getTime();
  if (left instanceof ExprDuration) return right instanceof ExprDuration && left.ns === right.ns;
  return left instanceof Uint8Array && right instanceof Uint8Array && left.join() === right.join();
}

function equalMaps(
  left: Parameters<typeof mapGet>[0],
  right: Parameters<typeof mapGet>[0],
): boolean {
  const entries = mapEntries(left);
  if (entries.length !== mapEntries(right).length) return false;
  return entries.every(([key, item]) => {
    const other = mapGet(right, key);
    if (isNumeric(item) && typeof item !== typeof other) return false;
    return mapHas(right, key) && equalValues(item, other);
  });
}

/** Less than zero, zero or more than zero; refuses values that have no order. */
export function compareValues(left: unknown, right: unknown, operator: string): number {
  if (typeof left === 'bigint' && typeof right === 'bigint') return compareIntegers(left, right);
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(Number(left), Number(right));
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (left instanceof Date && right instanceof Date) {
    return compareNumbers(left.getTime(), right.getTime());
  }
  if (left instanceof ExprDuration && right instanceof ExprDuration) {
    return compareNumbers(Number(left.ns - right.ns), 0);
  }
  return failLang(
    'Evaluation',
    `invalid operation: ${goTypeName(left)} ${operator} ${goTypeName(right)}`,
  );
}

function compareIntegers(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** NaN compares as unordered: every ordering operator gives false. */
function compareNumbers(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return left === right ? 0 : Number.NaN;
}

/** Whether the value is an int or a float. */
export function isNumeric(value: unknown): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

/** Whether the value is nil. */
export function isNil(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
