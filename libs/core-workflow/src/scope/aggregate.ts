import type { Artifact } from '@argosy/model';
import { isReused } from '../resubmission.ts';
import { nodeAt, type GroupRuntime, type NodeRecord, type RunState } from '../state.ts';

/** The outputs of all rounds of a loop, brought together as Argo does. */
export interface Aggregate {
  /** Undefined when some result is no JSON; then asking for it is an error. */
  readonly result: string | undefined;
  /** JSON list of name → value maps. */
  readonly parameters: string;
  /** Parameter name → JSON list. */
  readonly byName: ReadonlyMap<string, string>;
  /** Artifact name → the artifacts of all rounds. */
  readonly artifacts: ReadonlyMap<string, readonly Artifact[]>;
}

/**
 * Aggregates the outputs of a loop's rounds. Only succeeded rounds with outputs count, in the order
 * of their index; skipped ones leave no hole.
 */
export function aggregateOf(
  state: RunState,
  group: GroupRuntime,
  range: { readonly start: number; readonly end: number },
): Aggregate {
  const cache = cacheOf(group);
  const key = `${range.start}-${range.end}`;
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const nodes = group.children.slice(range.start, range.end).map((index) => nodeAt(state, index));
  const aggregate = compute(nodes);
  // An unfinished loop would be cached with holes.
  if (group.open === 0) cache.set(key, aggregate);
  return aggregate;
}

function cacheOf(group: GroupRuntime): Map<string, Aggregate> {
  if (!(group.aggregate instanceof Map)) group.aggregate = new Map<string, Aggregate>();
  return group.aggregate as Map<string, Aggregate>;
}

function compute(nodes: readonly NodeRecord[]): Aggregate {
  const lists = new Map<string, string[]>();
  const artifacts = new Map<string, Artifact[]>();
  const maps: Record<string, string>[] = [];
  const results: string[] = [];
  for (const node of nodes) {
    if (node.phase !== 'Succeeded' && !isReused(node)) continue;
    if (node.outputs === undefined) continue;
    const { parameters, result } = node.outputs;
    if (parameters !== undefined) maps.push(sorted(parameters));
    for (const [name, value] of Object.entries(parameters ?? {})) push(lists, name, value);
    for (const artifact of node.outputs.artifacts ?? []) push(artifacts, artifact.name, artifact);
    if (result !== undefined) results.push(result);
  }
  const byName = new Map([...lists].map(([name, values]) => [name, joinValues(values)]));
  return {
    result: joinResults(results),
    parameters: JSON.stringify(maps),
    byName,
    artifacts,
  };
}

function push<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

/** Values that are all JSON lists or objects are put in as such, else all as strings. */
function joinValues(values: readonly string[]): string {
  const compound = values.every((value) => {
    const parsed = parseJson(value);
    return parsed.ok && typeof parsed.value === 'object' && parsed.value !== null;
  });
  return compound ? `[${values.map((value) => value.trim()).join(',')}]` : JSON.stringify(values);
}

/** Each result is read as JSON; when one is not, there is no list. */
function joinResults(results: readonly string[]): string | undefined {
  const texts: string[] = [];
  for (const result of results) {
    const parsed = parseJson(result);
    if (!parsed.ok) return undefined;
    texts.push(JSON.stringify(parsed.value));
  }
  return `[${texts.join(',')}]`;
}

function parseJson(
  text: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

function sorted(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}
