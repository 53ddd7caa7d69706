import { partitionOf } from '@argosy/base';
import type { KeyValueBucket } from '@argosy/bus';
import type { RunSummary } from '@argosy/core-workflow';

/** Finds the runs that are not finished, as the index has them. */
export interface LiveRuns {
  /**
   * The runs of a partition, from a reading of the index that begins after the call: a run that the partition's
   * former owner began just before is among them.
   */
  of(partition: number): Promise<readonly string[]>;
}

/** Many partitions taken over at once share a reading: while one goes on, all who come wait for the next. */
export function createLiveRuns(
  bucket: KeyValueBucket,
  partitions: number,
  decode: (value: Uint8Array | undefined) => RunSummary | undefined,
): LiveRuns {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<ReadonlyMap<number, readonly string[]>> | undefined;

  const read = async (): Promise<ReadonlyMap<number, readonly string[]>> => {
    const found = new Map<number, string[]>();
    const abort = new AbortController();
    for await (const notice of bucket.watch('>', abort.signal)) {
      if (notice.kind === 'CaughtUp') break;
      const summary = decode(notice.entry.value);
      if (summary === undefined || summary.finishedAt !== undefined) continue;
      const partition = partitionOf(summary.uid, partitions);
      const uids = found.get(partition) ?? [];
      found.set(partition, uids);
      uids.push(summary.uid);
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
      return (await next).get(partition) ?? [];
    },
  };
}
