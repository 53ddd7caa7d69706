import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ConformanceCase } from './adapter.ts';

/** Reads an area's `cases.yaml`, or answers undefined when the corpus is not on this machine. */
export function readCases(areaDirectory: string): readonly ConformanceCase[] | undefined {
  const file = join(areaDirectory, 'cases.yaml');
  if (!existsSync(file)) return undefined;
  const list: unknown = parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(list)) throw new Error(`${file}: expected a list of cases`);
  return list.map((entry, index) => asCase(entry, `${file}: case ${index + 1}`));
}

function asCase(entry: unknown, where: string): ConformanceCase {
  if (typeof entry !== 'object' || entry === null || !('name' in entry)) {
    throw new Error(`${where}: expected an object with a name`);
  }
  if (typeof entry.name !== 'string') throw new Error(`${where}: name must be text`);
  return { ...entry, name: entry.name };
}

/** Cases believed wrong, with the reason, and cases that are known not to pass yet. */
export interface KnownCases {
  readonly disputed: ReadonlyMap<string, string>;
  readonly notYet: ReadonlySet<string>;
}

/**
 * Reads `disputed.yaml` (area → name → reason) and `not-yet.yaml` (area → list of names).
 * @throws Error naming the file when it has another shape or lists a name twice.
 */
export function readKnownCases(directory: string, area: string): KnownCases {
  const disputed = new Map<string, string>();
  for (const [name, reason] of Object.entries(areaOf(directory, 'disputed.yaml', area) ?? {})) {
    if (typeof reason !== 'string' || reason === '') {
      throw new Error(`disputed.yaml: ${area}.${name} needs a reason`);
    }
    disputed.set(name, reason);
  }
  const names = areaOf(directory, 'not-yet.yaml', area) ?? [];
  if (!Array.isArray(names)) throw new Error(`not-yet.yaml: ${area} must be a list of case names`);
  const notYet = new Set<string>();
  for (const name of names) {
    if (notYet.has(String(name))) throw new Error(`not-yet.yaml: ${area} lists ${name} twice`);
    notYet.add(String(name));
  }
  return { disputed, notYet };
}

function areaOf(directory: string, file: string, area: string): object | undefined {
  const path = join(directory, file);
  if (!existsSync(path)) return undefined;
  const content: unknown = parse(readFileSync(path, 'utf8'));
  if (typeof content !== 'object' || content === null) return undefined;
  const part: unknown = new Map<string, unknown>(Object.entries(content)).get(area);
  return typeof part === 'object' && part !== null ? part : undefined;
}
