import { BUCKETS, resourceKey } from '@argosy/api';
import { ArgosyError, ok, type Result, timeText } from '@argosy/base';
import type { Bus, KeyValueBucket } from '@argosy/bus';
import type { MemoCache, MemoEntry, MemoOutcome } from '@argosy/core-workflow';
import type { ConfigMap } from '@argosy/model';
import type { Logger } from '@argosy/telemetry';
import { findMemo, withHit, withMemos, type MemoSave } from './memo-config-map.ts';

/** Results of memoized templates, in ConfigMaps as Argo keeps them. */
export interface MemoStore {
  /** What is remembered under the key now. */
  lookUp(cache: MemoCache, key: string): Promise<MemoOutcome>;
  /**
   * Remembers a result; resolves when it is stored, or when it is told why it cannot be. Results for one cache that
   * come together are written together.
   */
  save(cache: MemoCache, key: string, entry: MemoEntry): Promise<void>;
}

/** Tries of a compare-and-set before it is given up. */
const WRITE_TRIES_MAX = 20;
/** The time of the last hit is written at most this often for one key. */
const HIT_INTERVAL_MS = 1_000;
/** Keys whose last hit is remembered, so that it is not written too often. */
const HITS_MAX = 10_000;

export function createMemoStore(tools: {
  readonly bus: Bus;
  readonly now: () => number;
  readonly logger: Logger;
}): MemoStore {
  const writers = new Map<string, MemoWriter>();
  const hits = new Map<string, number>();
  const open = (): Promise<KeyValueBucket> => tools.bus.keyValue(BUCKETS.resources);

  const writerOf = (cache: MemoCache): MemoWriter => {
    const key = keyOf(cache);
    const known = writers.get(key);
    if (known !== undefined) return known;
    const writer = createWriter({ ...tools, open }, cache, () => writers.delete(key));
    writers.set(key, writer);
    return writer;
  };

  const noteHit = (cache: MemoCache, key: string): void => {
    const id = `${keyOf(cache)}/${key}`;
    const nowMs = tools.now();
    if (nowMs - (hits.get(id) ?? 0) < HIT_INTERVAL_MS) return;
    if (hits.size >= HITS_MAX) hits.clear();
    hits.set(id, nowMs);
    void writerOf(cache).hit(key);
  };

  return {
    async lookUp(cache, key) {
      const { configMap } = await readCache(await open(), cache);
      const found = findMemo(configMap, key);
      if (found.kind === 'Hit') noteHit(cache, key);
      return found;
    },
    save: (cache, key, entry) => writerOf(cache).save({ key, entry }),
  };
}

function keyOf({ namespace, name }: MemoCache): string {
  return resourceKey('ConfigMap', namespace, name);
}

interface CacheRead {
  readonly configMap: ConfigMap | undefined;
  /** Undefined when there is no entry to replace. */
  readonly revision: number | undefined;
}

async function readCache(bucket: KeyValueBucket, cache: MemoCache): Promise<CacheRead> {
  const entry = await bucket.get(keyOf(cache));
  if (entry?.value === undefined) return { configMap: undefined, revision: undefined };
  const configMap = JSON.parse(new TextDecoder().decode(entry.value)) as ConfigMap;
  return { configMap, revision: entry.revision };
}

/** Writes to one cache: what comes while a write is under way is written together after it. */
interface MemoWriter {
  save(save: MemoSave): Promise<void>;
  hit(key: string): Promise<void>;
}

function createWriter(
  tools: {
    readonly open: () => Promise<KeyValueBucket>;
    readonly now: () => number;
    readonly logger: Logger;
  },
  cache: MemoCache,
  onIdle: () => void,
): MemoWriter {
  let saves: MemoSave[] = [];
  let hitKeys = new Set<string>();
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    next = undefined;
    const batch = saves;
    const touched = hitKeys;
    saves = [];
    hitKeys = new Set();
    const bucket = await tools.open();
    for (let attempt = 1; ; attempt += 1) {
      const read = await readCache(bucket, cache);
      const changed = changedCache(read.configMap, { cache, batch, touched }, tools.now());
      if (!changed.ok) {
        const fields = { cache: `${cache.namespace}/${cache.name}`, reason: changed.error };
        tools.logger.error(fields, 'Failed to save node outputs to cache');
        return;
      }
      if (changed.value === undefined || (await put(bucket, cache, read, changed.value))) return;
      if (attempt >= WRITE_TRIES_MAX) {
        const message = `the cache ${cache.namespace}/${cache.name} is being written all the time`;
        throw new ArgosyError('CONFLICT', message);
      }
    }
  };

  const schedule = (): Promise<void> => {
    next ??= (writing ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        writing = write();
        return writing;
      })
      .finally(() => {
        if (next === undefined) onIdle();
      });
    return next;
  };

  return {
    save(save) {
      saves.push(save);
      return schedule();
    },
    hit(key) {
      hitKeys.add(key);
      // Only for people to see: a hit that is not noted is no failure.
      return schedule().catch(() => undefined);
    },
  };
}

function changedCache(
  known: ConfigMap | undefined,
  change: {
    readonly cache: MemoCache;
    readonly batch: readonly MemoSave[];
    readonly touched: ReadonlySet<string>;
  },
  nowMs: number,
): Result<ConfigMap | undefined, string> {
  let changed = known;
  if (change.batch.length > 0) {
    const saved = withMemos(known, change.cache, change.batch);
    if (!saved.ok) return saved;
    changed = saved.value;
  }
  const atText = timeText(nowMs);
  for (const key of change.touched) {
    if (changed !== undefined) changed = withHit(changed, key, atText);
  }
  const isSame = JSON.stringify(changed) === JSON.stringify(known);
  return ok(isSame ? undefined : changed);
}

/** False when somebody else wrote in between. */
async function put(
  bucket: KeyValueBucket,
  cache: MemoCache,
  { revision }: CacheRead,
  configMap: ConfigMap,
): Promise<boolean> {
  const value = new TextEncoder().encode(JSON.stringify(configMap));
  try {
    if (revision === undefined) await bucket.create(keyOf(cache), value);
    else await bucket.update(keyOf(cache), value, revision);
    return true;
  } catch (thrown) {
    const { code } = ArgosyError.fromUnknown(thrown);
    if (code === 'CONFLICT' || code === 'ALREADY_EXISTS') return false;
    throw thrown;
  }
}
