import type { ArtifactRepositoryRef } from './artifact.ts';
import type { JsonObject } from './json.ts';
import type { Volume } from './kubernetes.ts';
import type { Inputs, Outputs } from './parameter.ts';
import type { Template, TemplateRef } from './template.ts';
import type { WorkflowSpec } from './workflow.ts';

export type WorkflowPhase = '' | 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Error';

export type NodePhase =
  '' | 'Pending' | 'Running' | 'Succeeded' | 'Skipped' | 'Failed' | 'Error' | 'Omitted';

export type NodeType =
  | 'Pod'
  | 'Container'
  | 'Steps'
  | 'StepGroup'
  | 'DAG'
  | 'TaskGroup'
  | 'Retry'
  | 'Skipped'
  | 'Suspend'
  | 'HTTP'
  | 'Plugin';

/** `N/M`: N parts of M done. */
export type Progress = string;

/** Resource name → seconds of it used. */
export type ResourcesDuration = Readonly<Record<string, number>>;

export interface WorkflowStatus {
  readonly phase?: WorkflowPhase;
  readonly startedAt?: string | null;
  readonly finishedAt?: string | null;
  /** Seconds. */
  readonly estimatedDuration?: number;
  readonly progress?: Progress;
  readonly message?: string;
  readonly compressedNodes?: string;
  readonly nodes?: Readonly<Record<string, NodeStatus>>;
  readonly offloadNodeStatusVersion?: string;
  readonly storedTemplates?: Readonly<Record<string, Template>>;
  readonly persistentVolumeClaims?: readonly Volume[];
  readonly outputs?: Outputs;
  readonly conditions?: readonly Condition[];
  readonly resourcesDuration?: ResourcesDuration;
  readonly storedWorkflowTemplateSpec?: WorkflowSpec;
  readonly synchronization?: SynchronizationStatus;
  readonly artifactRepositoryRef?: ArtifactRepositoryRefStatus;
  readonly artifactGCStatus?: ArtifactGCStatus;
  readonly taskResultsCompletionStatus?: Readonly<Record<string, boolean>>;
}

export interface NodeStatus {
  readonly id: string;
  readonly name: string;
  readonly displayName?: string;
  readonly type: NodeType;
  readonly templateName?: string;
  readonly templateRef?: TemplateRef;
  /** `local/<workflow>`, `namespaced/<template>` or `cluster/<template>`. */
  readonly templateScope?: string;
  readonly phase?: NodePhase;
  readonly boundaryID?: string;
  readonly message?: string;
  readonly startedAt?: string | null;
  readonly finishedAt?: string | null;
  /** Seconds. */
  readonly estimatedDuration?: number;
  readonly progress?: Progress;
  readonly resourcesDuration?: ResourcesDuration;
  readonly podIP?: string;
  readonly daemoned?: boolean;
  readonly nodeFlag?: NodeFlag;
  readonly inputs?: Inputs;
  readonly outputs?: Outputs;
  readonly children?: readonly string[];
  readonly outboundNodes?: readonly string[];
  readonly hostNodeName?: string;
  readonly memoizationStatus?: MemoizationStatus;
  readonly synchronizationStatus?: NodeSynchronizationStatus;
  readonly taskResultSynced?: boolean;
  readonly restartingPodUID?: string;
  readonly failedPodRestarts?: number;
}

export interface NodeFlag {
  readonly hooked?: boolean;
  readonly retried?: boolean;
}

export interface MemoizationStatus {
  readonly hit: boolean;
  readonly key: string;
  readonly cacheName: string;
}

export interface NodeSynchronizationStatus {
  readonly waiting?: string;
}

export type ConditionType =
  | 'Completed'
  | 'PodRunning'
  | 'SpecWarning'
  | 'SpecError'
  | 'SubmissionError'
  | 'MetricsError'
  | 'ArtifactGCError';

export interface Condition {
  readonly type: ConditionType;
  readonly status?: 'True' | 'False' | 'Unknown';
  readonly message?: string;
}

export interface SynchronizationStatus {
  readonly semaphore?: {
    readonly holding?: readonly SemaphoreHolding[];
    readonly waiting?: readonly SemaphoreHolding[];
  };
  readonly mutex?: {
    readonly holding?: readonly MutexHolding[];
    readonly waiting?: readonly MutexHolding[];
  };
}

export interface SemaphoreHolding {
  readonly semaphore?: string;
  readonly holders?: readonly string[];
}

export interface MutexHolding {
  readonly mutex?: string;
  readonly holder?: string;
}

export interface ArtifactRepositoryRefStatus extends ArtifactRepositoryRef {
  readonly namespace?: string;
  readonly default?: boolean;
  readonly artifactRepository?: JsonObject;
}

export interface ArtifactGCStatus {
  readonly strategiesProcessed?: Readonly<Record<string, boolean>>;
  readonly podsRecouped?: Readonly<Record<string, boolean>>;
  readonly notSpecified?: boolean;
}
