import { isMutex, lockId, type LockKey } from './lock-key.ts';
import type { LockRequest } from './messages.ts';

/** A request and where it stands. */
export interface RequestRecord {
  readonly request: LockRequest;
  standing: 'Queued' | 'Holding' | 'Refused';
  /** Why it was refused. */
  message: string;
}

/** One lock that somebody holds or waits for; forgotten with the last of them. */
export interface LockRecord {
  readonly lock: LockKey;
  /** Undefined until it is known; 0 when there is none. */
  limit: number | undefined;
  /** Why there is no limit. */
  message: string;
  readonly holders: Set<string>;
  /** Requests that wait, next first. */
  readonly queue: LockRequest[];
}

/** All locks of an installation. Owned by the machine: only `evolveLocks` changes it. */
export interface LockState {
  readonly locks: Map<string, LockRecord>;
  /** By holder. */
  readonly requests: Map<string, RequestRecord>;
  /** Holders by run. */
  readonly byRun: Map<string, Set<string>>;
  /** Ids of the locks in whose queues somebody may be able to go on. */
  readonly dirty: Set<string>;
}

/** Locks that nobody asked for yet. */
export function initialLocks(): LockState {
  return { locks: new Map(), requests: new Map(), byRun: new Map(), dirty: new Set() };
}

/** The record of a lock, made when it is first named. */
export function lockRecordOf(state: LockState, lock: LockKey): LockRecord {
  const id = lockId(lock);
  const known = state.locks.get(id);
  if (known !== undefined) return known;
  const record: LockRecord = {
    lock,
    limit: isMutex(lock) ? 1 : undefined,
    message: '',
    holders: new Set(),
    queue: [],
  };
  state.locks.set(id, record);
  return record;
}

/**
 * Queue order: higher priority, then earlier creation of the run, then the holder's text, in which a run's earlier
 * nodes come first.
 */
export function compareRequests(left: LockRequest, right: LockRequest): number {
  return (
    right.priority - left.priority ||
    left.createdAtMs - right.createdAtMs ||
    compareText(left.uid, right.uid) ||
    left.holder.length - right.holder.length ||
    compareText(left.holder, right.holder)
  );
}

/** Where a request is in a queue, or belongs, in O(log n). */
export function positionIn(queue: readonly LockRequest[], request: LockRequest): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = queue[middle];
    if (other !== undefined && compareRequests(other, request) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
