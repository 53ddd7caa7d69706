import type { Fact } from './facts.ts';
import type { Blocked } from './decide/draft.ts';
import { markDirty } from './evolve/mark.ts';
import { planOf } from './names.ts';
import { contextOf, nodeAt, type NodeRecord, type RunState } from './state.ts';

/** Remembers who waits for which limit; they are woken one by one as places become free. */
export function enqueue(state: RunState, blocked: Blocked): void {
  if (blocked.boundary < 0) {
    state.waiters.push(blocked.manager);
    return;
  }
  const { runtime } = nodeAt(state, blocked.boundary);
  if (runtime?.kind === 'Steps' || runtime?.kind === 'DAG') runtime.waiters.push(blocked.manager);
}

/** Boundaries in which a place became free that somebody may be waiting for; none in nearly every step. */
export type FreedPlaces = Set<number> | undefined;

/** Adds to the free places what a fact frees. */
export function notePlace(state: RunState, fact: Fact, freed: FreedPlaces): FreedPlaces {
  if (fact.kind !== 'NodeFinished') return freed;
  const { boundary } = nodeAt(state, fact.node);
  if (boundary < 0 || waitersOf(nodeAt(state, boundary)).length === 0) return freed;
  return (freed ?? new Set()).add(boundary);
}

/**
 * Somebody woken for a free place may not have needed it: then the next one is asked, in the run and in every template
 * where a place became free.
 */
export function offerPlaces(state: RunState, freed: FreedPlaces): void {
  if (state.dirty.length > 0) return;
  const limit = contextOf(state).run.spec.parallelism;
  if (limit === undefined || state.activePods < limit) wakeNext(state, state.waiters);
  for (const index of freed ?? []) {
    const boundary = nodeAt(state, index);
    const waiters = waitersOf(boundary);
    if (waiters.length === 0) freed?.delete(index);
    else if (hasPlace(state, boundary)) wakeNext(state, waiters);
  }
}

function hasPlace(state: RunState, boundary: NodeRecord): boolean {
  const { runtime } = boundary;
  if (runtime?.kind !== 'Steps' && runtime?.kind !== 'DAG') return false;
  const parallelism = planOf(state, boundary)?.template.parallelism;
  return parallelism === undefined || runtime.active < parallelism;
}

function waitersOf({ runtime }: NodeRecord): number[] {
  return runtime?.kind === 'Steps' || runtime?.kind === 'DAG' ? runtime.waiters : [];
}

function wakeNext(state: RunState, waiters: number[]): void {
  const index = waiters.shift();
  if (index === undefined) return;
  if (index < 0) state.runDirty = true;
  else markDirty(state, nodeAt(state, index));
}
