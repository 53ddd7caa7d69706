import type { Effect } from '../effect.ts';
import { mayAdvance } from '../decide/advance.ts';
import { isFulfilled, isTaskType, nodeAt, type OutboxEntry, type RunState } from '../state.ts';
import { taskIdOf } from '../task-id.ts';
import { taskOf } from './task.ts';

/** An instant that has passed for sure. */
const AT_ONCE = 0;

/** What became owed since the last call; empties the outbox. */
export function takeOwed(state: RunState): Effect[] {
  const entries = state.outbox;
  state.outbox = [];
  const effects: Effect[] = [];
  for (const entry of entries) {
    const effect = effectOf(state, entry);
    if (effect !== undefined) effects.push(effect);
  }
  const at = wakeAtOf(state);
  if (at !== undefined && at !== state.wakeAt) effects.push({ kind: 'WakeAt', at });
  state.wakeAt = at;
  return effects;
}

/** The earliest timer; at once, when the last input left something to go on with. */
function wakeAtOf(state: RunState): number | undefined {
  return mayAdvance(state) ? AT_ONCE : state.timers.entries[0]?.at;
}

function effectOf(state: RunState, entry: OutboxEntry): Effect | undefined {
  const node = nodeAt(state, entry.node);
  if (entry.kind === 'Cancel') {
    return { kind: 'CancelTask', taskId: taskIdOf(state, node), reason: entry.reason };
  }
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
    if (entry.kind !== 'Cancel') continue;
    const effect = effectOf(state, entry);
    if (effect !== undefined) yield effect;
  }
  const at = wakeAtOf(state);
  if (at !== undefined) yield { kind: 'WakeAt', at };
}
