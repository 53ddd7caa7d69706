/** Name → names it depends on. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

/** The first cycle found, as `a->b->a`, or undefined. Walks without recursion, so depth is no limit. */
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

/** All tasks a task depends on, directly or through others; itself only if there is a cycle. */
export function ancestorsOf(name: string, dependencies: Dependencies): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = [...(dependencies.get(name) ?? [])];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    queue.push(...(dependencies.get(next) ?? []));
  }
  return found;
}
