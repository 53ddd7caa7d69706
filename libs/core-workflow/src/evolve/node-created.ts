import type { Fact, NodeCreatedFact } from '../facts.ts';
import { callOf, planOf } from '../names.ts';
import { dagOf, stepsOf } from '../plan/template.ts';
import { createScope } from '../scope/variables.ts';
import {
  contextOf,
  dagRuntimeOf,
  groupOf,
  isFulfilled,
  isTaskType,
  nodeAt,
  retryRuntimeOf,
  stepsRuntimeOf,
  type GroupRuntime,
  type NodeRecord,
  type RunState,
  type Runtime,
} from '../state.ts';
import { addTimer } from '../timers.ts';
import { exportOutputs } from './exported-outputs.ts';
import { closeGate } from './gate.ts';
import { tellNodeStart } from './metrics.ts';
import { markDirty, noteFailure, settle, takeCapacity, wakeContainers } from './mark.ts';

const NO_VALUES: readonly never[] = [];

/** Adds a node to the run and hangs it on its parent. */
export function evolveNodeCreated(state: RunState, fact: NodeCreatedFact): void {
  const parent = fact.parent < 0 ? undefined : nodeAt(state, fact.parent);
  const node = createRecord(state, fact, parent);
  state.nodes.push(node);
  attach(state, node, parent);
  if (hasHooks(state, node)) node.hooks = { started: new Map(), open: 0 };
  if (isTaskType(node.type)) state.leavesTotal += 1;
  if (isFulfilled(node.phase)) {
    node.outputs = fact.outputs;
    node.finishedAt = fact.at;
    noteFailure(state, node);
    exportOutputs(state, node);
    settle(state, node);
    return;
  }
  if (fact.until > 0) addTimer(state.timers, { at: fact.until, node: node.index });
  if (fact.gate === undefined) beginNode(state, node, fact);
  else closeGate(state, node, fact.gate);
  if (node.hooks !== undefined) markDirty(state, node);
}

/** A node that waited starts, as if it were created now; one that had been started before goes on. */
export function evolveNodeAdmitted(
  state: RunState,
  fact: Extract<Fact, { kind: 'NodeAdmitted' }>,
): void {
  const node = nodeAt(state, fact.node);
  const gate = state.gates.get(fact.node);
  state.gates.delete(fact.node);
  node.phase = isTaskType(node.type) ? 'Pending' : 'Running';
  node.message = '';
  if (gate?.isReopened === true) {
    wakeContainers(state);
    return;
  }
  node.startedAt = fact.at;
  if (fact.until > 0 && fact.until !== node.until) {
    addTimer(state.timers, { at: fact.until, node: node.index });
  }
  node.until = fact.until;
  beginNode(state, node, fact);
}

function beginNode(
  state: RunState,
  node: NodeRecord,
  { at, pendingUntil }: { readonly at: number; readonly pendingUntil?: number | undefined },
): void {
  node.runtime = createRuntime(state, node);
  if (node.runtime !== undefined) markDirty(state, node);
  if (contextOf(state).table.hasMetrics) tellNodeStart(state, node, at);
  takeCapacity(state, node);
  if (pendingUntil !== undefined) {
    state.pendingUntil.set(node.index, pendingUntil);
    addTimer(state.timers, { at: pendingUntil, node: node.index });
  }
  if (isTaskType(node.type)) {
    state.active.add(node.index);
    state.outbox.push({ kind: 'Run', node: node.index });
  } else if (node.type === 'Suspend') state.active.add(node.index);
}

function createRecord(
  state: RunState,
  fact: NodeCreatedFact,
  parent: NodeRecord | undefined,
): NodeRecord {
  const inherited = fact.relation === 'attempt' ? parent : undefined;
  const isExit = fact.label === 'exit' && (fact.relation === 'hook' || fact.relation === 'runHook');
  return {
    index: state.nodes.length,
    type: fact.type,
    relation: fact.relation,
    parent: fact.parent,
    boundary: boundaryIndexOf(fact, parent),
    slot: fact.slot,
    item: fact.item,
    plan: fact.plan,
    label: fact.label,
    depth: depthOf(fact, parent),
    inExit: isExit || parent?.inExit === true,
    phase: fact.phase,
    message: fact.message,
    settled: false,
    dirty: false,
    dropped: false,
    createdAt: fact.at,
    startedAt: fact.at,
    finishedAt: 0,
    until: fact.until,
    parameters: inherited?.parameters ?? fact.parameters ?? NO_VALUES,
    artifacts: inherited?.artifacts ?? fact.artifacts ?? NO_VALUES,
    outputs: undefined,
    runtime: undefined,
    hooks: undefined,
    hostNodeName: '',
    podIP: '',
    progress: '',
    daemoned: false,
  };
}

function boundaryIndexOf(fact: NodeCreatedFact, parent: NodeRecord | undefined): number {
  if (parent === undefined) return -1;
  switch (fact.relation) {
    case 'root':
    case 'runHook':
      return -1;
    case 'group':
    case 'task':
    case 'container':
      return parent.index;
    case 'step':
      return parent.parent;
    case 'item':
    case 'attempt':
    case 'hook':
      return parent.boundary;
  }
}

function depthOf(fact: NodeCreatedFact, parent: NodeRecord | undefined): number {
  if (parent === undefined) return 0;
  const sameLevel = fact.relation === 'group' || fact.relation === 'attempt';
  return sameLevel || fact.relation === 'item' ? parent.depth : parent.depth + 1;
}

function attach(state: RunState, node: NodeRecord, parent: NodeRecord | undefined): void {
  if (node.relation === 'root') {
    state.root = node.index;
    state.runDirty = true;
    return;
  }
  if (node.relation === 'runHook') {
    state.hooks.started.set(node.label, node.index);
    state.hooks.open += 1;
    return;
  }
  if (parent !== undefined) attachToParent(node, parent);
}

function attachToParent(node: NodeRecord, parent: NodeRecord): void {
  switch (node.relation) {
    case 'group':
      stepsRuntimeOf(parent).groups.push(node.index);
      return;
    case 'step':
    case 'item':
      attachToGroup(node, groupOf(parent));
      return;
    case 'task':
      attachTask(node, parent);
      return;
    case 'attempt':
      retryRuntimeOf(parent).attempts.push(node.index);
      return;
    case 'hook':
      attachHook(node, parent);
      return;
    case 'root':
    case 'runHook':
    case 'container':
      return;
  }
}

function attachToGroup(node: NodeRecord, group: GroupRuntime): void {
  const hole = group.holes.shift();
  if (hole === undefined) group.children.push(node.index);
  else group.children[hole] = node.index;
  group.open += 1;
  const isFirstError = node.phase === 'Error' && group.error < 0;
  if (isFirstError && node.relation === 'step') group.error = node.index;
}

function attachHook(node: NodeRecord, parent: NodeRecord): void {
  parent.hooks ??= { started: new Map(), open: 0 };
  parent.hooks.started.set(node.label, node.index);
  parent.hooks.open += 1;
}

function attachTask(node: NodeRecord, parent: NodeRecord): void {
  const runtime = dagRuntimeOf(parent);
  runtime.taskNodes[node.slot] = node.index;
  runtime.open += 1;
  while (runtime.readyHead < runtime.ready.length) {
    const next = runtime.ready[runtime.readyHead] ?? -1;
    if ((runtime.taskNodes[next] ?? -1) < 0) break;
    runtime.readyHead += 1;
  }
}

function createRuntime(state: RunState, node: NodeRecord): Runtime | undefined {
  switch (node.type) {
    case 'Steps':
      return { kind: 'Steps', groups: [], active: 0, failed: false, daemons: [], waiters: [] };
    case 'StepGroup':
      return createGroup(stepCount(state, node));
    case 'TaskGroup':
      return createGroup(1);
    case 'DAG':
      return createDagRuntime(state, node);
    case 'Retry':
      return { kind: 'Retry', attempts: [] };
    case 'Pod':
    case 'Container':
    case 'Skipped':
    case 'Suspend':
    case 'HTTP':
    case 'Plugin':
      return undefined;
  }
}

function createGroup(total: number): Runtime {
  return {
    kind: 'Group',
    children: [],
    total,
    open: 0,
    loops: [],
    holes: [],
    error: -1,
    aggregate: undefined,
  };
}

function stepCount(state: RunState, node: NodeRecord): number {
  const plan = planOf(state, nodeAt(state, node.parent));
  return plan === undefined ? 0 : (stepsOf(plan).groups[node.slot]?.length ?? 0);
}

function createDagRuntime(state: RunState, node: NodeRecord): Runtime | undefined {
  const plan = contextOf(state).table.plans[node.plan];
  if (plan === undefined) return undefined;
  const { parameters, artifacts } = node;
  const compiled = dagOf(plan, createScope({ state, inputs: { plan, parameters, artifacts } }));
  // Checked when the node was decided on; a node without runtime would only be a dead end.
  if (!compiled.ok) return undefined;
  const dag = compiled.value;
  const waiting = Int32Array.from(dag.dependencies, (list) => list.length);
  return {
    kind: 'DAG',
    dag,
    taskNodes: new Int32Array(dag.tasks.length).fill(-1),
    waiting,
    ready: [...dag.roots],
    readyHead: 0,
    settled: 0,
    open: 0,
    active: 0,
    failed: false,
    daemons: [],
    waiters: [],
  };
}

/** Hooks belong to what a call makes: not to groups, and to the Retry node rather than its attempts. */
function hasHooks(state: RunState, node: NodeRecord): boolean {
  if (node.type === 'TaskGroup' || node.phase === 'Skipped' || node.phase === 'Omitted')
    return false;
  if (node.phase === 'Error') return false;
  if (node.relation !== 'step' && node.relation !== 'task' && node.relation !== 'item')
    return false;
  const call = callOf(state, node);
  return call !== undefined && (call.hooks.length > 0 || call.exit !== undefined);
}
