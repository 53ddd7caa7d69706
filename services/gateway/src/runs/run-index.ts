import { BUCKETS, runKey } from '@argosy/api';
import type { Bus, KeyValueBucket, KeyValueEntry } from '@argosy/bus';
import type { RunSummary } from '@argosy/core-workflow';
import { followBucket } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';
import { textOfBytes } from '../text.ts';

/** What a listener is told: which run changed; its summary is gone when it was deleted. */
export type RunListener = (key: string) => void;

/** A live copy of the index of all runs (KV `runs`). */
export interface RunIndex {
  get(namespace: string, name: string): RunSummary | undefined;
  byKey(key: string): RunSummary | undefined;
  /** In no particular order. */
  all(): Iterable<readonly [key: string, summary: RunSummary]>;
  /** As it is on the bus now: for one's own writes, and for those of a moment ago. */
  fetch(namespace: string, name: string): Promise<RunSummary | undefined>;
  onChange(listener: RunListener): () => void;
  /** Why the copy may be stale now; undefined while it is followed. */
  readonly trouble: string | undefined;
}

interface Slot {
  readonly summary: RunSummary;
  readonly revision: number;
}

/**
 * Follows the index until the signal is aborted; a lost watch is opened again. Resolves when all that is
 * there now was seen.
 */
export async function followRuns(bus: Bus, logger: Logger, signal: AbortSignal): Promise<RunIndex> {
  const slots = new Map<string, Slot>();
  const listeners = new Set<RunListener>();
  const state = { trouble: 'the index of runs is being read' as string | undefined };
  const bucket = await bus.keyValue(BUCKETS.runs);
  const follower: Follower = { bucket, slots, listeners, logger, signal, state };
  await new Promise<void>((resolve) => {
    void follow(follower, resolve).then(resolve);
  });
  return {
    get: (namespace, name) => slots.get(runKey(namespace, name))?.summary,
    byKey: (key) => slots.get(key)?.summary,
    *all() {
      for (const [key, { summary }] of slots) yield [key, summary] as const;
    },
    async fetch(namespace, name) {
      const key = runKey(namespace, name);
      const entry = await bucket.get(key);
      if (entry === undefined) return undefined;
      apply(follower, entry);
      return summaryOf(entry);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get trouble() {
      return state.trouble;
    },
  };
}

interface Follower {
  readonly bucket: KeyValueBucket;
  readonly slots: Map<string, Slot>;
  readonly listeners: Set<RunListener>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly state: { trouble: string | undefined };
}

/** Keeps one watch open; never rejects. */
function follow(follower: Follower, onCaughtUp: () => void): Promise<void> {
  const { bucket, slots, signal, logger, state } = follower;
  let isLost = false;
  return followBucket({
    bucket: () => Promise.resolve(bucket),
    pattern: '>',
    keys: () => slots.keys(),
    onEntry: (entry) => apply(follower, entry),
    onGone: (key) => remove(follower, key),
    onCaughtUp: () => {
      if (isLost) logger.info('the index of runs is followed again');
      isLost = false;
      state.trouble = undefined;
      onCaughtUp();
    },
    onLost: (reason) => {
      if (!isLost) logger.warn({ reason }, 'the index of runs is not followed; trying again');
      isLost = true;
      state.trouble = `the index of runs is not followed: ${reason}`;
    },
    signal,
  });
}

/** Takes an entry over unless a later one of the same key is known. */
function apply(follower: Follower, entry: KeyValueEntry): void {
  const { slots, listeners, logger } = follower;
  const known = slots.get(entry.key);
  if (known !== undefined && known.revision >= entry.revision) return;
  const summary = summaryOf(entry);
  if (summary === undefined) {
    if (entry.value !== undefined) logger.error({ key: entry.key }, 'a run summary is not JSON');
    remove(follower, entry.key);
    return;
  }
  slots.set(entry.key, { summary, revision: entry.revision });
  for (const listener of listeners) listener(entry.key);
}

function remove(follower: Follower, key: string): void {
  if (!follower.slots.delete(key)) return;
  for (const listener of follower.listeners) listener(key);
}

function summaryOf(entry: KeyValueEntry): RunSummary | undefined {
  if (entry.value === undefined) return undefined;
  try {
    return JSON.parse(textOfBytes(entry.value)) as RunSummary;
  } catch {
    return undefined;
  }
}
