import { CLUSTER_NAMESPACE } from '@argosy/api';
import type { Manifest, ManifestKind } from '@argosy/model';

/** Kinds that are declared, that is stored and followed; a Workflow is submitted instead. */
export type DeclaredKind = Exclude<ManifestKind, 'Workflow'>;

/** The manifest types of declared kinds. */
export type DeclaredManifest = Exclude<Manifest, { readonly kind: 'Workflow' }>;

/** Every declared kind, with the plural that Argo's clients know it by. */
export const DECLARED_KINDS: Readonly<Record<DeclaredKind, { readonly isCluster: boolean }>> = {
  WorkflowTemplate: { isCluster: false },
  ClusterWorkflowTemplate: { isCluster: true },
  CronWorkflow: { isCluster: false },
  WorkflowEventBinding: { isCluster: false },
  EventSource: { isCluster: false },
  Sensor: { isCluster: false },
  EventBus: { isCluster: false },
  ConfigMap: { isCluster: false },
  Secret: { isCluster: false },
};

export function isDeclaredKind(kind: string): kind is DeclaredKind {
  return Object.hasOwn(DECLARED_KINDS, kind);
}

/** Short names that people write. */
const ALIASES: Readonly<Record<string, DeclaredKind>> = {
  wftmpl: 'WorkflowTemplate',
  cwft: 'ClusterWorkflowTemplate',
  clusterwftmpl: 'ClusterWorkflowTemplate',
  cronwf: 'CronWorkflow',
  wfeb: 'WorkflowEventBinding',
  es: 'EventSource',
  sn: 'Sensor',
  eb: 'EventBus',
  cm: 'ConfigMap',
};

/** The kind that a text names, in any case, singular, plural or short; undefined when none. */
export function declaredKindOf(text: string): DeclaredKind | undefined {
  const wanted = text.toLowerCase().replaceAll('-', '');
  const alias = ALIASES[wanted];
  if (alias !== undefined) return alias;
  return Object.keys(DECLARED_KINDS)
    .filter(isDeclaredKind)
    .find((kind) => {
      const name = kind.toLowerCase();
      return wanted === name || wanted === `${name}s` || wanted === `${name}es`;
    });
}

/** The namespace part of the key under which an object of the kind is stored. */
export function storedNamespace(kind: DeclaredKind, namespace: string): string {
  return DECLARED_KINDS[kind].isCluster ? CLUSTER_NAMESPACE : namespace;
}
