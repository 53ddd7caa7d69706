import { assertNever } from '@argosy/base';
import { lockId } from './lock-key.ts';
import type { LockFact, LockRequest } from './messages.ts';
import { lockRecordOf, positionIn, type LockState } from './state.ts';

/** Applies one fact to the state it is given and answers the same object. */
export function evolveLocks(state: LockState, fact: LockFact): LockState {
  switch (fact.kind) {
    case 'LocksReset':
      state.locks.clear();
      state.requests.clear();
      state.byRun.clear();
      state.dirty.clear();
      return state;
    case 'LockRequested':
      addRequest(state, fact.request);
      return state;
    case 'LockGranted':
      grant(state, fact.holder);
      return state;
    case 'LockRefused':
      refuse(state, fact.holder, fact.message);
      return state;
    case 'LockReleased':
      release(state, fact.holder);
      return state;
    case 'LockLimitSet': {
      const record = lockRecordOf(state, fact.lock);
      record.limit = fact.limit;
      record.message = fact.message;
      state.dirty.add(lockId(fact.lock));
      return state;
    }
    default:
      return assertNever(fact);
  }
}

function addRequest(state: LockState, request: LockRequest): void {
  const { holder, uid } = request;
  state.requests.set(holder, { request, standing: 'Queued', message: '' });
  const ofRun = state.byRun.get(uid);
  if (ofRun === undefined) state.byRun.set(uid, new Set([holder]));
  else ofRun.add(holder);
  for (const lock of request.locks) {
    const { queue } = lockRecordOf(state, lock);
    queue.splice(positionIn(queue, request), 0, request);
    state.dirty.add(lockId(lock));
  }
}

function grant(state: LockState, holder: string): void {
  const record = state.requests.get(holder);
  if (record === undefined) return;
  record.standing = 'Holding';
  leaveQueues(state, record.request);
  for (const lock of record.request.locks) lockRecordOf(state, lock).holders.add(holder);
}

function refuse(state: LockState, holder: string, message: string): void {
  const record = state.requests.get(holder);
  if (record === undefined) return;
  record.standing = 'Refused';
  record.message = message;
  leaveQueues(state, record.request);
  forgetUnused(state, record.request);
}

function release(state: LockState, holder: string): void {
  const record = state.requests.get(holder);
  if (record === undefined) return;
  const { request } = record;
  state.requests.delete(holder);
  const ofRun = state.byRun.get(request.uid);
  ofRun?.delete(holder);
  if (ofRun?.size === 0) state.byRun.delete(request.uid);
  leaveQueues(state, request);
  for (const lock of request.locks) state.locks.get(lockId(lock))?.holders.delete(holder);
  forgetUnused(state, request);
}

function leaveQueues(state: LockState, request: LockRequest): void {
  for (const lock of request.locks) {
    const id = lockId(lock);
    const queue = state.locks.get(id)?.queue ?? [];
    const position = positionIn(queue, request);
    if (queue[position]?.holder === request.holder) queue.splice(position, 1);
    state.dirty.add(id);
  }
}

/** A lock that nobody holds or waits for is forgotten with its limit: the next one looks it up anew. */
function forgetUnused(state: LockState, request: LockRequest): void {
  for (const lock of request.locks) {
    const id = lockId(lock);
    const record = state.locks.get(id);
    if (record === undefined || record.holders.size > 0 || record.queue.length > 0) continue;
    state.locks.delete(id);
    state.dirty.delete(id);
  }
}
