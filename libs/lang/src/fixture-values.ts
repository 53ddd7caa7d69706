import { ExprDuration, isList, isMap, mapEntries, newMap } from './expr/value.ts';

/** A file of recorded results: `e` the source, `r` the value, `x` Go's error text. */
export interface FixtureFile {
  readonly cases: readonly FixtureCase[];
}

export interface FixtureCase {
  readonly e: string;
  readonly r?: unknown;
  readonly x?: string;
}

/** Reads a recorded value: `{i}` is an int, `{f}` a float, `{m}` a list of pairs. */
export function decodeFixture(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodeFixture);
  if (typeof value !== 'object' || value === null) return value;
  const tagged = value as Readonly<Record<string, unknown>>;
  if (typeof tagged['i'] === 'string') return BigInt(tagged['i']);
  if (typeof tagged['f'] === 'string') return Number(tagged['f']);
  const map = newMap();
  for (const pair of Array.isArray(tagged['m']) ? (tagged['m'] as unknown[]) : []) {
    if (Array.isArray(pair)) map[String(decodeFixture(pair[0]))] = decodeFixture(pair[1]);
  }
  return map;
}

/** Writes a value as the Go side records it, with maps in one fixed order. */
export function encodeFixture(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return { i: String(value) };
  if (typeof value === 'number') return { f: value };
  if (isList(value)) return value.map(encodeFixture);
  if (value instanceof ExprDuration) return { d: String(value.ns) };
  if (value instanceof Date) return { t: String(value.getTime()) };
  if (value instanceof Uint8Array) {
    return { b: Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('') };
  }
  if (!isMap(value)) return typeof value === 'function' ? { o: 'func' } : value;
  const pairs = mapEntries(value).map(([key, item]) => [encodeFixture(key), encodeFixture(item)]);
  return { m: sortPairs(pairs) };
}

/** The same order for recorded and computed values: recorded maps come in Go's random order. */
export function normalizeFixture(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalizeFixture);
  if (typeof value !== 'object' || value === null) return value;
  const tagged = value as Readonly<Record<string, unknown>>;
  if (typeof tagged['f'] === 'string') return { f: goFloat(tagged['f']) };
  if (!Array.isArray(tagged['m'])) return value;
  return { m: sortPairs(tagged['m'].map(normalizeFixture)) };
}

function goFloat(text: string): number {
  if (text.endsWith('Inf')) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

function sortPairs(pairs: readonly unknown[]): readonly unknown[] {
  const keyOf = (pair: unknown): string => JSON.stringify(pair);
  return [...pairs].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}
