import type { Template } from '@argosy/model';

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

/** What the shell has to do. Each is idempotent under its task id or instant. */
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
  | { readonly kind: 'WakeAt'; readonly at: number };
