import { ArgosyError } from '@argosy/base';
import type { KeptObject, ObjectReference } from '@argosy/shell';
import type { TriggerEnvironment } from '../triggers/trigger.ts';

/** Kept objects in memory, by `kind/namespace/name`. */
export type MemoryObjects = TriggerEnvironment['objects'] & {
  readonly all: ReadonlyMap<string, KeptObject>;
};

export function memoryObjects(...given: readonly KeptObject[]): MemoryObjects {
  const all = new Map(given.map((object) => [keyOf(referenceTo(object)), object]));
  return {
    all,
    get: (reference) => Promise.resolve(all.get(keyOf(reference))),
    apply(object) {
      all.set(keyOf(referenceTo(object)), object);
      return Promise.resolve(object);
    },
    delete(reference) {
      if (all.delete(keyOf(reference))) return Promise.resolve();
      return Promise.reject(new ArgosyError('NOT_FOUND', `there is no ${keyOf(reference)}`));
    },
  };
}

function referenceTo({ kind, metadata }: KeptObject): ObjectReference {
  return { kind, namespace: String(metadata['namespace']), name: String(metadata['name']) };
}

function keyOf({ kind, namespace, name }: ObjectReference): string {
  return `${kind}/${namespace}/${name}`;
}
