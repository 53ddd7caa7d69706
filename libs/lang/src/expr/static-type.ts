import { ExprDuration, isList, isMap } from './value.ts';

/** What is known of a value's type before evaluation; `any` is anything. */
export type StaticType =
  | { readonly kind: SimpleKind }
  | { readonly kind: 'list'; readonly item: StaticType }
  | { readonly kind: 'map'; readonly key: 'string' | 'any'; readonly value: StaticType };

type SimpleKind =
  'any' | 'nil' | 'bool' | 'int' | 'float' | 'string' | 'bytes' | 'time' | 'duration' | 'func';

/** The simple types, one object each. */
export const TYPES: { readonly [Kind in SimpleKind]: StaticType } = {
  any: { kind: 'any' },
  nil: { kind: 'nil' },
  bool: { kind: 'bool' },
  int: { kind: 'int' },
  float: { kind: 'float' },
  string: { kind: 'string' },
  bytes: { kind: 'bytes' },
  time: { kind: 'time' },
  duration: { kind: 'duration' },
  func: { kind: 'func' },
};

export const LIST_OF_ANY: StaticType = { kind: 'list', item: TYPES.any };
export const MAP_OF_ANY: StaticType = { kind: 'map', key: 'string', value: TYPES.any };

/** The type of a variable; what is inside lists and maps is not looked at, as Go does not either. */
export function staticTypeOf(value: unknown): StaticType {
  if (value === null || value === undefined) return TYPES.nil;
  switch (typeof value) {
    case 'boolean':
      return TYPES.bool;
    case 'bigint':
      return TYPES.int;
    case 'number':
      return TYPES.float;
    case 'string':
      return TYPES.string;
    case 'function':
      return TYPES.func;
    default:
      return typeOfObject(value);
  }
}

function typeOfObject(value: unknown): StaticType {
  if (isList(value)) return LIST_OF_ANY;
  if (value instanceof Date) return TYPES.time;
  if (value instanceof ExprDuration) return TYPES.duration;
  if (value instanceof Uint8Array) return TYPES.bytes;
  return isMap(value) && !(value instanceof Map) ? MAP_OF_ANY : TYPES.any;
}

/** Whether both are one type, with the same items where they are lists. */
export function isSameType(left: StaticType, right: StaticType): boolean {
  if (left.kind === 'list' && right.kind === 'list') return isSameType(left.item, right.item);
  return left.kind === right.kind;
}

/** Whether the type is int or float. */
export function isNumberType(type: StaticType): boolean {
  return type.kind === 'int' || type.kind === 'float';
}

/** The name Go's error texts have for a type. */
export function typeText(type: StaticType): string {
  switch (type.kind) {
    case 'any':
      return 'interface {}';
    case 'nil':
      return 'nil';
    case 'float':
      return 'float64';
    case 'bytes':
      return '[]uint8';
    case 'time':
      return 'time.Time';
    case 'duration':
      return 'time.Duration';
    case 'list':
      return `[]${typeText(type.item)}`;
    case 'map':
      return `map[${type.key === 'any' ? 'interface {}' : 'string'}]${typeText(type.value)}`;
    default:
      return type.kind;
  }
}
