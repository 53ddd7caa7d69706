import type { LockKey } from './lock-key.ts';

/** What a run, or one of its nodes, asks for: all of these locks together or none of them. */
export interface LockRequest {
  /** Names this one holding: no two requests that are not the same share it, not even after a manual retry. */
  readonly holder: string;
  readonly uid: string;
  readonly namespace: string;
  readonly workflow: string;
  /** Argo's node id; absent for the locks of the whole run. */
  readonly nodeId?: string;
  readonly locks: readonly LockKey[];
  /** Higher goes first. */
  readonly priority: number;
  /** When the run was created, in milliseconds since the epoch: the earlier goes first. */
  readonly createdAtMs: number;
}

/** What became of a request. */
export type LockOutcome =
  | { readonly kind: 'Granted' }
  | {
      readonly kind: 'Waiting';
      /** Argo's message for the Pending node or run. */
      readonly message: string;
      /** Name of the lock that is not to be had. */
      readonly lock: string;
      /** Who holds that lock, in Argo's form; at most `HELD_BY_MAX` of them. */
      readonly heldBy: readonly string[];
    }
  | { readonly kind: 'Refused'; readonly message: string };

/** All that may happen to the locks of an installation. `at` is milliseconds since the epoch. */
export type LockInput =
  /** Asked again, a holder is told its present outcome. */
  | { readonly kind: 'Acquire'; readonly at: number; readonly request: LockRequest }
  /** Gives back what a holder has, or takes it out of the queues. */
  | { readonly kind: 'Release'; readonly at: number; readonly holder: string }
  /** The same for all holders of a run, for runs that are deleted. */
  | { readonly kind: 'ReleaseRun'; readonly at: number; readonly uid: string }
  /** The limit of a semaphore as it now is; 0 and less count as missing, as in Argo. */
  | {
      readonly kind: 'LimitChanged';
      readonly at: number;
      readonly lock: LockKey;
      readonly limit: number;
    }
  /** There is no such limit: those who ask for it are refused with the reason. */
  | {
      readonly kind: 'LimitMissing';
      readonly at: number;
      readonly lock: LockKey;
      readonly message: string;
    }
  /** Nothing new; grant what the last facts made possible. */
  | { readonly kind: 'Advance'; readonly at: number };

/** What happened to the locks, in order. */
export type LockFact =
  /** All that was known is void; what follows describes the state anew. */
  | { readonly kind: 'LocksReset'; readonly at: number }
  | { readonly kind: 'LockRequested'; readonly at: number; readonly request: LockRequest }
  | { readonly kind: 'LockGranted'; readonly at: number; readonly holder: string }
  | {
      readonly kind: 'LockRefused';
      readonly at: number;
      readonly holder: string;
      readonly message: string;
    }
  | { readonly kind: 'LockReleased'; readonly at: number; readonly holder: string }
  | {
      readonly kind: 'LockLimitSet';
      readonly at: number;
      readonly lock: LockKey;
      /** 0 when there is none. */
      readonly limit: number;
      /** Why there is none; empty when there is one. */
      readonly message: string;
    };

/** What the shell has to do; all of it may be done twice. */
export type LockEffect =
  /** Tell the run. */
  | {
      readonly kind: 'ReportLocks';
      readonly uid: string;
      readonly holder: string;
      readonly outcome: LockOutcome;
    }
  /** Find the limit of a semaphore, answer with LimitChanged or LimitMissing, and tell of every later change. */
  | { readonly kind: 'LookUpLimit'; readonly lock: LockKey };
