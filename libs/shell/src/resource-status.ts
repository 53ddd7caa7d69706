import { ArgosyError } from '@argosy/base';
import type { KeyValueBucket } from '@argosy/bus';

/** One line of a resource's `status.conditions`. */
export interface ResourceCondition {
  readonly type: string;
  readonly ok: boolean;
  /** One word in CamelCase. */
  readonly reason: string;
  /** A sentence; empty when there is nothing to say. */
  readonly message: string;
}

interface StoredCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** Tries of the compare-and-set before it is left to the next change. */
const STATUS_TRIES_MAX = 5;

/**
 * Writes conditions into the status of a declared resource by compare-and-set; the manifest's other
 * fields stay. Nothing is written when nothing would change, so watchers are not woken for nothing.
 * @returns whether the status was written.
 * @throws ArgosyError CONFLICT when others keep writing the same key; UNAVAILABLE.
 */
export async function writeConditions(
  bucket: KeyValueBucket,
  key: string,
  conditions: readonly ResourceCondition[],
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const entry = await bucket.get(key);
    if (entry?.value === undefined) return false;
    const manifest = JSON.parse(new TextDecoder().decode(entry.value)) as Manifest;
    const known = manifest.status?.conditions ?? [];
    const now = new Date().toISOString();
    const wanted = conditions.map((condition) => merged(condition, known, now));
    if (JSON.stringify(wanted) === JSON.stringify(known)) return false;
    const next = { ...manifest, status: { ...manifest.status, conditions: wanted } };
    try {
      await bucket.update(key, new TextEncoder().encode(JSON.stringify(next)), entry.revision);
      return true;
    } catch (error) {
      const conflict = error instanceof ArgosyError && error.code === 'CONFLICT';
      if (!conflict || attempt >= STATUS_TRIES_MAX) throw error;
    }
  }
}

interface Manifest {
  readonly status?: { readonly conditions?: readonly StoredCondition[] };
}

/** The condition as stored; the time moves only when the outcome does. */
function merged(
  condition: ResourceCondition,
  known: readonly StoredCondition[],
  now: string,
): StoredCondition {
  const status = condition.ok ? 'True' : 'False';
  const before = known.find((other) => other.type === condition.type);
  return {
    type: condition.type,
    status,
    reason: condition.reason,
    message: condition.message,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : now,
  };
}
