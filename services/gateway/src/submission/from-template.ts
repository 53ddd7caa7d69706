import { ArgosyError, timeText } from '@argosy/base';
import { bareWorkflow } from '@argosy/core-workflow';
import type { CronWorkflow, Workflow, WorkflowSpec } from '@argosy/model';
import { declaredKindOf } from '../resources/kinds.ts';
import type { Registry } from '../resources/registry.ts';

export { workflowAgain } from '@argosy/core-workflow';

/** Labels by which Argo tells where a run came from. */
const LABELS = {
  WorkflowTemplate: 'workflows.argoproj.io/workflow-template',
  ClusterWorkflowTemplate: 'workflows.argoproj.io/cluster-workflow-template',
} as const;

/**
 * A Workflow that runs a declared object.
 * @throws ArgosyError INVALID_ARGUMENT for a kind that cannot be run; NOT_FOUND.
 */
export async function workflowFrom(
  registry: Registry,
  source: { readonly kind: string; readonly namespace: string; readonly name: string },
): Promise<Workflow> {
  const kind = declaredKindOf(source.kind);
  const { namespace, name } = source;
  if (kind === 'WorkflowTemplate' || kind === 'ClusterWorkflowTemplate') {
    await registry.get({ kind, namespace, name });
    const isCluster = kind === 'ClusterWorkflowTemplate';
    const reference = { name, ...(isCluster ? { clusterScope: true } : {}) };
    return workflowOf(kind, { namespace, name }, { workflowTemplateRef: reference });
  }
  if (kind === 'CronWorkflow') {
    const { manifest } = await registry.get({ kind, namespace, name });
    const bare = bareWorkflow(manifest as CronWorkflow, timeText(Date.now()));
    return { ...bare, metadata: { ...bare.metadata, generateName: `${name}-`, namespace } };
  }
  const message =
    `A run cannot be made from the kind "${source.kind}"; ` +
    'use WorkflowTemplate, ClusterWorkflowTemplate or CronWorkflow.';
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

function workflowOf(
  kind: keyof typeof LABELS,
  origin: {
    readonly namespace: string;
    readonly name: string;
  },
  spec: WorkflowSpec,
): Workflow {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      generateName: `${origin.name}-`,
      namespace: origin.namespace,
      labels: { [LABELS[kind]]: origin.name },
    },
    spec,
  };
}
