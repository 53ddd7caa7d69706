import type { Artifact, Template, Workflow, WorkflowSpec } from '@argosy/model';
import type { LockKey } from './locks/lock-key.ts';
import type { LockOutcome } from './locks/messages.ts';
import type { MemoOutcome } from './memo.ts';

/**
 * Everything a run needs to know from outside, fixed at its start. Prefetched by the caller, so that
 * the machine never has to ask anybody.
 */
export interface RunHeader {
  /** UUID text; names the run on the bus. */
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly createdAtMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** As submitted. */
  readonly manifest: Workflow;
  /** Effective: workflowTemplateRef and defaults merged, arguments overridden. */
  readonly spec: WorkflowSpec;
  /** Templates of other objects, under Argo's key: `namespaced/<object>/<template>`, `cluster/…`. */
  readonly storedTemplates: Readonly<Record<string, Template>>;
  /** The config maps that `valueFrom.configMapKeyRef` and locks name, by `namespace/name`. */
  readonly configMaps?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly creator?: string;
  /** Places among the runs at work, which this one has to have until its end: the installation limits them. */
  readonly slots?: readonly LockKey[];
  /** Instant for which a schedule started this run; becomes `workflow.scheduledTime`. */
  readonly scheduledTime?: string;
  /** How long this run will probably take, judged by an earlier one of the same template. */
  readonly estimatedDurationMs?: number;
  /**
   * Why the run can never start. It ends at once with this, so that whoever asked for it and was gone by then finds
   * out; its spec is empty.
   */
  readonly rejection?: { readonly phase: 'Failed' | 'Error'; readonly message: string };
}

/** What a person or another service asks of a run. Selectors are Argo's node field selectors. */
export type ControlCommand =
  | { readonly kind: 'Suspend' }
  | {
      readonly kind: 'Resume';
      readonly nodeFieldSelector?: string;
      /** Values of the supplied outputs of the resumed nodes. */
      readonly outputs?: Readonly<Record<string, string>>;
      /** Who resumed, for the node's message. */
      readonly by?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'Stop'; readonly message?: string; readonly nodeFieldSelector?: string }
  | { readonly kind: 'Terminate' }
  | {
      readonly kind: 'SetNode';
      readonly nodeFieldSelector: string;
      readonly outputs?: Readonly<Record<string, string>>;
      readonly phase?: 'Succeeded' | 'Failed' | 'Error' | 'Skipped' | 'Omitted';
      readonly message?: string;
    }
  | {
      readonly kind: 'Retry';
      readonly restartSuccessful?: boolean;
      readonly nodeFieldSelector?: string;
      readonly parameters?: Readonly<Record<string, string>>;
    };

/** What happened to a task, told by the executor that has it. Repeated reports are harmless. */
export interface TaskReport {
  readonly taskId: string;
  readonly kind: 'Started' | 'Progress' | 'Finished';
  /** Only when Finished; absent counts as Succeeded. */
  readonly phase?: 'Succeeded' | 'Failed' | 'Error';
  readonly message?: string;
  readonly exitCode?: number;
  /** Captured standard output, or the body of a response. */
  readonly result?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** With the locations where they were stored. */
  readonly artifacts?: readonly Artifact[];
  /** `N/M`. */
  readonly progress?: string;
  readonly executor?: string;
  readonly hostNodeName?: string;
  readonly podIP?: string;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
}

/** All that may happen to a run. `at` is the instant of it in milliseconds since the epoch. */
export type Input =
  | { readonly kind: 'Submit'; readonly at: number; readonly run: RunHeader }
  | { readonly kind: 'ReportTask'; readonly at: number; readonly report: TaskReport }
  | { readonly kind: 'Control'; readonly at: number; readonly command: ControlCommand }
  /** A timer is due: a deadline, the end of a suspension, the end of a backoff. */
  | { readonly kind: 'Tick'; readonly at: number }
  /** What became of the locks that a holder of this run asked for. */
  | {
      readonly kind: 'LocksReported';
      readonly at: number;
      readonly holder: string;
      readonly outcome: LockOutcome;
    }
  /** What a cache holds for a memoized node. */
  | {
      readonly kind: 'MemoReported';
      readonly at: number;
      readonly node: number;
      readonly outcome: MemoOutcome;
    }
  /** Nothing new; go on with what the last facts made possible. */
  | { readonly kind: 'Advance'; readonly at: number };
