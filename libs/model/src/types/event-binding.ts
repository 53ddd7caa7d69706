import type { ObjectMeta } from './kubernetes.ts';
import type { Arguments } from './parameter.ts';
import type { WorkflowTemplateRef } from './workflow.ts';

/** Submits a workflow when an event posted to the events endpoint matches. */
export interface WorkflowEventBinding {
  readonly apiVersion: 'argoproj.io/v1alpha1';
  readonly kind: 'WorkflowEventBinding';
  readonly metadata: ObjectMeta;
  readonly spec: WorkflowEventBindingSpec;
}

export interface WorkflowEventBindingSpec {
  readonly event: { readonly selector: string };
  readonly submit?: {
    readonly workflowTemplateRef: WorkflowTemplateRef;
    readonly metadata?: ObjectMeta;
    readonly arguments?: Arguments;
  };
}
