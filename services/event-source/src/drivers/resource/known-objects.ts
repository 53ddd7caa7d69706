import type { ResourceEventType } from '@argosy/core-events';
import type { ObservedObject } from './origin.ts';

/** What outlives the process. */
export interface Memory {
  /** Version up to which everything was told. */
  readonly position: string | undefined;
  /** Objects that were seen: uid and creation, Unix milliseconds. */
  readonly seen: readonly (readonly [uid: string, createdMs: number])[];
  /** What was created until then was seen, too. */
  readonly seenUntilMs: number;
}

export interface ObjectChange {
  readonly type: ResourceEventType;
  readonly object: Pick<ObservedObject, 'key' | 'uid' | 'version' | 'text' | 'wholeText'>;
  /** The object before an UPDATE, where it is known. */
  readonly oldText?: string;
}

/** The objects that are there, and which of them were seen at an earlier time. Pure. */
export interface KnownObjects {
  /** What the sight of an object means: nothing, a change, or the end of one object and another one. */
  observe(object: ObservedObject): readonly ObjectChange[];
  /** To be called once the changes of the object are told. */
  told(object: Pick<ObservedObject, 'uid' | 'createdMs'>): void;
  gone(key: string, text?: string): readonly ObjectChange[];
  at(version: string): void;
  countsAnew(): void;
  readonly size: number;
  keys(): readonly string[];
  memory(): Memory;
}

export interface KnownObjectsOptions {
  readonly memory: Memory | undefined;
  /** What is there at the very first look counts as seen. */
  readonly skipsFirstLook: boolean;
}

/** Objects that are remembered one by one beyond the life of the process; older ones by their creation. */
export const SEEN_MAX = 1_000;

interface KnownObject {
  readonly uid: string;
  readonly version: string;
  readonly text: string;
}

export function createKnownObjects(options: KnownObjectsOptions): KnownObjects {
  const { memory, skipsFirstLook } = options;
  const known = new Map<string, KnownObject>();
  const seen = createSeen(memory);
  let before = memory?.position;
  let position = before;
  let isFirstLook = memory === undefined;

  /** What the sight of an object means of which this process knows nothing. */
  function firstSight(object: ObservedObject): readonly ObjectChange[] {
    if (isFirstLook && skipsFirstLook) return [];
    const wasThere = before !== undefined && isUntil(object.version, before);
    if (!seen.has(object)) return wasThere ? [] : [{ type: 'ADD', object }];
    return wasThere || before === undefined ? [] : [{ type: 'UPDATE', object }];
  }

  function remove(key: string, text?: string): readonly ObjectChange[] {
    const last = known.get(key);
    if (last === undefined) return [];
    known.delete(key);
    seen.delete(last.uid);
    const { uid, version } = last;
    return [{ type: 'DELETE', object: { key, uid, version, text: text ?? last.text } }];
  }

  return {
    observe(object) {
      const { key, uid, version, text } = object;
      const last = known.get(key);
      if (last?.uid === uid && last.version === version) return [];
      const ended = last === undefined || last.uid === uid ? [] : remove(key);
      known.set(key, { uid, version, text });
      if (last?.uid !== uid) return [...ended, ...firstSight(object)];
      return [{ type: 'UPDATE', object, oldText: last.text }];
    },
    told: ({ uid, createdMs }) => seen.add(uid, createdMs ?? 0),
    gone: remove,
    at(version) {
      position = version;
      // From now on what is not known is new.
      before = undefined;
      isFirstLook = false;
      seen.settle(new Set(Array.from(known.values(), ({ uid }) => uid)));
    },
    countsAnew() {
      before = undefined;
    },
    get size() {
      return known.size;
    },
    keys: () => Array.from(known.keys()),
    memory: () => ({ position, ...seen.memory() }),
  };
}

/** Whether a version is not later than another one; versions that are no numbers are. */
function isUntil(version: string, limit: string): boolean {
  const areNumbers = /^\d+$/.test(version) && /^\d+$/.test(limit);
  return areNumbers && BigInt(version) <= BigInt(limit);
}

interface Seen {
  has(object: Pick<ObservedObject, 'uid' | 'createdMs'>): boolean;
  add(uid: string, createdMs: number): void;
  delete(uid: string): void;
  /** All that is there was looked at: of what was seen earlier only these are there still. */
  settle(uids: ReadonlySet<string>): void;
  memory(): Pick<Memory, 'seen' | 'seenUntilMs'>;
}

function createSeen(memory: Memory | undefined): Seen {
  const createdByUid = new Map(memory?.seen);
  let untilMs = memory?.seenUntilMs ?? 0;
  let isSettled = false;
  return {
    // Later on an object may come into view that is old; only at the start old means seen.
    has: ({ uid, createdMs }) =>
      createdByUid.has(uid) || (!isSettled && createdMs !== undefined && createdMs <= untilMs),
    add(uid, createdMs) {
      createdByUid.set(uid, createdMs);
      // Twice the number, so that the sorting is worth it.
      if (createdByUid.size <= SEEN_MAX * 2) return;
      const oldestFirst = [...createdByUid].toSorted(([, one], [, other]) => one - other);
      for (const [oldUid, oldMs] of oldestFirst.slice(0, SEEN_MAX)) {
        createdByUid.delete(oldUid);
        untilMs = Math.max(untilMs, oldMs);
      }
    },
    delete: (uid) => void createdByUid.delete(uid),
    settle(uids) {
      if (isSettled) return;
      isSettled = true;
      for (const uid of createdByUid.keys()) if (!uids.has(uid)) createdByUid.delete(uid);
    },
    memory: () => ({ seen: [...createdByUid], seenUntilMs: untilMs }),
  };
}
