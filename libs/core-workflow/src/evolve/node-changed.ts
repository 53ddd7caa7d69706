import type { Fact } from '../facts.ts';
import { planOf } from '../names.ts';
import {
  contextOf,
  groupOf,
  isFulfilled,
  isTaskType,
  nodeAt,
  type NodeRecord,
  type RunState,
} from '../state.ts';
import { addTimer, removeEarliest } from '../timers.ts';
import { exportOutputs } from './exported-outputs.ts';
import { isPendingEnd, leaveGate } from './gate.ts';
import { tellNodeEnd } from './metrics.ts';
import { markDirty, noteFailure, releaseCapacity, settle } from './mark.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

export function evolveNodeStarted(state: RunState, fact: FactOf<'NodeStarted'>): void {
  const node = nodeAt(state, fact.node);
  node.phase = 'Running';
  const waited = state.pendingUntil.size > 0 && state.pendingUntil.delete(fact.node);
  node.hostNodeName = fact.hostNodeName;
  node.podIP = fact.podIP;
  followPod(state, node);
  if (fact.until > 0) {
    node.until = fact.until;
    addTimer(state.timers, { at: fact.until, node: fact.node });
  }
  if (waited) dropStaleTimers(state);
  if (planOf(state, node)?.template.daemon === true) becomeDaemon(state, node);
  if (node.hooks !== undefined) markDirty(state, node);
}

/** A daemon counts as done as soon as it runs; it is ended with what encloses it. */
function becomeDaemon(state: RunState, node: NodeRecord): void {
  node.daemoned = true;
  const boundary = state.nodes[node.boundary];
  const { runtime } = boundary ?? {};
  if (runtime?.kind === 'Steps' || runtime?.kind === 'DAG') runtime.daemons.push(node.index);
  if (node.hooks === undefined) settle(state, node);
}

/** Ends the daemons that a Steps or DAG node leaves behind. */
function endDaemons(state: RunState, node: NodeRecord, at: number): void {
  const { runtime } = node;
  if (runtime?.kind !== 'Steps' && runtime?.kind !== 'DAG') return;
  for (const index of runtime.daemons) endDaemon(state, nodeAt(state, index), at);
  runtime.daemons.length = 0;
}

/** A daemon that is ended on purpose has succeeded; so has the Retry node around it. */
export function endDaemon(state: RunState, node: NodeRecord, at: number): void {
  if (isFulfilled(node.phase)) return;
  if (node.relation === 'attempt') endDaemon(state, nodeAt(state, node.parent), at);
  node.phase = 'Succeeded';
  node.finishedAt = at;
  leaveGate(state, node);
  if (!isTaskType(node.type)) return;
  state.outbox.push({ kind: 'Cancel', node: node.index, reason: 'Daemon' });
  state.active.delete(node.index);
  state.leavesDone += 1;
  releaseCapacity(state, node);
}

export function evolveNodeFinished(state: RunState, fact: FactOf<'NodeFinished'>): void {
  const node = nodeAt(state, fact.node);
  const hasCapacity = takesPlace(state, fact.node);
  node.phase = fact.phase;
  node.message = fact.message;
  node.finishedAt = fact.at;
  node.until = 0;
  if (fact.outputs !== undefined) node.outputs = fact.outputs;
  followPod(state, node);
  if (fact.cancel !== undefined) {
    state.outbox.push({ kind: 'Cancel', node: node.index, reason: fact.cancel });
  }
  state.active.delete(node.index);
  if (isTaskType(node.type) && node.phase === 'Succeeded') state.leavesDone += 1;
  if (hasCapacity) releaseCapacity(state, node);
  leaveGate(state, node);
  noteFailure(state, node);
  exportOutputs(state, node);
  if (contextOf(state).table.hasMetrics) tellNodeEnd(state, node, fact.at);
  endDaemons(state, node, fact.at);
  dropStaleTimers(state);
  if (node.daemoned && node.relation === 'attempt') markDirty(state, nodeAt(state, node.parent));
  if (node.hooks === undefined) settle(state, node);
  else markDirty(state, node);
}

/** What waits before its first start has no place under the limits yet. */
function takesPlace({ gates }: RunState, node: number): boolean {
  return gates.size === 0 || gates.get(node)?.isReopened !== false;
}

/** The containers of a set, which lie right behind their pod, do what the pod does. */
function followPod(state: RunState, pod: NodeRecord): void {
  if (pod.type !== 'Pod') return;
  for (let index = pod.index + 1; index < state.nodes.length; index += 1) {
    const node = nodeAt(state, index);
    if (node.relation !== 'container' || node.parent !== pod.index) return;
    node.phase = pod.phase;
    node.message = pod.message;
    node.finishedAt = pod.finishedAt;
  }
}

export function evolveNodeSettled(state: RunState, fact: FactOf<'NodeSettled'>): void {
  const node = nodeAt(state, fact.node);
  // Settled though it runs: the Retry node around a daemon.
  if (!isFulfilled(node.phase)) node.daemoned = true;
  settle(state, node);
}

export function evolveNodeWaiting(state: RunState, fact: FactOf<'NodeWaiting'>): void {
  const node = nodeAt(state, fact.node);
  node.until = fact.until;
  node.message = fact.message;
  addTimer(state.timers, { at: fact.until, node: fact.node });
}

export function evolveNodeWoken(state: RunState, fact: FactOf<'NodeWoken'>): void {
  const node = nodeAt(state, fact.node);
  node.until = 0;
  node.message = '';
  dropStaleTimers(state);
  markDirty(state, node);
}

export function evolveNodeProgressed(state: RunState, fact: FactOf<'NodeProgressed'>): void {
  nodeAt(state, fact.node).progress = fact.progress;
}

export function evolveNodeAmended(state: RunState, fact: FactOf<'NodeAmended'>): void {
  const node = nodeAt(state, fact.node);
  if (fact.message !== '') node.message = fact.message;
  const parameters = { ...node.outputs?.parameters, ...fact.parameters };
  if (Object.keys(parameters).length > 0) node.outputs = { ...node.outputs, parameters };
}

export function evolveLoopExpanded(state: RunState, fact: FactOf<'LoopExpanded'>): void {
  const node = nodeAt(state, fact.node);
  const group = groupOf(node);
  const before = group.loops[fact.slot];
  group.loops[fact.slot] = fact.items;
  group.total += Math.max(1, fact.items.length) - Math.max(1, before?.length ?? 1);
  markDirty(state, node);
}

/** Timers of finished nodes go when they reach the top, so that nobody is woken for them. */
export function dropStaleTimers(state: RunState): void {
  for (let top = state.timers.entries[0]; top !== undefined; top = state.timers.entries[0]) {
    if (isLive(state, top.node, top.at)) return;
    removeEarliest(state.timers);
  }
}

/** Whether a timer still means something. */
export function isLive(state: RunState, index: number, at: number): boolean {
  if (index < 0) return !state.deadlineReached && state.finishedAt === 0;
  const node = nodeAt(state, index);
  if (node.dropped || isFulfilled(node.phase)) return false;
  return node.until === at || isPendingEnd(state, index, at);
}
