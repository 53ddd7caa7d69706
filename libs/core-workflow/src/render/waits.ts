import type { NodeStatus, SynchronizationStatus } from '@argosy/model';
import { isMutex, lockName, type LockKey } from '../locks/lock-key.ts';
import { idOf } from '../names.ts';
import { contextOf, nodeAt, type NodeRecord, type RunState } from '../state.ts';

/** What a node waits for before it starts, and what the cache had for it. */
export function nodeWaits(
  state: RunState,
  node: NodeRecord,
): Pick<NodeStatus, 'memoizationStatus' | 'synchronizationStatus'> {
  const memo = state.memos.get(node.index);
  const waiting = state.holds.get(node.index)?.waitingFor ?? '';
  return {
    ...(memo?.hit === undefined
      ? {}
      : {
          memoizationStatus: {
            hit: memo.hit,
            key: memo.query.key,
            cacheName: memo.query.cache.name,
          },
        }),
    ...(waiting === '' ? {} : { synchronizationStatus: { waiting } }),
  };
}

/** The locks of the run and its nodes as Argo lists them; undefined when there are none. */
export function renderSynchronization(state: RunState): SynchronizationStatus | undefined {
  if (state.holds.size === 0) return undefined;
  const lists: Lists = { semaphores: [new Map(), new Map()], mutexes: [new Map(), new Map()] };
  for (const [node, hold] of state.holds) {
    const holder = holderName(state, node);
    for (const lock of hold.locks) {
      // Nothing of Argo's: there the controller itself holds runs back.
      if (lock.kind === 'Slot') continue;
      const waits = hold.waitingFor === lockName(lock) ? hold.heldBy : [];
      addLock(lists, lock, { holders: hold.granted ? [holder] : waits, granted: hold.granted });
    }
  }
  const { semaphores, mutexes } = lists;
  const semaphore = sides(semaphores, semaphoreHolding);
  const mutex = sides(mutexes, mutexHolding);
  if (Object.keys(semaphore).length + Object.keys(mutex).length === 0) return undefined;
  return {
    ...(Object.keys(semaphore).length === 0 ? {} : { semaphore }),
    ...(Object.keys(mutex).length === 0 ? {} : { mutex }),
  };
}

/** Lock name → holders; first what is held, then what is waited for. */
type HeldAndWaited = readonly [Map<string, readonly string[]>, Map<string, readonly string[]>];

interface Lists {
  readonly semaphores: HeldAndWaited;
  readonly mutexes: HeldAndWaited;
}

function addLock(
  lists: Lists,
  lock: LockKey,
  { holders, granted }: { readonly holders: readonly string[]; readonly granted: boolean },
): void {
  const list = (isMutex(lock) ? lists.mutexes : lists.semaphores)[granted ? 0 : 1];
  const name = lockName(lock);
  list.set(name, [...new Set([...(list.get(name) ?? []), ...holders])]);
}

function sides<Entry>(
  [held, waited]: HeldAndWaited,
  entryOf: (lock: string, holders: readonly string[]) => Entry,
): { readonly holding?: readonly Entry[]; readonly waiting?: readonly Entry[] } {
  const listOf = (locks: ReadonlyMap<string, readonly string[]>): readonly Entry[] =>
    [...locks].map(([lock, holders]) => entryOf(lock, holders));
  return {
    ...(held.size === 0 ? {} : { holding: listOf(held) }),
    ...(waited.size === 0 ? {} : { waiting: listOf(waited) }),
  };
}

function semaphoreHolding(
  semaphore: string,
  holders: readonly string[],
): { readonly semaphore: string; readonly holders?: readonly string[] } {
  return holders.length === 0 ? { semaphore } : { semaphore, holders };
}

function mutexHolding(
  mutex: string,
  [holder]: readonly string[],
): { readonly mutex: string; readonly holder?: string } {
  return holder === undefined ? { mutex } : { mutex, holder };
}

function holderName(state: RunState, node: number): string {
  const { namespace, name } = contextOf(state).run;
  return node < 0
    ? `${namespace}/${name}`
    : `${namespace}/${name}/${idOf(state, nodeAt(state, node))}`;
}
