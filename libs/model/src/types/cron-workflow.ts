import type { ObjectMeta } from './kubernetes.ts';
import type { Condition } from './status.ts';
import type { WorkflowSpec } from './workflow.ts';

export interface CronWorkflow {
  readonly apiVersion: 'argoproj.io/v1alpha1';
  readonly kind: 'CronWorkflow';
  readonly metadata: ObjectMeta;
  readonly spec: CronWorkflowSpec;
  readonly status?: CronWorkflowStatus;
}

/** What to do at a tick while an earlier run is active. */
export type ConcurrencyPolicy = 'Allow' | 'Forbid' | 'Replace';

export interface CronWorkflowSpec {
  readonly workflowSpec: WorkflowSpec;
  readonly schedules?: readonly string[];
  readonly concurrencyPolicy?: ConcurrencyPolicy | '';
  readonly suspend?: boolean;
  readonly startingDeadlineSeconds?: number;
  readonly successfulJobsHistoryLimit?: number;
  readonly failedJobsHistoryLimit?: number;
  /** IANA name of the time zone of all schedules. */
  readonly timezone?: string;
  readonly workflowMetadata?: ObjectMeta;
  readonly stopStrategy?: { readonly expression: string };
  readonly when?: string;
}

export interface CronWorkflowStatus {
  readonly active?: readonly ObjectReference[];
  readonly lastScheduledTime?: string | null;
  readonly conditions?: readonly Condition[];
  readonly succeeded?: number;
  readonly failed?: number;
  readonly phase?: 'Active' | 'Stopped' | '';
}

export interface ObjectReference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
}
