import type { ObjectMeta } from '../types/kubernetes.ts';
import type { WorkflowSpec } from '../types/workflow.ts';
import type { VariableScope } from './scope.ts';

/** Variables that every template of a workflow knows. */
export function addGlobalVariables(
  scope: VariableScope,
  metadata: ObjectMeta,
  spec: WorkflowSpec,
): void {
  for (const field of [
    'name',
    'namespace',
    'mainEntrypoint',
    'serviceAccountName',
    'uid',
    'creationTimestamp',
    'priority',
    'duration',
    'scheduledTime',
    'parameters',
    'parameters.json',
    'annotations',
    'annotations.json',
    'labels',
    'labels.json',
  ]) {
    scope.add(`workflow.${field}`);
  }
  for (const { name } of spec.arguments?.parameters ?? []) scope.add(`workflow.parameters.${name}`);
  const own = spec.workflowMetadata;
  addKeys(scope, 'workflow.labels.', metadata.labels, own?.labels, own?.labelsFrom);
  addKeys(scope, 'workflow.annotations.', metadata.annotations, own?.annotations);
}

/** Variables known once the workflow's main part is over. */
export function addExitVariables(scope: VariableScope): void {
  scope.add('workflow.status', 'workflow.failures');
}

function addKeys(
  scope: VariableScope,
  prefix: string,
  ...maps: readonly (Readonly<Record<string, unknown>> | undefined)[]
): void {
  for (const map of maps) for (const key of Object.keys(map ?? {})) scope.add(prefix + key);
}
