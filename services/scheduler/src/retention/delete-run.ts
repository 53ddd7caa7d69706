import { BUCKETS, factSubject, logFilter, runKey, snapshotSubject, STREAMS } from '@argosy/api';
import { ArgosyError, partitionOf } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { FoundRun } from '../summaries.ts';

/**
 * Removes a finished run: its logs, its history, and last its entry in the index, so that a removal that was cut
 * short is found and finished by whoever looks at the index next.
 * @returns false when the entry has changed since it was found: the run is to be looked at again.
 */
export async function deleteRun(
  bus: Bus,
  partitions: number,
  { summary, revision }: FoundRun,
): Promise<boolean> {
  const { uid, namespace, name } = summary;
  const key = runKey(namespace, name);
  const bucket = await bus.keyValue(BUCKETS.runs);
  const entry = await bucket.get(key);
  if (entry?.value === undefined || entry.revision !== revision) return false;
  await bus.purge(STREAMS.logs, logFilter(namespace, uid));
  const partition = partitionOf(uid, partitions);
  await bus.purge(STREAMS.snapshots, snapshotSubject(partition, uid));
  await bus.purge(STREAMS.facts, factSubject(partition, uid));
  try {
    await bucket.delete(key, revision);
    return true;
  } catch (thrown) {
    if (ArgosyError.fromUnknown(thrown).code === 'CONFLICT') return false;
    throw thrown;
  }
}
