import { formatGoDuration } from '@argosy/base';
import type { Zone } from '../gotime/index.ts';
import { compareText } from '../govalue/index.ts';

const NS_PER_MS = 1_000_000;

/**
 * A value of the expression language. Integers are `bigint` (Go int, 64 bits, wrapping), floats are
 * `number`, nil is `null`; maps are plain objects, or `Map` where a key is not a string.
 */
export type ExprValue = unknown;

/** A point in time (ms precision) with the zone it is shown in; a `Date`, so sprig takes it too. */
export class ExprTime extends Date {
  readonly zone: Zone;

  constructor(epochMs: number, zone: Zone) {
    super(epochMs);
    this.zone = zone;
  }
}

/** A length of time. */
export class ExprDuration {
  readonly ns: bigint;

  constructor(ns: bigint) {
    this.ns = BigInt.asIntN(64, ns);
  }

  /** Go's name for this method: the text `%v` prints. */
  String(): string {
    return formatGoDuration(Number(this.ns) / NS_PER_MS);
  }
}

/** A number that prints as a name: Go's time.Month and time.Weekday. */
export class NamedInteger {
  readonly value: bigint;
  readonly name: string;

  constructor(value: number, name: string) {
    this.value = BigInt(value);
    this.name = name;
  }

  /** Go's name for this method: the text `%v` prints. */
  String(): string {
    return this.name;
  }
}

/** A map of the expression language, in either of its shapes. */
export type ExprMap = Readonly<Record<string, unknown>> | ReadonlyMap<unknown, unknown>;

/** Whether the value is a map: a plain object or a `Map`, nothing else that has a prototype. */
export function isMap(value: unknown): value is ExprMap {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || value instanceof Map;
}

/** Whether the value is a list; bytes are not. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The value under a key, or undefined. Inherited properties do not count. */
export function mapGet(map: ExprMap, key: unknown): unknown {
  if (map instanceof Map) return map.get(key);
  if (typeof key !== 'string' || !Object.hasOwn(map, key)) return undefined;
  return (map as Readonly<Record<string, unknown>>)[key];
}

/** Whether the map has the key, even if its value is nil. */
export function mapHas(map: ExprMap, key: unknown): boolean {
  if (map instanceof Map) return map.has(key);
  return typeof key === 'string' && Object.hasOwn(map, key);
}

/** Entries with keys in Go's printing order where keys are strings: sorted. */
export function mapEntries(map: ExprMap): readonly (readonly [unknown, unknown])[] {
  if (map instanceof Map) return [...map.entries()];
  return Object.keys(map)
    .sort(compareText)
    .map((key) => [key, (map as Readonly<Record<string, unknown>>)[key]]);
}

/** An empty map that has no inherited names, so that any key is safe. */
export function newMap(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** The name Go gives the type of this value, as error texts show it. */
export function goTypeName(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float64';
    case 'string':
      return 'string';
    case 'function':
      return 'func';
    default:
      return goObjectTypeName(value);
  }
}

function goObjectTypeName(value: unknown): string {
  if (isList(value)) return '[]interface {}';
  if (value instanceof Date) return 'time.Time';
  if (value instanceof ExprDuration) return 'time.Duration';
  if (value instanceof Uint8Array) return '[]uint8';
  return 'map[string]interface {}';
}
