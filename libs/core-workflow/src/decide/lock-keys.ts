import { err, ok, type Result } from '@argosy/base';
import type { Mutex, SemaphoreRef, Synchronization } from '@argosy/model';
import type { LockKey } from '../locks/lock-key.ts';
import { renderTagged, type Tagged } from '../plan/tagged.ts';
import type { VariableScope } from '../scope/variables.ts';

/** The locks that a `synchronization` names, its variables resolved; without a namespace they lie in the run's. */
export function lockKeysOf(
  synchronization: Tagged,
  scope: VariableScope,
  namespace: string,
): Result<readonly LockKey[], string> {
  const rendered = renderTagged(synchronization, scope);
  if (!rendered.ok) return rendered;
  const { semaphores = [], mutexes = [] } = rendered.value as Synchronization;
  const keys: LockKey[] = [];
  for (const semaphore of semaphores) {
    const key = semaphoreKey(semaphore, namespace);
    if (!key.ok) return key;
    keys.push(key.value);
  }
  for (const mutex of mutexes) {
    const key = mutexKey(mutex, namespace);
    if (!key.ok) return key;
    keys.push(key.value);
  }
  return ok(keys);
}

function semaphoreKey(semaphore: SemaphoreRef, ofRun: string): Result<LockKey, string> {
  const { configMapKeyRef, database } = semaphore;
  const namespace = semaphore.namespace || ofRun;
  if (configMapKeyRef !== undefined && database !== undefined) {
    return invalid('a semaphore has either configMapKeyRef or database, not both');
  }
  if (configMapKeyRef !== undefined) {
    const { name = '', key } = configMapKeyRef;
    if (name === '' || key === '')
      return invalid("a semaphore's configMapKeyRef needs name and key");
    return ok({ kind: 'ConfigMap', namespace, name, key });
  }
  if (database === undefined) return invalid('a semaphore needs configMapKeyRef or database');
  if (database.key === '') return invalid("a semaphore's database needs a key");
  return ok({ kind: 'Database', namespace, name: database.key, key: '' });
}

function mutexKey(mutex: Mutex, ofRun: string): Result<LockKey, string> {
  const { name = '', database = false } = mutex;
  if (name === '') return invalid('a mutex needs a name');
  const namespace = mutex.namespace || ofRun;
  return ok({ kind: database ? 'DatabaseMutex' : 'Mutex', namespace, name, key: '' });
}

function invalid(problem: string): Result<never, string> {
  return err(`requested configuration is invalid: ${problem}`);
}
