import { BUCKETS, resourceKey, syncLimitKey } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus, KeyValueBucket } from '@argosy/bus';
import type { ConfigMap } from '@argosy/model';
import { textOfBytes } from '../text.ts';

/** Names a limit of a semaphore. */
export interface SyncLimitName {
  readonly type: 'ConfigMap' | 'Database';
  readonly namespace: string;
  /** Only for `ConfigMap`. */
  readonly configMap: string;
  readonly key: string;
}

export interface SyncLimit extends SyncLimitName {
  readonly limit: number;
}

/** The limits of semaphores: keys of ConfigMaps, and limits of their own. */
export interface SyncLimits {
  /** @throws ArgosyError INVALID_ARGUMENT; ALREADY_EXISTS */
  create(limit: SyncLimit): Promise<SyncLimit>;
  /** @throws ArgosyError INVALID_ARGUMENT; NOT_FOUND */
  get(name: SyncLimitName): Promise<SyncLimit>;
  /** @throws ArgosyError INVALID_ARGUMENT; NOT_FOUND */
  update(limit: SyncLimit): Promise<SyncLimit>;
  /** Nothing happens when there is no such limit. @throws ArgosyError INVALID_ARGUMENT */
  delete(name: SyncLimitName): Promise<void>;
}

/** Tries of a compare-and-set before it is given up. */
const WRITE_TRIES_MAX = 10;
const EXISTS = 'sync limit cannot be created as it already exists';

export function createSyncLimits(bus: Bus): SyncLimits {
  const change = async (name: SyncLimitName, changed: Change): Promise<void> => {
    const place = placeOf(name);
    const bucket = await bus.keyValue(place.bucket);
    for (let attempt = 1; ; attempt += 1) {
      const entry = await bucket.get(place.key);
      const before = entry?.value === undefined ? undefined : textOfBytes(entry.value);
      const limit = place.limitIn(before);
      const after = place.withLimit(before, changed(limit));
      if (after === before) return;
      const revision = before === undefined ? undefined : entry?.revision;
      if (await write(bucket, place.key, { after, revision })) return;
      if (attempt >= WRITE_TRIES_MAX) {
        throw new ArgosyError('CONFLICT', `the limit "${name.key}" is being changed by others`);
      }
    }
  };
  return {
    async create(limit) {
      checkLimit(limit);
      await change(limit, (known) => {
        if (known !== undefined) throw new ArgosyError('ALREADY_EXISTS', EXISTS);
        return String(limit.limit);
      });
      return limit;
    },
    async get(name) {
      const place = placeOf(name);
      const entry = await (await bus.keyValue(place.bucket)).get(place.key);
      const text = place.limitIn(entry?.value === undefined ? undefined : textOfBytes(entry.value));
      if (text === undefined) throw notFound(name);
      const limit = Number(text);
      if (/^\d+$/.test(text) && Number.isSafeInteger(limit)) return { ...name, limit };
      const message = `invalid limit format for key ${name.key}: "${text}" is not a whole number`;
      throw new ArgosyError('INVALID_ARGUMENT', message);
    },
    async update(limit) {
      checkLimit(limit);
      await change(limit, (known) => {
        if (known === undefined) throw notFound(limit);
        return String(limit.limit);
      });
      return limit;
    },
    delete: (name) => change(name, () => undefined),
  };
}

type Change = (known: string | undefined) => string | undefined;

/** Where a limit lies, and how it is read from and put into what lies there. */
interface Place {
  readonly bucket: string;
  readonly key: string;
  limitIn(text: string | undefined): string | undefined;
  /** Undefined: the entry is to be removed. */
  withLimit(text: string | undefined, limit: string | undefined): string | undefined;
}

/** @throws ArgosyError INVALID_ARGUMENT */
function placeOf({ type, namespace, configMap, key }: SyncLimitName): Place {
  if (key === '') throw new ArgosyError('INVALID_ARGUMENT', 'key is required');
  if (type === 'Database') {
    return {
      bucket: BUCKETS.syncLimits,
      key: syncLimitKey(namespace, key),
      limitIn: (text) => text,
      withLimit: (_text, limit) => limit,
    };
  }
  if (configMap === '') {
    throw new ArgosyError('INVALID_ARGUMENT', 'cmName is required for a limit of type CONFIGMAP');
  }
  return {
    bucket: BUCKETS.resources,
    key: resourceKey('ConfigMap', namespace, configMap),
    limitIn: (text) => (text === undefined ? undefined : dataOf(text)[key]),
    withLimit(text, limit) {
      if (text === undefined && limit === undefined) return undefined;
      const known = text === undefined ? bareConfigMap(namespace, configMap) : parse(text);
      const { [key]: _former, ...others } = known.data ?? {};
      const data = limit === undefined ? others : { ...others, [key]: limit };
      return JSON.stringify({ ...known, data });
    },
  };
}

function parse(text: string): ConfigMap {
  return JSON.parse(text) as ConfigMap;
}

function dataOf(text: string): Readonly<Record<string, string>> {
  return parse(text).data ?? {};
}

function bareConfigMap(namespace: string, name: string): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } };
}

function checkLimit({ limit }: SyncLimit): void {
  if (Number.isSafeInteger(limit) && limit > 0) return;
  throw new ArgosyError('INVALID_ARGUMENT', 'limit must be greater than zero');
}

function notFound({ type, namespace, configMap, key }: SyncLimitName): ArgosyError {
  const place = type === 'ConfigMap' ? `configmap ${namespace}/${configMap}` : namespace;
  return new ArgosyError('NOT_FOUND', `key ${key} not found in ${place}: create it first`);
}

/** False when somebody else wrote in between. */
async function write(
  bucket: KeyValueBucket,
  key: string,
  change: { readonly after: string | undefined; readonly revision: number | undefined },
): Promise<boolean> {
  const { after, revision } = change;
  try {
    if (after === undefined) await bucket.delete(key, revision);
    else if (revision === undefined) await bucket.create(key, new TextEncoder().encode(after));
    else await bucket.update(key, new TextEncoder().encode(after), revision);
    return true;
  } catch (error) {
    const { code } = ArgosyError.fromUnknown(error);
    if (code === 'CONFLICT' || code === 'ALREADY_EXISTS') return false;
    throw error;
  }
}
