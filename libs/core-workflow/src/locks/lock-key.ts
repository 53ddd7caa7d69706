/**
 * One lock of the installation. Mutexes let one holder in; the limit of the others comes from outside: from a key of
 * a ConfigMap, or from a limit that was set by the sync API (Argo's database locks). A slot is a place among the runs
 * that may be at work at once; its limit is the installation's configuration.
 */
export interface LockKey {
  readonly kind: 'Mutex' | 'DatabaseMutex' | 'ConfigMap' | 'Database' | 'Slot';
  /** Of a slot empty, when it is one of the whole installation. */
  readonly namespace: string;
  /** Name of the mutex, name of the ConfigMap, or key of the limit. */
  readonly name: string;
  /** Key in the ConfigMap; empty for the other kinds. */
  readonly key: string;
}

/** Whether the lock lets one holder in, whatever the installation says. */
export function isMutex({ kind }: LockKey): boolean {
  return kind === 'Mutex' || kind === 'DatabaseMutex';
}

/** The lock's name as Argo shows it: `<ns>/Mutex/<name>`, `<ns>/ConfigMap/<name>/<key>`, `<ns>/Database/<key>`. */
export function lockName(lock: LockKey): string {
  const { kind, namespace, name, key } = lock;
  if (kind === 'ConfigMap') return `${namespace}/ConfigMap/${name}/${key}`;
  if (kind === 'Slot') return `${namespace}/Slot/${name}`;
  return `${namespace}/${kind === 'Mutex' ? 'Mutex' : 'Database'}/${name}`;
}

/** What tells locks apart: a mutex and a semaphore of the sync API may share Argo's name. */
export function lockId(lock: LockKey): string {
  return `${isMutex(lock) ? 'mutex' : 'semaphore'}:${lockName(lock)}`;
}

/** Argo's words for a run that waits for others to end. */
const POSTPONED =
  'Workflow processing has been postponed because too many workflows are already running';

/** Why a node or run is Pending, in Argo's words; database locks count holders, the others free places. */
export function waitingMessage(
  lock: LockKey,
  places: { readonly limit: number; readonly held: number },
): string {
  const { limit, held } = places;
  if (lock.kind === 'Slot') return POSTPONED;
  if (lock.kind === 'Database' || lock.kind === 'DatabaseMutex') {
    const key = `${lock.namespace}/${lock.name}`;
    return `Waiting for ${lockName(lock)} lock (${key}). Lock status: ${held}/${limit}`;
  }
  return `Waiting for ${lockName(lock)} lock. Lock status: ${limit - held}/${limit}`;
}
