import { err, ok, type Result } from '@argosy/base';
import type { MemoCache, MemoEntry, MemoOutcome } from '@argosy/core-workflow';
import type { ConfigMap } from '@argosy/model';

/** Label of the ConfigMaps that are caches; others are not touched. */
const TYPE_LABEL = 'workflows.argoproj.io/configmap-type';
const CACHE_TYPE = 'Cache';
/** Argo's rule for keys. */
const KEY = /^[a-zA-Z0-9][-a-zA-Z0-9]*$/;
/** Kubernetes' limit for the values of a ConfigMap, bytes. */
export const MEMO_BYTES_MAX = 1024 * 1024;

/** What a cache holds under a key; without a ConfigMap it holds nothing. Messages are Argo's. */
export function findMemo(configMap: ConfigMap | undefined, key: string): MemoOutcome {
  if (!KEY.test(key)) return { kind: 'Refused', message: `invalid cache key: ${key}` };
  if (configMap === undefined) return { kind: 'Miss' };
  const problem = problemOf(configMap);
  if (problem !== undefined) return { kind: 'Refused', message: problem };
  const text = configMap.data?.[key];
  if (text === undefined || text === '') return { kind: 'Miss' };
  try {
    const entry = JSON.parse(text) as MemoEntry | null;
    if (entry !== null && typeof entry === 'object') return { kind: 'Hit', entry };
  } catch {
    // Told below.
  }
  const message = 'malformed cache entry: could not unmarshal JSON; unable to parse';
  return { kind: 'Refused', message: `${message}: the key "${key}" holds no entry` };
}

function problemOf({ metadata }: ConfigMap): string | undefined {
  const type = metadata.labels?.[TYPE_LABEL];
  if (type === CACHE_TYPE) return undefined;
  if (type === undefined) {
    return `memoization configmap doesn't have ${TYPE_LABEL} label, refusing to use it`;
  }
  const wanted = `${TYPE_LABEL} = ${CACHE_TYPE}`;
  return `memoization configmap doesn't have label ${wanted}, refusing to use it`;
}

/** A result to be remembered. */
export interface MemoSave {
  readonly key: string;
  readonly entry: MemoEntry;
}

/**
 * The ConfigMap with the results in it; a new one when there was none. A result never replaces a later one, so that
 * saving again after a crash is harmless. The error is the reason why nothing can be written.
 */
export function withMemos(
  configMap: ConfigMap | undefined,
  cache: MemoCache,
  saves: readonly MemoSave[],
): Result<ConfigMap, string> {
  const base = configMap ?? emptyCache(cache);
  const problem = problemOf(base);
  if (problem !== undefined) return err(problem);
  const data: Record<string, string> = { ...base.data };
  for (const { key, entry } of saves) {
    if (isLater(data[key], entry)) continue;
    data[key] = JSON.stringify(entry);
  }
  const bytes = Object.entries(data).reduce((sum, pair) => sum + byteLength(pair), 0);
  if (bytes > MEMO_BYTES_MAX) {
    const { namespace, name } = cache;
    return err(
      `the cache ${namespace}/${name} would have ${bytes} bytes, and the most is ` +
        `${MEMO_BYTES_MAX}: use a second one, or delete entries`,
    );
  }
  return ok({ ...base, data });
}

/** The same with the time of the last hit, if there still is what was hit. */
export function withHit(configMap: ConfigMap, key: string, atText: string): ConfigMap {
  const found = findMemo(configMap, key);
  if (found.kind !== 'Hit') return configMap;
  const text = JSON.stringify({ ...found.entry, lastHitTimestamp: atText });
  return { ...configMap, data: { ...configMap.data, [key]: text } };
}

function emptyCache({ namespace, name }: MemoCache): ConfigMap {
  const labels = { [TYPE_LABEL]: CACHE_TYPE };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels } };
}

/** Also true of the very same result. */
function isLater(text: string | undefined, entry: MemoEntry): boolean {
  if (text === undefined) return false;
  try {
    const known = JSON.parse(text) as Partial<MemoEntry> | null;
    const [before, now] = [known?.creationTimestamp ?? '', entry.creationTimestamp];
    if (known?.nodeID === entry.nodeID) return before >= now;
    return before > now;
  } catch {
    return false;
  }
}

function byteLength([key, value]: readonly [string, string]): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value);
}
