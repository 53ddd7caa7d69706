/** Name → names it depends on. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

/**
 * The first cycle found, as `a->b->a`, or undefined. Walks without recursion, so depth is no
 * limit.
 */
export function findCycle(dependencies: Dependencies): string | undefined {
  const done = new Set<string>();
  for (const start of dependencies.keys()) {
    const cycle = cycleFrom(start, dependencies, done);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function cycleFrom(
  start: string,
  dependencies: Dependencies,
  done: Set<string>,
): string | undefined {
  if (done.has(start)) return undefined;
  const trail: string[] = [start];
  const onTrail = new Set<string>(trail);
  const nextIndex: number[] = [0];
  while (trail.length > 0) {
    const name = trail.at(-1) ?? '';
    const index = nextIndex.at(-1) ?? 0;
    const next = dependencies.get(name)?.[index];
    if (next === undefined) {
      done.add(name);
      onTrail.delete(name);
      trail.pop();
      nextIndex.pop();
      continue;
    }
    nextIndex[nextIndex.length - 1] = index + 1;
    if (onTrail.has(next)) return [...trail.slice(trail.indexOf(next)), next].join('->');
    if (done.has(next)) continue;
    trail.push(next);
    onTrail.add(next);
    nextIndex.push(0);
  }
  return undefined;
}

/** Answers whether a task depends on another, directly or through others. */
export interface Ancestry {
  isAncestor(ancestor: string, of: string): boolean;
}

/** Questions about one ancestor after which all that depends on it is found at once and kept. */
const QUESTIONS_EACH_BY_ITSELF = 32;
/** Ancestors for which that is done; each costs a byte for every task. */
const KEPT_ANCESTORS_MAX = 64;

/**
 * Prepares for such questions. Each looks only at tasks between the two in topological order, so
 * that the usual question, about a task nearby, is cheap in a graph of any size. Where many ask about
 * the same far task, such as the first one, its descendants are found once.
 */
export function createAncestry(dependencies: Dependencies): Ancestry {
  const graph = createGraph(dependencies);
  const questions = new Map<number, number>();
  const kept = new Map<number, Uint8Array>();
  return {
    isAncestor(ancestor, of) {
      const target = graph.indexOf.get(ancestor);
      const start = graph.indexOf.get(of);
      if (target === undefined || start === undefined) return false;
      const known = kept.get(target);
      if (known !== undefined) return known[start] === 1;
      const asked = (questions.get(target) ?? 0) + 1;
      questions.set(target, asked);
      if (asked <= QUESTIONS_EACH_BY_ITSELF || kept.size >= KEPT_ANCESTORS_MAX) {
        return leadsUpTo(graph, start, target);
      }
      const descendants = descendantsOf(graph, target);
      kept.set(target, descendants);
      return descendants[start] === 1;
    },
  };
}

interface Graph {
  readonly indexOf: ReadonlyMap<string, number>;
  readonly parents: readonly (readonly number[])[];
  readonly order: Uint32Array;
  /** Which tasks the question of this number has seen. */
  readonly stamps: Uint32Array;
  stamp: number;
}

function createGraph(dependencies: Dependencies): Graph {
  const names = [...dependencies.keys()];
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const parents = names.map((name) =>
    (dependencies.get(name) ?? []).flatMap((parent) => indexOf.get(parent) ?? []),
  );
  const order = topologicalOrder(parents);
  return { indexOf, parents, order, stamps: new Uint32Array(names.length), stamp: 0 };
}

/** Walks up from a task, no further than the place of the one that is looked for. */
function leadsUpTo(graph: Graph, start: number, target: number): boolean {
  const { parents, order, stamps } = graph;
  graph.stamp += 1;
  const queue = [start];
  for (let task = queue.pop(); task !== undefined; task = queue.pop()) {
    for (const parent of parents[task] ?? []) {
      if (parent === target) return true;
      const isBefore = (order[parent] ?? 0) < (order[target] ?? 0);
      if (isBefore || stamps[parent] === graph.stamp) continue;
      stamps[parent] = graph.stamp;
      queue.push(parent);
    }
  }
  return false;
}

/** 1 for each task that depends on a task. */
function descendantsOf({ parents }: Graph, target: number): Uint8Array {
  const children: number[][] = parents.map(() => []);
  parents.forEach((list, task) => {
    for (const parent of list) children[parent]?.push(task);
  });
  const found = new Uint8Array(parents.length);
  const queue = [target];
  for (let task = queue.pop(); task !== undefined; task = queue.pop()) {
    for (const child of children[task] ?? []) {
      if (found[child] === 1) continue;
      found[child] = 1;
      queue.push(child);
    }
  }
  return found;
}

/** Place of each task in an order where parents come first; 0 for tasks on or behind a cycle. */
function topologicalOrder(parents: readonly (readonly number[])[]): Uint32Array {
  const children: number[][] = parents.map(() => []);
  const waiting = parents.map((list) => list.length);
  parents.forEach((list, task) => {
    for (const parent of list) children[parent]?.push(task);
  });
  const order = new Uint32Array(parents.length);
  const ready = waiting.flatMap((count, task) => (count === 0 ? [task] : []));
  let place = 0;
  for (const task of ready) {
    place += 1;
    order[task] = place;
    for (const child of children[task] ?? []) {
      const left = (waiting[child] ?? 0) - 1;
      waiting[child] = left;
      if (left === 0) ready.push(child);
    }
  }
  return place === parents.length ? order : new Uint32Array(parents.length);
}
