import type { FieldPath } from '../../problem.ts';

/** Where a list or map of the text stands, and its parts; scalars have only the place of their key. */
export interface Place {
  readonly start: number;
  /** Keys of a map; a list has none. */
  readonly keys: string[] | undefined;
  /** Start of each key, or of each item. */
  readonly starts: number[];
  readonly parts: (Place | undefined)[];
}

/** An empty place of a map or a list. */
export function newPlace(start: number, isMap: boolean): Place {
  return { start, keys: isMap ? [] : undefined, starts: [], parts: [] };
}

/** Offset of the key (or item) that the path names, or of the nearest one around it. */
export function offsetWithin(root: Place, path: FieldPath): number {
  let place: Place | undefined = root;
  let offset = root.start;
  for (const part of path) {
    const index: number = place === undefined ? -1 : indexOf(place, part);
    if (place === undefined || index === -1) return offset;
    offset = place.starts[index] ?? offset;
    place = place.parts[index];
  }
  return offset;
}

function indexOf({ keys, starts }: Place, part: string | number): number {
  if (keys === undefined) return typeof part === 'number' && part < starts.length ? part : -1;
  const exact = keys.indexOf(String(part));
  if (exact !== -1) return exact;
  const lower = String(part).toLowerCase();
  return keys.findLastIndex((key) => key.toLowerCase() === lower);
}
