import { assertNever } from '@argosy/base';
import type { Effect } from '../effect.ts';
import { mayAdvance } from '../decide/advance.ts';
import {
  isFulfilled,
  isTaskType,
  nodeAt,
  type NodeRecord,
  type OutboxEntry,
  type RunState,
} from '../state.ts';
import { taskIdOf } from '../task-id.ts';
import { acquireLocks } from './locks.ts';
import { lookUpMemo, saveMemo } from './memo.ts';
import { taskOf } from './task.ts';

/** An instant that has passed for sure. */
const AT_ONCE = 0;

/** What became owed since the last call; empties the outbox. */
export function takeOwed(state: RunState): Effect[] {
  return [...streamOwed(state)];
}

/**
 * The same, one by one: each task is made when the caller gets to it, from the state of that moment,
 * so that a hundred thousand tasks need not lie in memory at once. The caller goes through all of
 * them before the next step.
 */
export function streamOwed(state: RunState): Iterable<Effect> {
  const entries = state.outbox;
  const at = wakeAtOf(state);
  // What is to be gone on with at once is so after each input that is cut short, not only after the first.
  const wakeAt = at === state.wakeAt && at !== AT_ONCE ? undefined : at;
  state.wakeAt = at;
  if (entries.length === 0 && wakeAt === undefined) return NOTHING;
  state.outbox = [];
  return entries.length > FEW
    ? effectsOf(state, entries, wakeAt)
    : effectsNow(state, entries, wakeAt);
}

/** So many effects are made at once, for that costs less than going from one to the next. */
const FEW = 16;

function effectsNow(
  state: RunState,
  entries: readonly OutboxEntry[],
  wakeAt: number | undefined,
): readonly Effect[] {
  const effects: Effect[] = [];
  for (const entry of entries) {
    const effect = effectOf(state, entry);
    if (effect !== undefined) effects.push(effect);
  }
  if (wakeAt !== undefined) effects.push({ kind: 'WakeAt', at: wakeAt });
  return effects;
}

const NOTHING: readonly never[] = [];

function* effectsOf(
  state: RunState,
  entries: readonly OutboxEntry[],
  wakeAt: number | undefined,
): Generator<Effect> {
  for (const entry of entries) {
    const effect = effectOf(state, entry);
    if (effect !== undefined) yield effect;
  }
  if (wakeAt !== undefined) yield { kind: 'WakeAt', at: wakeAt };
}

/** The earliest timer; at once, when the last input left something to go on with. */
function wakeAtOf(state: RunState): number | undefined {
  return mayAdvance(state) ? AT_ONCE : state.timers.entries[0]?.at;
}

function effectOf(state: RunState, entry: OutboxEntry): Effect | undefined {
  switch (entry.kind) {
    case 'Run':
      return runTask(state, nodeAt(state, entry.node));
    case 'Cancel': {
      const taskId = taskIdOf(state, nodeAt(state, entry.node));
      return { kind: 'CancelTask', taskId, reason: entry.reason };
    }
    case 'Acquire':
      return acquireLocks(state, entry.node);
    case 'Release':
      return { kind: 'ReleaseLocks', holder: entry.holder };
    case 'LookUp':
      return lookUpMemo(state, entry.node);
    case 'Save':
      return saveMemo(state, nodeAt(state, entry.node));
    case 'Metrics':
      return { kind: 'EmitMetrics', node: entry.node, samples: entry.samples };
    default:
      return assertNever(entry);
  }
}

function runTask(state: RunState, node: NodeRecord): Effect | undefined {
  // Ended before it was handed out, for example by a stop in the same batch.
  if (isFulfilled(node.phase) || node.dropped) return undefined;
  return { kind: 'RunTask', task: taskOf(state, node) };
}

/** Everything outstanding in this state, whether or not it was handed out before. */
export function* owedOf(state: RunState): Iterable<Effect> {
  for (const index of state.active) {
    const node = nodeAt(state, index);
    if (isTaskType(node.type)) yield { kind: 'RunTask', task: taskOf(state, node) };
  }
  for (const entry of state.outbox) {
    if (!isOwedAgain(entry)) continue;
    const effect = effectOf(state, entry);
    if (effect !== undefined) yield effect;
  }
  for (const node of state.holds.keys()) {
    const effect = acquireLocks(state, node);
    if (effect !== undefined) yield effect;
  }
  for (const node of state.gates.keys()) {
    const effect = lookUpMemo(state, node);
    if (effect !== undefined) yield effect;
  }
  const at = wakeAtOf(state);
  if (at !== undefined) yield { kind: 'WakeAt', at };
}

/** What nothing else in the state tells of; tasks, locks and look-ups are outstanding as long as their nodes are. */
function isOwedAgain(entry: OutboxEntry): boolean {
  return entry.kind === 'Cancel' || entry.kind === 'Release' || entry.kind === 'Save';
}
