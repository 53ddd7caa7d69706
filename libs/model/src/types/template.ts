import type { ArtifactLocation } from './artifact.ts';
import type {
  ContinueOn,
  Item,
  LifecycleHooks,
  Memoize,
  Metrics,
  RetryStrategy,
  Sequence,
  Synchronization,
} from './control.ts';
import type { IntOrString, Json, JsonObject } from './json.ts';
import type {
  ConfigMapKeySelector,
  Container,
  Metadata,
  ResourceRequirements,
  SecretKeySelector,
  Toleration,
  Volume,
  VolumeMount,
} from './kubernetes.ts';
import type { Arguments, Inputs, Outputs } from './parameter.ts';

/** Names a template of a WorkflowTemplate, or of a ClusterWorkflowTemplate when `clusterScope`. */
export interface TemplateRef {
  readonly name?: string;
  readonly template?: string;
  readonly clusterScope?: boolean;
}

/** The kinds of template; exactly one of these fields is set on a Template. */
export type TemplateKind =
  | 'container'
  | 'containerSet'
  | 'script'
  | 'resource'
  | 'dag'
  | 'steps'
  | 'suspend'
  | 'data'
  | 'http'
  | 'plugin';

export interface Template {
  readonly name?: string;
  readonly inputs?: Inputs;
  readonly outputs?: Outputs;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: JsonObject;
  readonly metadata?: Metadata;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly daemon?: boolean;
  /** Groups run one after the other; the steps of a group run together. */
  readonly steps?: readonly (readonly WorkflowStep[])[];
  readonly container?: Container;
  readonly containerSet?: ContainerSetTemplate;
  readonly script?: ScriptTemplate;
  readonly resource?: ResourceTemplate;
  readonly dag?: DAGTemplate;
  readonly suspend?: SuspendTemplate;
  readonly data?: DataTemplate;
  readonly http?: HTTPTemplate;
  readonly plugin?: PluginTemplate;
  readonly volumes?: readonly Volume[];
  readonly initContainers?: readonly UserContainer[];
  readonly sidecars?: readonly UserContainer[];
  readonly archiveLocation?: ArtifactLocation;
  /** Seconds; text may hold variables. */
  readonly activeDeadlineSeconds?: IntOrString;
  readonly retryStrategy?: RetryStrategy;
  readonly parallelism?: number;
  readonly failFast?: boolean;
  readonly tolerations?: readonly Toleration[];
  readonly schedulerName?: string;
  readonly priorityClassName?: string;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly executor?: ExecutorConfig;
  readonly hostAliases?: readonly JsonObject[];
  readonly securityContext?: JsonObject;
  readonly podSpecPatch?: string;
  readonly podResources?: ResourceRequirements;
  readonly resourceClaims?: readonly JsonObject[];
  readonly metrics?: Metrics;
  readonly synchronization?: Synchronization;
  readonly memoize?: Memoize;
  /** Duration text, may hold variables. */
  readonly timeout?: string;
  readonly pendingTimeout?: string;
}

export interface ExecutorConfig {
  readonly serviceAccountName?: string;
}

/** One step of a `steps` template; one of template, templateRef and inline is set. */
export interface WorkflowStep {
  readonly name?: string;
  readonly template?: string;
  readonly inline?: Template;
  readonly arguments?: Arguments;
  readonly templateRef?: TemplateRef;
  readonly withItems?: readonly Item[];
  readonly withParam?: string;
  readonly withSequence?: Sequence;
  readonly when?: string;
  readonly continueOn?: ContinueOn;
  readonly onExit?: string;
  readonly hooks?: LifecycleHooks;
}

export interface DAGTemplate {
  /** Names of the tasks to reach, blank-separated; absent = all leaves. */
  readonly target?: string;
  readonly tasks: readonly DAGTask[];
  readonly failFast?: boolean;
}

/** One task of a `dag` template. */
export interface DAGTask {
  readonly name: string;
  readonly template?: string;
  readonly inline?: Template;
  readonly arguments?: Arguments;
  readonly templateRef?: TemplateRef;
  readonly dependencies?: readonly string[];
  readonly withItems?: readonly Item[];
  readonly withParam?: string;
  readonly withSequence?: Sequence;
  readonly when?: string;
  readonly continueOn?: ContinueOn;
  readonly onExit?: string;
  readonly depends?: string;
  readonly hooks?: LifecycleHooks;
}

export interface ScriptTemplate extends Container {
  readonly source?: string;
}

/** A sidecar or init container. */
export interface UserContainer extends Container {
  readonly mirrorVolumeMounts?: boolean;
}

export interface ContainerSetTemplate {
  readonly containers: readonly ContainerNode[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly retryStrategy?: { readonly duration?: string; readonly retries?: IntOrString };
}

export interface ContainerNode extends Container {
  readonly dependencies?: readonly string[];
}

export interface ResourceTemplate {
  readonly action: string;
  readonly mergeStrategy?: string;
  readonly manifest?: string;
  readonly manifestFrom?: { readonly artifact?: JsonObject };
  readonly setOwnerReference?: boolean;
  readonly successCondition?: string;
  readonly failureCondition?: string;
  readonly flags?: readonly string[];
}

export interface SuspendTemplate {
  /** Duration text; resumes by itself when it is over. */
  readonly duration?: string;
}

export interface HTTPTemplate {
  readonly url: string;
  readonly method?: string;
  readonly headers?: readonly HTTPHeader[];
  readonly timeoutSeconds?: number;
  readonly successCondition?: string;
  readonly body?: string;
  readonly bodyFrom?: { readonly bytes?: string };
  readonly insecureSkipVerify?: boolean;
}

export interface HTTPHeader {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: SecretKeySelector;
    readonly configMapKeyRef?: ConfigMapKeySelector;
  };
}

export interface DataTemplate {
  readonly source: { readonly artifactPaths?: JsonObject };
  readonly transformation: readonly { readonly expression: string }[];
}

/** The single key names the plugin; its value is the plugin's own. */
export type PluginTemplate = { readonly [pluginName: string]: Json };
