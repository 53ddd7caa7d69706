import type { WhenValue } from './node.ts';

/** Go's reflect.DeepEqual on the values that occur: same type, same content. */
export function equalWhenValues(left: WhenValue, right: WhenValue): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => equalWhenValues(asValue(item), asValue(right[index])));
  }
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every(
    (key) => Object.hasOwn(right, key) && equalWhenValues(member(left, key), member(right, key)),
  );
}

function asValue(item: unknown): WhenValue {
  return (item ?? null) as WhenValue;
}

function member(value: object, key: string): WhenValue {
  return asValue((value as Readonly<Record<string, unknown>>)[key]);
}
