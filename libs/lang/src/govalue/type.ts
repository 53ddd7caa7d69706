import { isGoMap } from './print.ts';

/** The reflect.Kind Go would name for a value. */
export function kindOfValue(value: unknown): string {
  if (value === null || value === undefined) return 'invalid';
  if (Array.isArray(value)) return 'slice';
  if (value instanceof Date) return 'struct';
  if (isGoMap(value)) return 'map';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    case 'function':
      return 'func';
    default:
      return 'ptr';
  }
}

/** The type Go prints with `%T` for a value that came from JSON or a literal. */
export function typeNameOf(value: unknown): string {
  const kind = kindOfValue(value);
  switch (kind) {
    case 'invalid':
      return '<nil>';
    case 'slice':
      return '[]interface {}';
    case 'map':
      return 'map[string]interface {}';
    case 'struct':
      return 'time.Time';
    default:
      return kind;
  }
}

/** Go's idea of an empty value: nil, zero, false, and texts, slices and maps of length 0. */
export function isEmptyValue(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (isGoMap(value)) return Object.keys(value).length === 0;
  return value === '' || value === false || value === 0 || value === 0n;
}
