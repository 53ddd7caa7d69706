import { isGoMap } from '../govalue/index.ts';

/** reflect.DeepEqual over Go values: 1 and 1.0 differ in type, so they are not equal. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === null || left === undefined) return right === null || right === undefined;
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime();
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => deepEqual(item, right[index]));
  }
  if (!isGoMap(left) || !isGoMap(right)) return left === right;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && deepEqual(left[key], right[key]));
}

/** A copy that shares nothing with the original. */
export function deepCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepCopy);
  if (!isGoMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deepCopy(item)]));
}
