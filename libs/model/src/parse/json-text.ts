import type { FieldPath, Position } from '../problem.ts';
import { jsonOffset } from './json-offset.ts';
import { MANIFEST_DEPTH_MAX, TOO_DEEP } from './limits.ts';
import type { TextDocument } from './yaml-text.ts';
import type { RawValue } from './yaml-value.ts';

const START: Position = { line: 1, column: 1 };

/** Most UTF-16 units read to find places in one text; each place costs one reading up to it. */
const LOCATE_UNITS_MAX = 50_000_000;

/**
 * Reads a JSON text the quick way, or gives undefined when it is not plain JSON. Places are looked
 * for only when somebody asks for one; in a text of a single line they would tell nobody anything.
 */
export function readJson(text: string): TextDocument | undefined {
  const start = text.charAt(text.search(/\S/));
  if (start !== '{' && start !== '[') return undefined;
  let value: RawValue;
  try {
    value = JSON.parse(text) as RawValue;
  } catch {
    return undefined;
  }
  if (isTooDeep(value, 0)) {
    const problem = { message: TOO_DEEP, path: [], severity: 'error', position: START } as const;
    return { value: null, problems: [problem], locate: () => START };
  }
  return { value, problems: [], locate: locatorOf(text) };
}

function locatorOf(text: string): (path: FieldPath) => Position {
  const hasLines = text.trimEnd().includes('\n');
  let unitsLeft = LOCATE_UNITS_MAX;
  return (path) => {
    if (!hasLines || unitsLeft <= 0) return START;
    unitsLeft -= text.length;
    return positionAt(text, jsonOffset(text, path));
  };
}

function positionAt(text: string, offset: number): Position {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

function isTooDeep(value: RawValue, depth: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (depth > MANIFEST_DEPTH_MAX) return true;
  return Object.values(value).some((part) => isTooDeep(part as RawValue, depth + 1));
}
