import type { Fact } from '../facts.ts';
import type { RunHeader } from '../input.ts';
import { planOf } from '../names.ts';
import { withCallsOf } from '../plan/table.ts';
import { hasLocks } from '../run-locks.ts';
import { initialGlobals } from '../scope/globals.ts';
import {
  contextOf,
  isTaskType,
  nodeAt,
  type DagRuntime,
  type GroupRuntime,
  type NodeRecord,
  type RunState,
} from '../state.ts';
import { addTimer } from '../timers.ts';
import { reopenGate } from './gate.ts';
import { renewInputs } from './reopened-inputs.ts';
import { markDirty, takeCapacity } from './mark.ts';

const SECOND_MS = 1_000;

/** Forgets the nodes that run anew, and opens what encloses them. */
export function evolveRunRetried(
  state: RunState,
  fact: Extract<Fact, { kind: 'RunRetried' }>,
): void {
  state.retries += 1;
  overrideParameters(state, fact.parameters);
  for (const index of fact.dropped) forget(state, nodeAt(state, index));
  const dropped = new Set(fact.dropped);
  for (const index of fact.reopened) reopen(state, nodeAt(state, index), dropped);
  if (Object.keys(fact.parameters).length > 0) {
    // They are listed with the innermost first.
    for (const index of [...fact.reopened].reverse()) renewInputs(state, nodeAt(state, index));
  }
  reopenRun(state, fact.at);
}

function forget(state: RunState, node: NodeRecord): void {
  node.dropped = true;
  if (state.root === node.index) state.root = -1;
  if (!isTaskType(node.type)) return;
  state.leavesTotal -= 1;
  if (node.phase === 'Succeeded') state.leavesDone -= 1;
}

function reopen(state: RunState, node: NodeRecord, dropped: ReadonlySet<number>): void {
  node.phase = 'Running';
  node.message = '';
  node.finishedAt = 0;
  node.settled = false;
  node.outputs = undefined;
  reopenGate(state, node);
  if (node.hooks !== undefined) node.hooks = { started: new Map(), open: 0 };
  reopenRuntime(state, node, dropped);
  takeCapacity(state, node);
  markDirty(state, node);
}

function reopenRuntime(state: RunState, node: NodeRecord, dropped: ReadonlySet<number>): void {
  const { runtime } = node;
  switch (runtime?.kind) {
    case undefined:
      return;
    case 'Steps': {
      const kept = runtime.groups.filter((index) => !dropped.has(index));
      runtime.groups.splice(0, runtime.groups.length, ...kept);
      runtime.failed = false;
      return;
    }
    case 'Retry': {
      const kept = runtime.attempts.filter((index) => !dropped.has(index));
      runtime.attempts.splice(0, runtime.attempts.length, ...kept);
      return;
    }
    case 'Group':
      reopenGroup(state, runtime, dropped);
      return;
    case 'DAG':
      reopenDag(state, runtime);
  }
}

/** Dropped children leave holes, which are filled in order; if none is kept, loops are spread anew. */
function reopenGroup(state: RunState, group: GroupRuntime, dropped: ReadonlySet<number>): void {
  group.error = -1;
  group.aggregate = undefined;
  group.holes = [];
  if (group.children.every((index) => dropped.has(index))) {
    for (const items of group.loops) group.total -= Math.max(1, items?.length ?? 1) - 1;
    group.children.length = 0;
    group.loops.length = 0;
    group.open = 0;
    return;
  }
  group.open = 0;
  for (const [position, index] of group.children.entries()) {
    if (dropped.has(index)) group.holes.push(position);
    else if (!nodeAt(state, index).settled) group.open += 1;
  }
}

function reopenDag(state: RunState, runtime: DagRuntime): void {
  const { dag } = runtime;
  const isSettled = (task: number): boolean => {
    const index = runtime.taskNodes[task] ?? -1;
    return index >= 0 && nodeAt(state, index).settled;
  };
  for (const [task, index] of runtime.taskNodes.entries()) {
    if (index >= 0 && nodeAt(state, index).dropped) runtime.taskNodes[task] = -1;
  }
  runtime.failed = false;
  runtime.ready.length = 0;
  runtime.readyHead = 0;
  runtime.settled = 0;
  runtime.open = 0;
  for (const task of dag.topological) {
    if (dag.reachable[task] !== true) continue;
    const left = (dag.dependencies[task] ?? []).filter((needed) => !isSettled(needed)).length;
    runtime.waiting[task] = left;
    if (isSettled(task)) runtime.settled += 1;
    else if ((runtime.taskNodes[task] ?? -1) >= 0) runtime.open += 1;
    else if (left === 0) runtime.ready.push(task);
  }
}

function reopenRun(state: RunState, at: number): void {
  state.message = '';
  // With locks of its own the run has to get them again before it goes on.
  const waits = hasLocks(contextOf(state).run);
  state.phase = waits ? 'Pending' : 'Running';
  state.startedAt = waits ? 0 : at;
  state.finishedAt = 0;
  state.suspended = false;
  state.shutdown = '';
  state.deadlineReached = false;
  state.hooks = { started: new Map(), open: 0 };
  state.runDirty = true;
  const seconds = contextOf(state).run.spec.activeDeadlineSeconds;
  if (waits || seconds === undefined) return;
  addTimer(state.timers, { at: at + seconds * SECOND_MS, node: -1 });
}

/** New values of the run's parameters; an opened entrypoint sees them in its inputs too. */
function overrideParameters(state: RunState, parameters: Readonly<Record<string, string>>): void {
  if (Object.keys(parameters).length === 0) return;
  const context = contextOf(state);
  const run = withParameters(context.run, parameters);
  const globals = initialGlobals(run);
  for (const [tag, value] of context.globals) {
    if (!globals.has(tag)) globals.set(tag, value);
  }
  const table = withCallsOf(context.table, run.spec);
  const { reused } = context;
  state.context = { run, table, globals, reused, globalsVersion: context.globalsVersion + 1 };
  const root = state.nodes[state.root];
  const plan = root === undefined ? undefined : planOf(state, root);
  if (root === undefined || plan === undefined) return;
  root.parameters = plan.inputs.map(
    (input, index) => parameters[input.name] ?? root.parameters[index] ?? null,
  );
}

function withParameters(run: RunHeader, parameters: Readonly<Record<string, string>>): RunHeader {
  const given = run.spec.arguments?.parameters ?? [];
  const known = new Set(given.map(({ name }) => name));
  const merged = [
    ...given.map((parameter) => {
      const value = parameters[parameter.name];
      return value === undefined ? parameter : { name: parameter.name, value };
    }),
    ...Object.entries(parameters)
      .filter(([name]) => !known.has(name))
      .map(([name, value]) => ({ name, value })),
  ];
  const spec = { ...run.spec, arguments: { ...run.spec.arguments, parameters: merged } };
  return { ...run, spec };
}
