import type { Fact, NodeGate } from '../facts.ts';
import type { LockKey } from '../locks/lock-key.ts';
import { lockHolderOf } from '../lock-holder.ts';
import { nodeAt, type NodeRecord, type RunState } from '../state.ts';
import { markDirty } from './mark.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

/** The index under which the run itself holds locks. */
export const RUN = -1;

/** A new node waits for locks, a look into a cache, or both, in this order. */
export function closeGate(state: RunState, node: NodeRecord, gate: NodeGate): void {
  const { locks, memo } = gate;
  const stage = locks === undefined ? 'Memo' : 'Locks';
  state.gates.set(node.index, { stage, memo, isReopened: false });
  if (memo !== undefined) state.memos.set(node.index, { query: memo, hit: undefined });
  if (locks === undefined) state.outbox.push({ kind: 'LookUp', node: node.index });
  else {
    state.lockKeys.set(node.index, locks);
    askForLocks(state, node.index, locks);
  }
}

function askForLocks(state: RunState, node: number, locks: readonly LockKey[]): void {
  const holder = lockHolderOf(state, node);
  state.holds.set(node, { holder, locks, granted: false, waitingFor: '', heldBy: [] });
  state.outbox.push({ kind: 'Acquire', node });
}

/** A node that is to run again by a manual retry waits for its locks first. True when it has any. */
export function reopenGate(state: RunState, node: NodeRecord): boolean {
  const locks = state.lockKeys.get(node.index);
  if (locks === undefined) return false;
  node.phase = 'Pending';
  state.gates.set(node.index, { stage: 'Locks', memo: undefined, isReopened: true });
  askForLocks(state, node.index, locks);
  return true;
}

export function evolveLocksAsked(state: RunState, fact: FactOf<'LocksAsked'>): void {
  askForLocks(state, RUN, fact.locks);
}

export function evolveLocksWaiting(state: RunState, fact: FactOf<'LocksWaiting'>): void {
  const hold = state.holds.get(fact.node);
  if (hold === undefined) return;
  hold.waitingFor = fact.lock;
  hold.heldBy = fact.heldBy;
  if (fact.node === RUN) state.message = fact.message;
  else nodeAt(state, fact.node).message = fact.message;
}

export function evolveLocksGranted(state: RunState, fact: FactOf<'LocksGranted'>): void {
  const hold = state.holds.get(fact.node);
  if (hold === undefined) return;
  hold.granted = true;
  hold.waitingFor = '';
  hold.heldBy = [];
  if (fact.node === RUN) {
    state.message = '';
    return;
  }
  const node = nodeAt(state, fact.node);
  node.message = '';
  const gate = state.gates.get(fact.node);
  if (gate === undefined) return;
  gate.stage = gate.memo === undefined ? 'Open' : 'Memo';
  if (gate.memo === undefined) markDirty(state, node);
  else state.outbox.push({ kind: 'LookUp', node: fact.node });
}

export function evolveLocksReturned(state: RunState, fact: FactOf<'LocksReturned'>): void {
  state.outbox.push({ kind: 'Release', holder: fact.holder });
}

export function evolveMemoAnswered(state: RunState, fact: FactOf<'MemoAnswered'>): void {
  const memo = state.memos.get(fact.node);
  if (memo !== undefined) memo.hit = fact.hit;
  const gate = state.gates.get(fact.node);
  if (gate === undefined || fact.hit) return;
  gate.stage = 'Open';
  markDirty(state, nodeAt(state, fact.node));
}

/** Gives back what a node or the run holds or waits for. */
export function releaseLocks(state: RunState, node: number): void {
  const hold = state.holds.get(node);
  if (hold === undefined) return;
  state.holds.delete(node);
  state.outbox.push({ kind: 'Release', holder: hold.holder });
}

/** A node has ended: it waits for nothing any more, holds nothing, and what it made is remembered. */
export function leaveGate(state: RunState, node: NodeRecord): void {
  const { gates, holds, memos, pendingUntil } = state;
  if (gates.size + holds.size + memos.size + pendingUntil.size === 0) return;
  gates.delete(node.index);
  pendingUntil.delete(node.index);
  // Remembered before the lock is given back: who gets it next looks into the cache.
  if (node.phase === 'Succeeded' && memos.get(node.index)?.hit === false) {
    state.outbox.push({ kind: 'Save', node: node.index });
  }
  releaseLocks(state, node.index);
}

/** Whether an instant is that at which a task that nobody has started is given up. */
export function isPendingEnd(state: RunState, node: number, at: number): boolean {
  return state.pendingUntil.size > 0 && state.pendingUntil.get(node) === at;
}
