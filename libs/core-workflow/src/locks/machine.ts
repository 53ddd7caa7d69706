import { ok, type Machine, type Refusal, type Result } from '@argosy/base';
import { decideLocks } from './decide.ts';
import { evolveLocks } from './evolve.ts';
import { isMutex, lockId, type LockKey } from './lock-key.ts';
import type { LockEffect, LockFact, LockInput } from './messages.ts';
import { outcomeOf } from './outcome.ts';
import { initialLocks, type LockState } from './state.ts';

/*
 * A request:
 *   (none)    --(Acquire: LockRequested)------------------------> queued
 *   queued    --(a place in all its locks: LockGranted)---------> holding
 *   queued    --(no such limit: LockRefused)--------------------> refused
 *   refused   --(Acquire: LockReleased, LockRequested)----------> queued
 *   any       --(Release | ReleaseRun: LockReleased)------------> (none)
 *
 * There is one such machine for an installation. A limit that is lowered throws nobody out; the lock lets the next one
 * in when there are fewer holders than the limit again.
 */

/** What one input led to. Make the facts durable before doing the effects. */
export interface LockStep {
  readonly facts: readonly LockFact[];
  readonly effects: readonly LockEffect[];
}

/** Decides an input and all that follows from it, applying the facts as it goes. */
export function stepLocks(state: LockState, input: LockInput): Result<LockStep, Refusal> {
  const decided = decideLocks(state, input);
  if (!decided.ok) return decided;
  const facts = [...decided.value];
  for (const fact of facts) evolveLocks(state, fact);
  const granted = decideLocks(state, { kind: 'Advance', at: input.at });
  state.dirty.clear();
  for (const fact of granted.ok ? granted.value : []) {
    evolveLocks(state, fact);
    facts.push(fact);
  }
  state.dirty.clear();
  return ok({ facts, effects: [...effectsAfter(state, input, facts)] });
}

function* effectsAfter(
  state: LockState,
  input: LockInput,
  facts: readonly LockFact[],
): Iterable<LockEffect> {
  const told = new Set<string>();
  for (const fact of facts) if ('holder' in fact) told.add(fact.holder);
  if (input.kind === 'Acquire') {
    told.add(input.request.holder);
    yield* lookUps(state, input.request.locks);
  }
  if (input.kind === 'LimitChanged' || input.kind === 'LimitMissing') {
    // The limit is part of what those who wait are shown.
    for (const { holder } of state.locks.get(lockId(input.lock))?.queue ?? []) told.add(holder);
  }
  for (const holder of told) yield* reportTo(state, holder);
}

function* lookUps(state: LockState, locks: readonly LockKey[]): Iterable<LockEffect> {
  for (const lock of locks) {
    const record = state.locks.get(lockId(lock));
    if (record !== undefined && record.limit === undefined) yield { kind: 'LookUpLimit', lock };
  }
}

function* reportTo(state: LockState, holder: string): Iterable<LockEffect> {
  const outcome = outcomeOf(state, holder);
  const request = state.requests.get(holder)?.request;
  if (outcome === undefined || request === undefined) return;
  yield { kind: 'ReportLocks', uid: request.uid, holder, outcome };
}

/** Everything that may not have been done before a crash: all limits and what everybody is to know. */
export function* owedByLocks(state: LockState): Iterable<LockEffect> {
  for (const { lock, limit } of state.locks.values()) {
    // A known limit may have changed while nobody was looking.
    if (!isMutex(lock) || limit === undefined) {
      yield { kind: 'LookUpLimit', lock };
    }
  }
  for (const holder of state.requests.keys()) yield* reportTo(state, holder);
}

/** The fewest facts that lead to a state, beginning with the one that voids all before: for compaction. */
export function lockSnapshot(state: LockState, at: number): readonly LockFact[] {
  const facts: LockFact[] = [{ kind: 'LocksReset', at }];
  for (const { request, standing, message } of state.requests.values()) {
    const { holder } = request;
    facts.push({ kind: 'LockRequested', at, request });
    if (standing === 'Holding') facts.push({ kind: 'LockGranted', at, holder });
    if (standing === 'Refused') facts.push({ kind: 'LockRefused', at, holder, message });
  }
  for (const { lock, limit, message } of state.locks.values()) {
    if (isMutex(lock)) continue;
    if (limit !== undefined) facts.push({ kind: 'LockLimitSet', at, lock, limit, message });
  }
  return facts;
}

/** The state machine of all locks of an installation. */
export const lockMachine: Machine<LockState, LockInput, LockFact, LockEffect> = {
  initial: initialLocks,
  decide: decideLocks,
  evolve: evolveLocks,
  owed: owedByLocks,
};
