import { failLang } from './error.ts';

/** Most values that one value may consist of, each counted as often as it is reached. */
export const VALUE_NODES_MAX = 1_000_000;

/** Values, and UTF-16 units of text, that are gone over at the price of one step. */
const NODES_PER_STEP = 8;
const UNITS_PER_STEP = 8;

/**
 * The steps that going over these values once costs. A function that is called a thousand times on a
 * megabyte is work, though it is a thousand steps to the evaluator. Parts that several lists share are
 * counted for each of them, since whoever prints or compares them meets them so often: forty lists of
 * two halves each would else be a text of a million million items. Throws LangFailure beyond
 * `VALUE_NODES_MAX`, so that this is bounded itself.
 */
export function workOf(values: readonly unknown[]): number {
  let nodes = 0;
  let units = 0;
  const waiting: unknown[] = [...values];
  while (waiting.length > 0) {
    const value = waiting.pop();
    nodes += 1;
    if (nodes + waiting.length > VALUE_NODES_MAX) {
      failLang('Limit', `a value has more than ${VALUE_NODES_MAX} parts`);
    }
    if (typeof value === 'string') units += value.length;
    else if (typeof value === 'object' && value !== null) pushParts(value, waiting);
  }
  return nodes / NODES_PER_STEP + units / UNITS_PER_STEP;
}

function pushParts(value: object, waiting: unknown[]): void {
  if (Array.isArray(value)) for (const item of value) waiting.push(item);
  else if (!(value instanceof Uint8Array) && !(value instanceof Date)) {
    for (const item of Object.values(value)) waiting.push(item);
  }
}
