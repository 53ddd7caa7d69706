import { BUCKETS, resourceKey, syncLimitKey } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { isMutex, type LockKey } from '@argosy/core-workflow';
import type { ConfigMap, ControllerConfig } from '@argosy/model';
import type { Declared } from '../declared.ts';

/** The limit of a semaphore, or why there is none. */
export type LimitAnswer =
  | { readonly kind: 'Limit'; readonly limit: number }
  | { readonly kind: 'Missing'; readonly message: string };

/** Where the limits of semaphores come from. */
export interface LockLimits {
  /** As it is now: one that was set just before is seen. */
  lookUp(lock: LockKey): Promise<LimitAnswer>;
  /** Calls back with the locks of the given ones whose limits may have changed. Ends with the signal. */
  follow(
    options: {
      readonly locks: () => Iterable<LockKey>;
      readonly onChange: (locks: readonly LockKey[]) => void;
    },
    signal: AbortSignal,
  ): Promise<void>;
}

export function createLockLimits(bus: Bus, declared: Declared): LockLimits {
  return {
    lookUp(lock) {
      if (lock.kind === 'ConfigMap') return configMapLimit(bus, lock);
      if (lock.kind === 'Database') return syncLimit(bus, lock);
      if (lock.kind === 'Slot') return Promise.resolve(slotLimit(declared.config(), lock));
      return Promise.resolve({ kind: 'Limit', limit: 1 });
    },
    async follow({ locks, onChange }, signal) {
      const tell = (isMeant: (lock: LockKey) => boolean): void => {
        if (signal.aborted) return;
        const meant = [...locks()].filter((lock) => !isMutex(lock) && isMeant(lock));
        if (meant.length > 0) onChange(meant);
      };
      const stopListening = declared.onChange((namespace, name) => {
        tell((lock) => lock.kind === 'ConfigMap' && isNamed(lock, namespace, name));
        if (declared.isConfig(name)) tell((lock) => lock.kind === 'Slot');
      });
      try {
        const bucket = await bus.keyValue(BUCKETS.syncLimits);
        for await (const notice of bucket.watch('>', signal)) {
          if (notice.kind === 'CaughtUp') continue;
          const { key } = notice.entry;
          tell((lock) => lock.kind === 'Database' && syncKeyOf(lock) === key);
        }
        if (!signal.aborted) throw new ArgosyError('UNAVAILABLE', 'the watch of limits ended');
      } finally {
        stopListening();
      }
    },
  };
}

/** Stands for a limit that was taken back: those who wait for a place get it. */
const UNLIMITED = 1_000_000_000;

function slotLimit(config: ControllerConfig, { namespace }: LockKey): LimitAnswer {
  const limit = namespace === '' ? config.parallelism : config.namespaceParallelism;
  return { kind: 'Limit', limit: limit ?? UNLIMITED };
}

/** The places that a run of the namespace has to have, as the configuration is now. */
export function slotsOf(config: ControllerConfig, namespace: string): readonly LockKey[] {
  const slot = (of: string): LockKey => ({
    kind: 'Slot',
    namespace: of,
    name: 'workflows',
    key: '',
  });
  return [
    ...(config.parallelism === undefined ? [] : [slot('')]),
    ...(config.namespaceParallelism === undefined ? [] : [slot(namespace)]),
  ];
}

function isNamed(lock: LockKey, namespace: string, name: string): boolean {
  return lock.namespace === namespace && lock.name === name;
}

function syncKeyOf({ namespace, name }: LockKey): string {
  return syncLimitKey(namespace, name);
}

/** Argo's words for what is missing. */
async function configMapLimit(bus: Bus, lock: LockKey): Promise<LimitAnswer> {
  const { namespace, name, key } = lock;
  const bucket = await bus.keyValue(BUCKETS.resources);
  const entry = await bucket.get(resourceKey('ConfigMap', namespace, name));
  if (entry?.value === undefined) return missing(`configmaps "${name}" not found`);
  const configMap = JSON.parse(new TextDecoder().decode(entry.value)) as ConfigMap;
  const value = configMap.data?.[key];
  if (value === undefined) {
    return missing(`Sync configuration key '${key}' not found in ConfigMap`);
  }
  return limitOf(value);
}

async function syncLimit(bus: Bus, lock: LockKey): Promise<LimitAnswer> {
  const bucket = await bus.keyValue(BUCKETS.syncLimits);
  const entry = await bucket.get(syncKeyOf(lock));
  if (entry?.value === undefined) {
    const { namespace, name } = lock;
    return missing(`no sync limit "${name}" is set in namespace "${namespace}"`);
  }
  return limitOf(new TextDecoder().decode(entry.value));
}

function limitOf(text: string): LimitAnswer {
  const trimmed = text.trim();
  const limit = Number(trimmed);
  if (/^[+-]?\d+$/.test(trimmed) && Number.isSafeInteger(limit)) return { kind: 'Limit', limit };
  return missing(`the limit "${text}" is not a whole number`);
}

function missing(message: string): LimitAnswer {
  return { kind: 'Missing', message };
}
