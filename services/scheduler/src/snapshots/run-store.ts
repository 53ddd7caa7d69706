import type { Bus } from '@argosy/bus';
import type { Logger } from '@argosy/telemetry';
import { createKeyedQueue, type KeyedQueue } from '../keyed-queue.ts';
import { createRunCache, type RunCache } from '../run-cache.ts';
import { createRunLog, type RunLog } from '../run-log.ts';
import { createSnapshotStore } from './snapshot-store.ts';
import { createSnapshotter, type Snapshotter } from './snapshotter.ts';

/** Where the runs of a scheduler are: in memory, in their logs, in snapshots; and who may change which one now. */
export interface RunStore {
  readonly log: RunLog;
  readonly cache: RunCache;
  readonly queue: KeyedQueue;
  readonly snapshotter: Snapshotter;
}

export function createRunStore(bus: Bus, partitions: number, logger: Logger): RunStore {
  const store = createSnapshotStore(bus, partitions, logger);
  const cache = createRunCache(partitions);
  const queue = createKeyedQueue();
  return {
    log: createRunLog(bus, partitions, store),
    cache,
    queue,
    snapshotter: createSnapshotter({ store, cache, queue, logger }),
  };
}
