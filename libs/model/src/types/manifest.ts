import type { ConfigMap, Secret } from './config.ts';
import type { CronWorkflow } from './cron-workflow.ts';
import type { WorkflowEventBinding } from './event-binding.ts';
import type { EventBus, EventSource, Sensor } from './events.ts';
import type { ClusterWorkflowTemplate, Workflow, WorkflowTemplate } from './workflow.ts';

/** Every kind of manifest that is understood, told apart by `kind`. */
export type Manifest =
  | Workflow
  | WorkflowTemplate
  | ClusterWorkflowTemplate
  | CronWorkflow
  | WorkflowEventBinding
  | ConfigMap
  | Secret
  | EventSource
  | Sensor
  | EventBus;

export type ManifestKind = Manifest['kind'];

/** The manifest type of one kind. */
export type ManifestOf<Kind extends ManifestKind> = Extract<Manifest, { readonly kind: Kind }>;
