import type { ArtifactRepositoryRef, WorkflowLevelArtifactGC } from './artifact.ts';
import type { LifecycleHooks, Metrics, RetryStrategy, Synchronization } from './control.ts';
import type { IntOrString, JsonObject } from './json.ts';
import type {
  LabelSelector,
  LocalObjectReference,
  Metadata,
  ObjectMeta,
  PersistentVolumeClaim,
  ResourceRequirements,
  Toleration,
  Volume,
} from './kubernetes.ts';
import type { Arguments } from './parameter.ts';
import type { WorkflowStatus } from './status.ts';
import type { ExecutorConfig, Template } from './template.ts';

export interface Workflow {
  readonly apiVersion: 'argoproj.io/v1alpha1';
  readonly kind: 'Workflow';
  readonly metadata: ObjectMeta;
  readonly spec: WorkflowSpec;
  readonly status?: WorkflowStatus;
}

export interface WorkflowTemplate {
  readonly apiVersion: 'argoproj.io/v1alpha1';
  readonly kind: 'WorkflowTemplate';
  readonly metadata: ObjectMeta;
  readonly spec: WorkflowSpec;
}

export interface ClusterWorkflowTemplate {
  readonly apiVersion: 'argoproj.io/v1alpha1';
  readonly kind: 'ClusterWorkflowTemplate';
  readonly metadata: ObjectMeta;
  readonly spec: WorkflowSpec;
}

/** `Stop` still runs exit handlers, `Terminate` does not. */
export type ShutdownStrategy = '' | 'Stop' | 'Terminate';

export interface WorkflowSpec {
  readonly templates?: readonly Template[];
  readonly entrypoint?: string;
  readonly arguments?: Arguments;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly executor?: ExecutorConfig;
  readonly volumes?: readonly Volume[];
  readonly volumeClaimTemplates?: readonly PersistentVolumeClaim[];
  /** Most pods active at once. */
  readonly parallelism?: number;
  readonly artifactRepositoryRef?: ArtifactRepositoryRef;
  readonly suspend?: boolean;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: JsonObject;
  readonly tolerations?: readonly Toleration[];
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  readonly hostNetwork?: boolean;
  readonly dnsPolicy?: string;
  readonly dnsConfig?: JsonObject;
  readonly onExit?: string;
  readonly ttlStrategy?: TTLStrategy;
  /** Seconds from the start of the run; 0 is over at once. */
  readonly activeDeadlineSeconds?: number;
  readonly priority?: number;
  readonly schedulerName?: string;
  readonly podPriorityClassName?: string;
  readonly podGC?: PodGC;
  readonly hostAliases?: readonly JsonObject[];
  readonly securityContext?: JsonObject;
  readonly podSpecPatch?: string;
  readonly podDisruptionBudget?: JsonObject;
  readonly podResources?: ResourceRequirements;
  readonly resourceClaims?: readonly JsonObject[];
  readonly metrics?: Metrics;
  readonly shutdown?: ShutdownStrategy;
  readonly workflowTemplateRef?: WorkflowTemplateRef;
  readonly synchronization?: Synchronization;
  readonly volumeClaimGC?: VolumeClaimGC;
  readonly retryStrategy?: RetryStrategy;
  readonly podMetadata?: Metadata;
  readonly templateDefaults?: Template;
  readonly archiveLogs?: boolean;
  readonly hooks?: LifecycleHooks;
  readonly workflowMetadata?: WorkflowMetadata;
  readonly artifactGC?: WorkflowLevelArtifactGC;
  readonly executorPlugins?: readonly JsonObject[];
}

export interface WorkflowTemplateRef {
  readonly name?: string;
  readonly clusterScope?: boolean;
}

/** Seconds after the end at which the workflow is deleted. */
export interface TTLStrategy {
  readonly secondsAfterCompletion?: number;
  readonly secondsAfterSuccess?: number;
  readonly secondsAfterFailure?: number;
}

export type PodGCStrategy =
  '' | 'OnPodCompletion' | 'OnPodSuccess' | 'OnWorkflowCompletion' | 'OnWorkflowSuccess';

export interface PodGC {
  readonly strategy?: PodGCStrategy;
  readonly labelSelector?: LabelSelector;
  readonly deleteDelayDuration?: IntOrString;
}

export interface VolumeClaimGC {
  readonly strategy?: 'OnWorkflowCompletion' | 'OnWorkflowSuccess';
}

/** Labels and annotations put on the workflow itself. */
export interface WorkflowMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labelsFrom?: Readonly<Record<string, { readonly expression: string }>>;
}
