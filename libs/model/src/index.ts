export type {
  ArchiveStrategy,
  Artifact,
  ArtifactGC,
  ArtifactGCStrategy,
  ArtifactLocation,
  ArtifactLocationKind,
  ArtifactRepositoryRef,
  ArtifactoryArtifact,
  AzureArtifact,
  GCSArtifact,
  GitArtifact,
  HDFSArtifact,
  HTTPArtifact,
  OSSArtifact,
  PluginArtifact,
  RawArtifact,
  S3Artifact,
  WorkflowLevelArtifactGC,
} from './types/artifact.ts';
export type { ConfigMap, Secret } from './types/config.ts';
export type {
  Backoff,
  ContinueOn,
  Item,
  LifecycleHook,
  LifecycleHooks,
  Memoize,
  Metrics,
  Mutex,
  Prometheus,
  RetryPolicy,
  RetryStrategy,
  SemaphoreRef,
  Sequence,
  Synchronization,
} from './types/control.ts';
export type {
  ConcurrencyPolicy,
  CronWorkflow,
  CronWorkflowSpec,
  CronWorkflowStatus,
  ObjectReference,
} from './types/cron-workflow.ts';
export type { WorkflowEventBinding, WorkflowEventBindingSpec } from './types/event-binding.ts';
export type { EventBus, EventSource, EventSourceSpec, Sensor, SensorSpec } from './types/events.ts';
export type { IntOrString, Json, JsonObject } from './types/json.ts';
export type {
  ConfigMapKeySelector,
  ConfigMapVolumeSource,
  Container,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  HttpGetAction,
  KeyToPath,
  LabelSelector,
  LabelSelectorRequirement,
  LocalObjectReference,
  Metadata,
  ObjectMeta,
  OwnerReference,
  PersistentVolumeClaim,
  Probe,
  ResourceRequirements,
  SecretKeySelector,
  SecretVolumeSource,
  Toleration,
  Volume,
  VolumeMount,
} from './types/kubernetes.ts';
export type { Manifest, ManifestKind, ManifestOf } from './types/manifest.ts';
export type {
  Arguments,
  Inputs,
  Outputs,
  Parameter,
  SuppliedValueFrom,
  ValueFrom,
} from './types/parameter.ts';
export type {
  ArtifactGCStatus,
  ArtifactRepositoryRefStatus,
  Condition,
  ConditionType,
  MemoizationStatus,
  MutexHolding,
  NodeFlag,
  NodePhase,
  NodeStatus,
  NodeSynchronizationStatus,
  NodeType,
  Progress,
  ResourcesDuration,
  SemaphoreHolding,
  SynchronizationStatus,
  WorkflowPhase,
  WorkflowStatus,
} from './types/status.ts';
export type {
  ContainerNode,
  ContainerSetTemplate,
  DAGTask,
  DAGTemplate,
  DataTemplate,
  ExecutorConfig,
  HTTPHeader,
  HTTPTemplate,
  PluginTemplate,
  ResourceTemplate,
  ScriptTemplate,
  SuspendTemplate,
  Template,
  TemplateKind,
  TemplateRef,
  UserContainer,
  WorkflowStep,
} from './types/template.ts';
export type {
  ClusterWorkflowTemplate,
  PodGC,
  PodGCStrategy,
  ShutdownStrategy,
  TTLStrategy,
  VolumeClaimGC,
  Workflow,
  WorkflowMetadata,
  WorkflowSpec,
  WorkflowTemplate,
  WorkflowTemplateRef,
} from './types/workflow.ts';
export {
  referencedTemplates,
  REFERENCED_TEMPLATES_MAX,
  type TemplateReference,
} from './defaults/references.ts';
export { storedTemplateKey } from './defaults/spec-walk.ts';
export type { StoredTemplates } from './defaults/stored-templates.ts';
export { strategicMerge } from './defaults/strategic-merge.ts';
export { applyTemplateDefaults } from './defaults/template-defaults.ts';
export {
  createTemplateLookup,
  DEFAULT_NAMESPACE,
  type TemplateLookup,
} from './defaults/template-lookup.ts';
export {
  applyWorkflowDefaults,
  resolveWorkflowSpec,
  type ResolvedWorkflow,
  type WorkflowDefaults,
} from './defaults/workflow-spec.ts';
export {
  isManifestKind,
  parseManifests,
  type ParsedManifest,
  type ParsedManifests,
  type ParseOptions,
} from './parse/manifests.ts';
export {
  ALIAS_VALUES_MAX,
  MANIFEST_DEPTH_MAX,
  MANIFEST_LENGTH_MAX,
  PROBLEMS_MAX,
} from './parse/limits.ts';
export {
  formatPath,
  formatProblem,
  hasErrors,
  parsePath,
  type FieldPath,
  type Position,
  type Problem,
} from './problem.ts';
export { kindOf, kindsOf, TEMPLATE_KINDS } from './template-kinds.ts';
export {
  CRON_WORKFLOW_NAME_LENGTH_MAX,
  dnsLabelProblem,
  dnsSubdomainProblem,
  generateName,
  labelKeyProblem,
  labelValueProblem,
  nameSuffix,
  NAME_SUFFIX_ALPHABET,
  NAME_SUFFIX_LENGTH,
  WORKFLOW_NAME_LENGTH_MAX,
} from './kubernetes-names.ts';
export type { ValidateOptions } from './validate/context.ts';
export { validateCronWorkflow } from './validate/cron-workflow.ts';
export { dependsTerms, TASK_RESULTS, type DependsTerm } from './validate/depends.ts';
export { validateWorkflowEventBinding } from './validate/event-binding.ts';
export { locateProblems, validateManifest, validateParsed } from './validate/manifest.ts';
export { validateWorkflow, validateWorkflowTemplate } from './validate/workflow.ts';
export { convertManifests, type ConvertedText } from './convert/manifests.ts';
export { applySubmitOptions, type SubmitOptions } from './defaults/submission.ts';
export { CLUSTER_TEMPLATE_LABEL, TEMPLATE_LABEL } from './defaults/workflow-spec.ts';
export {
  CONTROLLER_CONFIG_MAP,
  parseControllerConfig,
  type ControllerConfig,
  type ImageCommand,
  type RetentionPolicy,
  type TemplateReferencing,
} from './configuration/controller-config.ts';
export { createConfigReader, type ConfigPlace } from './configuration/config-reader.ts';
export { restrictionProblems } from './configuration/restrictions.ts';
export {
  anyManifestJsonSchema,
  formatJsonSchema,
  isSchemaKind,
  manifestJsonSchema,
  SCHEMA_KINDS,
  type JsonSchema,
  type SchemaKind,
} from './json-schema/json-schema.ts';
export { yamlToJson } from './convert/yaml-to-json.ts';
