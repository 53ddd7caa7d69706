import { err, ok, type Result } from '@argosy/base';
import type { DAGTask, Template } from '@argosy/model';
import { compileCall, type CallPlan, type CallSurroundings } from './call.ts';
import { compileDepends, tasksOf, type Depends } from './depends.ts';

/** A DAG compiled into indexes and counters, shared by all its nodes. */
export interface DagPlan {
  readonly tasks: readonly CallPlan[];
  readonly indexes: ReadonlyMap<string, number>;
  readonly depends: readonly Depends[];
  /** Tasks each one waits for; the length is the starting value of its counter. */
  readonly dependencies: readonly (readonly number[])[];
  /** Tasks that wait for each one. */
  readonly dependents: readonly (readonly number[])[];
  /** Tasks to reach, in the order in which the end is judged. */
  readonly targets: readonly number[];
  /** Targets and all they depend on; the others are never created. */
  readonly reachable: readonly boolean[];
  readonly reachableCount: number;
  /** Reachable tasks that wait for nothing. */
  readonly roots: readonly number[];
  /** Every task after all it depends on. */
  readonly topological: readonly number[];
}

/** Compiles a `dag` template for its target, resolved; refuses unknown tasks and cycles. */
export function compileDag(
  template: Template,
  surroundings: CallSurroundings,
  target: string,
): Result<DagPlan, string> {
  const tasks = template.dag?.tasks ?? [];
  const indexes = new Map<string, number>();
  tasks.forEach((task, index) => indexes.set(task.name, index));
  const depends: Depends[] = [];
  for (const task of tasks) {
    const compiled = dependsOf(task, indexes);
    if (!compiled.ok) return compiled;
    depends.push(compiled.value);
  }
  const dependencies = depends.map(tasksOf);
  const everyDependent = dependentsOf(dependencies);
  const topological = sortTopologically(dependencies, everyDependent);
  if (topological === undefined) return err('tasks dependency cycle detected');
  const targets = targetsOf(target, { indexes, dependencies });
  if (!targets.ok) return targets;
  const reachable = reach(targets.value, dependencies);
  return ok({
    tasks: tasks.map((task) => compileCall(task, surroundings)),
    indexes,
    depends,
    dependencies,
    dependents: everyDependent.map((list) =>
      list.every((task) => reachable[task] === true)
        ? list
        : list.filter((task) => reachable[task] === true),
    ),
    targets: targets.value,
    reachable,
    reachableCount: reachable.filter(Boolean).length,
    roots: topological.filter(
      (task) => reachable[task] === true && dependencies[task]?.length === 0,
    ),
    topological,
  });
}

function dependsOf(task: DAGTask, indexes: ReadonlyMap<string, number>): Result<Depends, string> {
  if (task.depends !== undefined && task.depends !== '') {
    return compileDepends(task.depends, indexes);
  }
  const operands: Depends[] = [];
  for (const name of task.dependencies ?? []) {
    const index = indexes.get(name);
    if (index === undefined) return err(`task '${task.name}' depends on undefined '${name}'`);
    operands.push({ kind: 'Bare', task: index });
  }
  const [only] = operands;
  if (only === undefined) return TRUE;
  return ok(operands.length === 1 ? only : { kind: 'And', operands });
}

const TRUE = ok<Depends>({ kind: 'True' });

interface Graph {
  readonly indexes: ReadonlyMap<string, number>;
  readonly dependencies: readonly (readonly number[])[];
}

function targetsOf(target: string, graph: Graph): Result<readonly number[], string> {
  const names = target.split(/\s+/).filter((name) => name !== '');
  if (names.length === 0) return ok(tasksNobodyNeeds(graph.dependencies));
  const targets: number[] = [];
  for (const name of names) {
    const index = graph.indexes.get(name);
    if (index === undefined) return err(`target '${name}' is not defined`);
    targets.push(index);
  }
  return ok(targets);
}

function tasksNobodyNeeds(dependencies: readonly (readonly number[])[]): readonly number[] {
  const needed = new Uint8Array(dependencies.length);
  for (const list of dependencies) for (const task of list) needed[task] = 1;
  return dependencies.flatMap((_, task) => (needed[task] === 0 ? [task] : []));
}

function reach(
  targets: readonly number[],
  dependencies: readonly (readonly number[])[],
): readonly boolean[] {
  const reachable = dependencies.map(() => false);
  const stack = [...targets];
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    if (reachable[task] === true) continue;
    reachable[task] = true;
    for (const needed of dependencies[task] ?? []) stack.push(needed);
  }
  return reachable;
}

/** For each task those that wait for it. Counted first, for a list that grows takes far more room. */
function dependentsOf(
  dependencies: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const counts = new Int32Array(dependencies.length);
  for (const list of dependencies) {
    for (const needed of list) counts[needed] = (counts[needed] ?? 0) + 1;
  }
  const dependents = Array.from(counts, (count) => new Array<number>(count));
  const filled = new Int32Array(dependencies.length);
  dependencies.forEach((list, task) => {
    for (const needed of list) {
      const place = filled[needed] ?? 0;
      filled[needed] = place + 1;
      const own = dependents[needed];
      if (own !== undefined) own[place] = task;
    }
  });
  return dependents;
}

function sortTopologically(
  dependencies: readonly (readonly number[])[],
  dependents: readonly (readonly number[])[],
): readonly number[] | undefined {
  const waiting = dependencies.map((list) => list.length);
  const order = waiting.flatMap((count, task) => (count === 0 ? [task] : []));
  for (let next = 0; next < order.length; next += 1) {
    for (const task of dependents[order[next] ?? -1] ?? []) {
      const left = (waiting[task] ?? 0) - 1;
      waiting[task] = left;
      if (left === 0) order.push(task);
    }
  }
  return order.length === dependencies.length ? order : undefined;
}
