import type { FieldPath, Position } from '../problem.ts';
import { MANIFEST_DEPTH_MAX, TOO_DEEP } from './limits.ts';
import { readYaml, type TextDocument } from './yaml-text.ts';
import type { RawValue } from './yaml-value.ts';

const START: Position = { line: 1, column: 1 };

/**
 * Reads a JSON text the quick way, or gives undefined when it is not plain JSON. Positions are found
 * only when somebody asks for one, by reading the text once more as YAML (of which JSON is a part).
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
  let slow: TextDocument | undefined;
  const locate = (path: FieldPath): Position => {
    slow ??= readYaml(text)[0];
    return slow?.locate(path) ?? START;
  };
  return { value, problems: [], locate };
}

function isTooDeep(value: RawValue, depth: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (depth > MANIFEST_DEPTH_MAX) return true;
  return Object.values(value).some((part) => isTooDeep(part as RawValue, depth + 1));
}
