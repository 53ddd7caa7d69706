import {
  isFailedOrError,
  isFulfilled,
  nodeAt,
  type HookRuntime,
  type NodeRecord,
  type RunState,
} from '../state.ts';
import { groupOf } from '../state.ts';

/** Puts a node on the list of those that may be able to go on; once is enough. */
export function markDirty(state: RunState, node: NodeRecord): void {
  if (node.dirty || node.dropped) return;
  node.dirty = true;
  state.dirty.push(node.index);
}

/** Tells whoever manages a node that it is settled. Cost: the number of dependents. */
export function settle(state: RunState, node: NodeRecord): void {
  if (node.settled) return;
  node.settled = true;
  if (node.relation === 'root') {
    state.runDirty = true;
    return;
  }
  if (node.relation === 'runHook') {
    closeHook(state.hooks);
    state.runDirty = true;
    return;
  }
  const parent = nodeAt(state, node.parent);
  if (node.relation === 'step' || node.relation === 'item') settleInGroup(state, parent);
  else if (node.relation === 'task') settleTask(state, parent, node);
  else if (node.relation === 'hook') {
    if (parent.hooks !== undefined) closeHook(parent.hooks);
    markDirty(state, parent);
  } else if (node.relation !== 'container') markDirty(state, parent);
}

function closeHook(hooks: HookRuntime): void {
  hooks.open -= 1;
}

function settleInGroup(state: RunState, parent: NodeRecord): void {
  const group = groupOf(parent);
  group.open -= 1;
  const incomplete = group.children.length < group.total || group.holes.length > 0;
  if (group.open === 0 || incomplete) markDirty(state, parent);
}

function settleTask(state: RunState, parent: NodeRecord, node: NodeRecord): void {
  if (parent.runtime?.kind !== 'DAG') return;
  const { runtime } = parent;
  const { dag } = runtime;
  runtime.open -= 1;
  runtime.settled += 1;
  for (const dependent of dag.dependents[node.slot] ?? []) {
    const left = (runtime.waiting[dependent] ?? 0) - 1;
    runtime.waiting[dependent] = left;
    if (left === 0) runtime.ready.push(dependent);
  }
  const hasReady = runtime.readyHead < runtime.ready.length;
  if (hasReady || runtime.settled === dag.reachableCount || runtime.open === 0) {
    markDirty(state, parent);
  }
}

/** A leaf or container that counts for limits has ended: others may take its place. */
export function releaseCapacity(state: RunState, node: NodeRecord): void {
  if (node.type === 'Pod') {
    state.activePods -= 1;
    wakeOne(state, state.waiters);
  }
  if (node.type !== 'Pod' && node.type !== 'Steps' && node.type !== 'DAG') return;
  const boundary = node.boundary < 0 ? undefined : nodeAt(state, node.boundary);
  const runtime = boundary?.runtime;
  if (runtime?.kind !== 'Steps' && runtime?.kind !== 'DAG') return;
  runtime.active -= 1;
  wakeOne(state, runtime.waiters);
}

/** A pod or a container of nodes takes its place under the limits. */
export function takeCapacity(state: RunState, node: NodeRecord): void {
  if (node.type === 'Pod') state.activePods += 1;
  if (node.type !== 'Pod' && node.type !== 'Steps' && node.type !== 'DAG') return;
  const boundary = node.boundary < 0 ? undefined : nodeAt(state, node.boundary);
  const runtime = boundary?.runtime;
  if (runtime?.kind === 'Steps' || runtime?.kind === 'DAG') runtime.active += 1;
}

/** A failed child stops a template with failFast; attempts that may be repeated do not count. */
export function noteFailure(state: RunState, node: NodeRecord): void {
  if (!isFailedOrError(node.phase) || node.relation === 'attempt' || node.boundary < 0) return;
  const { runtime } = nodeAt(state, node.boundary);
  if (runtime?.kind !== 'Steps' && runtime?.kind !== 'DAG') return;
  runtime.failed = true;
  // With failFast those that wait for locks are not started any more.
  for (const index of state.gates.keys()) {
    const waiting = nodeAt(state, index);
    if (waiting.boundary === node.boundary) markDirty(state, waiting);
  }
}

/** All that waits for time, capacity or others has to look again; happens once or twice in a run. */
export function wakeContainers(state: RunState): void {
  state.runDirty = true;
  state.waiters = [];
  for (const node of state.nodes) {
    const { runtime } = node;
    // A finished node may have a hook that waits for a place.
    const waitsForHooks = node.hooks !== undefined && !node.settled;
    const isWaiting = waitsForHooks || state.gates.has(node.index);
    if (!isWaiting && (isFulfilled(node.phase) || runtime === undefined)) continue;
    if (runtime?.kind === 'Steps' || runtime?.kind === 'DAG') runtime.waiters.length = 0;
    markDirty(state, node);
  }
}

function wakeOne(state: RunState, waiters: number[]): void {
  const index = waiters.shift();
  if (index === undefined) return;
  if (index < 0) state.runDirty = true;
  else markDirty(state, nodeAt(state, index));
}
