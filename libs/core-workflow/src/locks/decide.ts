import { assertNever, err, ok, type Refusal, type Result } from '@argosy/base';
import { isMutex, lockId, lockName, type LockKey } from './lock-key.ts';
import type { LockFact, LockInput, LockRequest } from './messages.ts';
import { hasPlaceFor } from './outcome.ts';
import { compareRequests, lockRecordOf, type LockRecord, type LockState } from './state.ts';

/** Locks that one request may name. */
export const LOCKS_PER_REQUEST_MAX = 100;

type Decision = Result<readonly LockFact[], Refusal>;

/** The facts that an input leads to; who may go on because of them is decided by `Advance`. */
export function decideLocks(state: LockState, input: LockInput): Decision {
  switch (input.kind) {
    case 'Acquire':
      return decideAcquire(state, input.request, input.at);
    case 'Release':
      return ok(state.requests.has(input.holder) ? [released(input.holder, input.at)] : []);
    case 'ReleaseRun':
      return ok([...(state.byRun.get(input.uid) ?? [])].map((each) => released(each, input.at)));
    case 'LimitChanged':
      return ok(input.limit > 0 ? limitFacts(state, input, input) : missingFacts(state, input));
    case 'LimitMissing':
      return ok(missingFacts(state, input));
    case 'Advance':
      return ok(grantFacts(state, input.at));
    default:
      return assertNever(input);
  }
}

function decideAcquire(state: LockState, request: LockRequest, at: number): Decision {
  const known = state.requests.get(request.holder);
  if (known !== undefined && known.standing !== 'Refused') return ok([]);
  const problem = problemOf(request);
  if (problem !== undefined) return err({ code: 'InvalidArgument', message: problem });
  const locks = distinct(request.locks);
  const facts: LockFact[] = known === undefined ? [] : [released(request.holder, at)];
  facts.push({ kind: 'LockRequested', at, request: { ...request, locks } });
  return ok(facts);
}

function problemOf({ holder, uid, locks }: LockRequest): string | undefined {
  if (holder === '' || uid === '') return 'a lock request needs a holder and the uid of its run';
  if (locks.length === 0) return `the lock request of ${holder} names no lock`;
  if (locks.length <= LOCKS_PER_REQUEST_MAX) return undefined;
  return `${holder} asks for ${locks.length} locks; the most is ${LOCKS_PER_REQUEST_MAX}`;
}

function distinct(locks: readonly LockKey[]): readonly LockKey[] {
  return [...new Map(locks.map((lock) => [lockId(lock), lock])).values()];
}

function released(holder: string, at: number): LockFact {
  return { kind: 'LockReleased', at, holder };
}

/** A limit of a lock that nobody uses is no news: it is looked up when somebody asks. */
function usedRecord(state: LockState, lock: LockKey): LockRecord | undefined {
  return isMutex(lock) ? undefined : state.locks.get(lockId(lock));
}

function limitFacts(
  state: LockState,
  { lock, at }: { readonly lock: LockKey; readonly at: number },
  { limit }: { readonly limit: number },
): readonly LockFact[] {
  const record = usedRecord(state, lock);
  const whole = Math.floor(limit);
  if (record === undefined || record.limit === whole) return [];
  return [{ kind: 'LockLimitSet', at, lock, limit: whole, message: '' }];
}

/**
 * Without a limit nobody new gets in. Those who wait for a lock that never had one are refused; where there are
 * holders from before, the others wait for the limit to come back.
 */
function missingFacts(
  state: LockState,
  input: { readonly lock: LockKey; readonly at: number; readonly message?: string },
): readonly LockFact[] {
  const { lock, at } = input;
  const record = usedRecord(state, lock);
  if (record === undefined) return [];
  const reason = input.message ?? 'the limit is 0';
  const message = `failed to initialize semaphore ${lockName(lock)} with limit: ${reason}`;
  if (record.holders.size > 0) {
    if (record.limit === 0) return [];
    return [{ kind: 'LockLimitSet', at, lock, limit: 0, message }];
  }
  return record.queue.map(({ holder }) => ({ kind: 'LockRefused', at, holder, message }));
}

/**
 * Grants every request that has a place in all its locks. Each queue is strict, so nobody is overtaken for ever; and
 * as all queues have the same order, the foremost request of all always comes to its turn.
 */
function grantFacts(state: LockState, at: number): readonly LockFact[] {
  const candidates = new Map<string, LockRequest>();
  for (const id of state.dirty) {
    const record = state.locks.get(id);
    if (record === undefined) continue;
    const free = Math.max(0, (record.limit ?? 0) - record.holders.size);
    for (const request of record.queue.slice(0, free)) candidates.set(request.holder, request);
  }
  // A grant takes a place and leaves the queue, so it changes nothing for those behind: one look is enough.
  return [...candidates.values()]
    .filter((request) => request.locks.every((lock) => hasPlace(state, lock, request)))
    .sort(compareRequests)
    .map(({ holder }) => ({ kind: 'LockGranted', at, holder }));
}

function hasPlace(state: LockState, lock: LockKey, request: LockRequest): boolean {
  return hasPlaceFor(lockRecordOf(state, lock), request);
}
