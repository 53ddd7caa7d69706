import { partitionOf } from '@argosy/base';
import type { Workflow } from '@argosy/model';
import { preciseTimeText } from './times.ts';

/** One line about a run: what lists, counters and indexes need. Times are RFC 3339 text. */
export interface RunSummary {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Argo's workflow phase; empty before the start. */
  readonly phase: '' | 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Error';
  readonly message: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** From then on the run may be deleted; absent for one that is kept. */
  readonly deleteAt?: string;
  /** `N/M` leaves done. */
  readonly progress: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly entrypoint?: string;
  readonly suspended?: boolean;
  readonly priority?: number;
  /** Filled by the scheduler that owns the run. */
  readonly partition?: number;
}

/** What the summary of a run before its start is made of. */
export interface NewRun {
  readonly metadata: Workflow['metadata'];
  readonly spec?: Workflow['spec'];
}

/**
 * The summary that takes a run's name in the index, before its owner has begun it.
 * @param options Unix milliseconds of its creation; number of partitions of the installation
 */
export function summaryBeforeStart(
  { metadata, spec }: NewRun,
  options: { readonly atMs: number; readonly partitions: number },
): RunSummary {
  const { uid = '', name = '', namespace = '', labels = {}, annotations } = metadata;
  const { entrypoint, priority, suspend } = spec ?? {};
  return {
    uid,
    name,
    namespace,
    phase: '',
    message: '',
    createdAt: preciseTimeText(options.atMs),
    progress: '0/0',
    labels,
    ...(annotations === undefined ? {} : { annotations }),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(priority === undefined ? {} : { priority }),
    ...(suspend === undefined ? {} : { suspended: suspend }),
    partition: partitionOf(uid, options.partitions),
  };
}
