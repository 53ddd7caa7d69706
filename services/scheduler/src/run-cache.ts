import { partitionOf } from '@argosy/base';
import { isFinished } from '@argosy/core-workflow';
import { FINISHED_RUNS_KEPT_MAX } from './config.ts';
import type { LoadedRun } from './run-log.ts';

/** Runs in memory: all live ones, and the latest finished ones for late commands. */
export interface RunCache {
  get(uid: string): LoadedRun | undefined;
  put(uid: string, run: LoadedRun): void;
  drop(uid: string): void;
  liveCount(): number;
  /** Live runs per partition. */
  liveByPartition(): ReadonlyMap<number, number>;
  /** Forgets all runs of a partition that another replica has now. */
  dropPartition(partition: number): void;
}

export function createRunCache(partitions: number, finishedMax = FINISHED_RUNS_KEPT_MAX): RunCache {
  const live = new Map<string, LoadedRun>();
  const finished = new Map<string, LoadedRun>();
  return {
    get: (uid) => live.get(uid) ?? finished.get(uid),
    put(uid, run) {
      if (!isFinished(run.state)) {
        finished.delete(uid);
        live.set(uid, run);
        return;
      }
      live.delete(uid);
      finished.delete(uid);
      finished.set(uid, run);
      const [oldest] = finished.keys();
      if (finished.size > finishedMax && oldest !== undefined) finished.delete(oldest);
    },
    drop(uid) {
      live.delete(uid);
      finished.delete(uid);
    },
    liveCount: () => live.size,
    liveByPartition() {
      const counts = new Map<number, number>();
      for (const uid of live.keys()) {
        const partition = partitionOf(uid, partitions);
        counts.set(partition, (counts.get(partition) ?? 0) + 1);
      }
      return counts;
    },
    dropPartition(partition) {
      const dropped = [...live.keys(), ...finished.keys()].filter(
        (uid) => partitionOf(uid, partitions) === partition,
      );
      for (const uid of dropped) {
        live.delete(uid);
        finished.delete(uid);
      }
    },
  };
}
