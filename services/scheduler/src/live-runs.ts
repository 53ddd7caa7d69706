import { partitionOf } from '@argosy/base';
import type { KeyValueBucket } from '@argosy/bus';
import type { RunSummary } from '@argosy/core-workflow';
import type { IndexedRun } from './indexed-run.ts';

/** What the new owner of a partition has to take care of. */
export interface PartitionRuns {
  /** The uids of runs that are not finished, or whose tasks are still to be ended. */
  readonly live: readonly string[];
  /** Finished runs that are to be deleted at some time. */
  readonly expiring: readonly RunSummary[];
}

/** Finds the runs of a partition that are not done with, as the index has them. */
export interface LiveRuns {
  /**
   * From a reading of the index that begins after the call: a run that the partition's former owner began just before
   * is among them.
   */
  of(partition: number): Promise<PartitionRuns>;
}

interface Found {
  readonly live: string[];
  readonly expiring: RunSummary[];
}

/** Many partitions taken over at once share a reading: while one goes on, all who come wait for the next. */
export function createLiveRuns(
  bucket: KeyValueBucket,
  partitions: number,
  decode: (value: Uint8Array | undefined) => IndexedRun | undefined,
): LiveRuns {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<ReadonlyMap<number, Found>> | undefined;

  const read = async (): Promise<ReadonlyMap<number, Found>> => {
    const found = new Map<number, Found>();
    const abort = new AbortController();
    for await (const notice of bucket.watch('>', abort.signal)) {
      if (notice.kind === 'CaughtUp') break;
      const summary = decode(notice.entry.value);
      if (summary === undefined) continue;
      const isFinished = summary.finishedAt !== undefined;
      const isOwed = !isFinished || summary.cancelling === true;
      if (!isOwed && summary.deleteAt === undefined) continue;
      const partition = partitionOf(summary.uid, partitions);
      const runs = found.get(partition) ?? { live: [], expiring: [] };
      found.set(partition, runs);
      if (isFinished && summary.deleteAt !== undefined) runs.expiring.push(summary);
      if (isOwed) runs.live.push(summary.uid);
    }
    abort.abort();
    return found;
  };

  return {
    async of(partition) {
      next ??= current.then(() => {
        next = undefined;
        const reading = read();
        current = reading.catch(() => undefined);
        return reading;
      });
      return (await next).get(partition) ?? { live: [], expiring: [] };
    },
  };
}
