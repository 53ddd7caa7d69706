import { isGoMap, sortedKeys } from '../govalue/index.ts';
import { asPath, failJq, preview, setPath, type PathStep } from './value.ts';

/** `tostream`: `[path, leaf]` for each leaf, and `[path]` after the last part of each container. */
export function* streamOf(value: unknown): Generator<readonly unknown[]> {
  yield* partsOf(value, []);
}

function* partsOf(value: unknown, path: readonly PathStep[]): Generator<readonly unknown[]> {
  const keys = keysOf(value);
  const last = keys.at(-1);
  if (last === undefined) {
    yield [path, value];
    return;
  }
  for (const key of keys) {
    const part = isGoMap(value) ? value[key] : (value as readonly unknown[])[Number(key)];
    yield* partsOf(part, [...path, key]);
  }
  yield [[...path, last]];
}

function keysOf(value: unknown): readonly (string | number)[] {
  if (Array.isArray(value)) return Array.from(value.keys());
  return isGoMap(value) ? sortedKeys(value) : [];
}

/** `fromstream`: the whole values that such a stream tells of. */
export function* fromStream(events: Iterable<unknown>): Generator<unknown> {
  let whole: unknown = null;
  for (const event of events) {
    if (!Array.isArray(event)) failJq(`fromstream takes arrays, not ${preview(event)}`);
    const [steps, ...leaf] = event as readonly unknown[];
    const path = asPath(steps);
    if (leaf.length > 0) whole = setPath(whole, path, leaf[0]);
    const isWhole = path.length === (leaf.length > 0 ? 0 : 1);
    if (!isWhole) continue;
    yield whole;
    whole = null;
  }
}
