import type { Template } from '@argosy/model';
import type { LockRequest } from './locks/messages.ts';
import type { MemoCache, MemoEntry } from './memo.ts';
import type { MetricSample } from './metric.ts';

/** One leaf to run. Carries everything an executor needs; the executor asks nobody. */
export interface Task {
  /** `<uid>_<node index>_<attempt>`: unique for ever, one token of `[A-Za-z0-9_-]`. */
  readonly taskId: string;
  readonly uid: string;
  readonly namespace: string;
  readonly workflow: string;
  /** Argo's node id. */
  readonly nodeId: string;
  readonly nodeName: string;
  readonly displayName: string;
  readonly podName: string;
  readonly templateName: string;
  /** 0 for the first attempt of a retried leaf, and for one that is not retried. */
  readonly attempt: number;
  /** Every tag resolved; inputs carry values and artifact locations. */
  readonly template: Template;
  /** Something refers to `outputs.result` (or to all outputs) of this leaf. */
  readonly captureResult: boolean;
  /** The instant after which the task must be ended as failed. */
  readonly deadlineAtMs?: number;
  readonly priority: number;
}

/**
 * What the shell has to do, in order: a result must be remembered before the lock is given back. Each effect is
 * idempotent under its task id or instant.
 */
export type Effect =
  | { readonly kind: 'RunTask'; readonly task: Task }
  | {
      readonly kind: 'CancelTask';
      readonly taskId: string;
      readonly reason: 'Stop' | 'Terminate' | 'Deadline' | 'Daemon';
    }
  /**
   * Send a Tick at this instant, at once if it has passed, with the time it then is. It is the
   * earliest timer: a later WakeAt replaces an earlier one.
   */
  | { readonly kind: 'WakeAt'; readonly at: number }
  /** Ask for locks; the answer is a LocksReported. Asking again is harmless. */
  | { readonly kind: 'AcquireLocks'; readonly request: LockRequest }
  /** Give locks back, or give up waiting for them. Must not overtake the AcquireLocks of the same holder. */
  | { readonly kind: 'ReleaseLocks'; readonly holder: string }
  /** Look for a remembered result; the answer is a MemoReported. Age is the core's business. */
  | {
      readonly kind: 'LookUpMemo';
      readonly node: number;
      readonly cache: MemoCache;
      readonly key: string;
    }
  /** Remember a result under a key, instead of what is there. */
  | {
      readonly kind: 'SaveMemo';
      readonly cache: MemoCache;
      readonly key: string;
      readonly entry: MemoEntry;
    }
  /** Tell the metrics of a node, or of the run (node -1). Not owed again after a crash. */
  | {
      readonly kind: 'EmitMetrics';
      readonly node: number;
      readonly samples: readonly MetricSample[];
    };
