import type { ResourceKind } from '../settings.ts';

/** A kind of object that this installation keeps. */
export interface KeptKind {
  readonly kind: string;
  readonly isCluster: boolean;
}

const ARGO = 'argoproj.io/v1alpha1';

/** By group, version and plural. Secrets are not among them: their values are nobody's event. */
const KINDS: Readonly<Record<string, KeptKind>> = {
  [`${ARGO}/workflows`]: { kind: 'Workflow', isCluster: false },
  [`${ARGO}/workflowtemplates`]: { kind: 'WorkflowTemplate', isCluster: false },
  [`${ARGO}/clusterworkflowtemplates`]: { kind: 'ClusterWorkflowTemplate', isCluster: true },
  [`${ARGO}/cronworkflows`]: { kind: 'CronWorkflow', isCluster: false },
  [`${ARGO}/workfloweventbindings`]: { kind: 'WorkflowEventBinding', isCluster: false },
  [`${ARGO}/eventsources`]: { kind: 'EventSource', isCluster: false },
  [`${ARGO}/sensors`]: { kind: 'Sensor', isCluster: false },
  [`${ARGO}/eventbus`]: { kind: 'EventBus', isCluster: false },
  '/v1/configmaps': { kind: 'ConfigMap', isCluster: false },
};

/** The kind that is meant, or undefined when it is not kept here. */
export function keptKindOf({ group, version, resource }: ResourceKind): KeptKind | undefined {
  const key = `${group}/${version}/${resource}`;
  return Object.hasOwn(KINDS, key) ? KINDS[key] : undefined;
}
