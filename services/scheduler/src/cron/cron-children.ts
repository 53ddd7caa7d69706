import { BUCKETS, runKey } from '@argosy/api';
import type { Bus, KeyValueBucket, KeyValueEntry } from '@argosy/bus';
import { CRON_LABEL, type RunSummary } from '@argosy/core-workflow';
import { followBucket } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';

/** A live copy of the index of runs, of those alone that carry the label of a CronWorkflow. */
export interface CronChildren {
  /** Begins at the first call; resolves when all that is in the index was seen once. */
  ready(): Promise<void>;
  of(namespace: string, cronName: string): readonly RunSummary[];
  has(uid: string): boolean;
  /** Looks at one run on the bus itself: for one's own writes, and for those of a moment ago. */
  fetch(namespace: string, name: string): Promise<RunSummary | undefined>;
}

export interface CronChildrenOptions {
  readonly bus: Bus;
  readonly logger: Logger;
  /** A run of this CronWorkflow is new, has ended or is gone. */
  readonly onChange: (namespace: string, cronName: string) => void;
  readonly signal: AbortSignal;
}

interface Slot {
  readonly summary: RunSummary;
  readonly revision: number;
}

interface Follower extends CronChildrenOptions {
  readonly bucket: KeyValueBucket;
  /** By the key of the index. */
  readonly slots: Map<string, Slot>;
  /** The keys of each CronWorkflow's runs. */
  readonly families: Map<string, Set<string>>;
  readonly uids: Set<string>;
}

export async function followCronChildren(options: CronChildrenOptions): Promise<CronChildren> {
  const bucket = await options.bus.keyValue(BUCKETS.runs);
  const follower: Follower = {
    ...options,
    bucket,
    slots: new Map(),
    families: new Map(),
    uids: new Set(),
  };
  let caughtUp: Promise<void> | undefined;
  return {
    ready() {
      // An installation without CronWorkflows is spared the reading of every change of every run.
      caughtUp ??= new Promise((resolve) => {
        void follow(follower, resolve).then(resolve);
      });
      return caughtUp;
    },
    of(namespace, cronName) {
      const keys = follower.families.get(familyOf(namespace, cronName)) ?? [];
      return Array.from(keys, (key) => follower.slots.get(key)?.summary).filter(
        (summary) => summary !== undefined,
      );
    },
    has: (uid) => follower.uids.has(uid),
    async fetch(namespace, name) {
      const key = runKey(namespace, name);
      const entry = await bucket.get(key);
      if (entry !== undefined) apply(follower, entry);
      return entry === undefined ? undefined : decode(entry.value);
    },
  };
}

/** Keeps one watch open until the signal is aborted; never rejects. */
function follow(follower: Follower, onCaughtUp: () => void): Promise<void> {
  const { bucket, slots, logger, signal } = follower;
  return followBucket({
    bucket: () => Promise.resolve(bucket),
    pattern: '>',
    keys: () => slots.keys(),
    onEntry: (entry) => apply(follower, entry),
    onGone: (key) => remove(follower, key),
    onCaughtUp,
    onLost: (message) => {
      logger.warn({ message }, 'the runs of CronWorkflows are not followed; trying again');
    },
    signal,
  });
}

/** Takes an entry over unless a later one of the same key is known. */
function apply(follower: Follower, entry: KeyValueEntry): void {
  const known = follower.slots.get(entry.key);
  if (known !== undefined && known.revision >= entry.revision) return;
  const summary = mentionsCron(entry.value) ? decode(entry.value) : undefined;
  const isSame = known?.summary.uid === summary?.uid;
  if (!isSame) remove(follower, entry.key);
  if (summary === undefined) return;
  const cronName = summary.labels[CRON_LABEL] ?? '';
  follower.slots.set(entry.key, { summary, revision: entry.revision });
  follower.uids.add(summary.uid);
  addToFamily(follower, familyOf(summary.namespace, cronName), entry.key);
  const isNews = !isSame || known?.summary.finishedAt !== summary.finishedAt;
  if (isNews) follower.onChange(summary.namespace, cronName);
}

function addToFamily({ families }: Follower, family: string, key: string): void {
  const keys = families.get(family) ?? new Set();
  families.set(family, keys.add(key));
}

function remove({ slots, families, uids, onChange }: Follower, key: string): void {
  const known = slots.get(key);
  if (known === undefined) return;
  const { namespace, labels, uid } = known.summary;
  const cronName = labels[CRON_LABEL] ?? '';
  const family = families.get(familyOf(namespace, cronName));
  slots.delete(key);
  uids.delete(uid);
  family?.delete(key);
  if (family?.size === 0) families.delete(familyOf(namespace, cronName));
  onChange(namespace, cronName);
}

function familyOf(namespace: string, cronName: string): string {
  return `${namespace}/${cronName}`;
}

const LABEL_BYTES = Buffer.from(`"${CRON_LABEL}"`);

/** Most runs have no such label: looking for its letters is cheaper than reading the JSON. */
function mentionsCron(value: Uint8Array | undefined): boolean {
  if (value === undefined) return false;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(LABEL_BYTES);
}

function isChild(summary: Partial<RunSummary> | null): summary is RunSummary {
  return typeof summary?.uid === 'string' && typeof summary.labels?.[CRON_LABEL] === 'string';
}

/** Undefined also for what is no summary of such a run. */
function decode(value: Uint8Array | undefined): RunSummary | undefined {
  if (value === undefined) return undefined;
  try {
    const summary = JSON.parse(new TextDecoder().decode(value)) as Partial<RunSummary> | null;
    return isChild(summary) ? summary : undefined;
  } catch {
    return undefined;
  }
}
