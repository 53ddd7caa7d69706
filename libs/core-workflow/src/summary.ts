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
