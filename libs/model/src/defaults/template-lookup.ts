import type { ConfigMap } from '../types/config.ts';
import type { Manifest } from '../types/manifest.ts';
import type { ClusterWorkflowTemplate, WorkflowTemplate } from '../types/workflow.ts';

/**
 * What a workflow may refer to. Synchronous: the caller fetches beforehand all that
 * `referencedTemplates` names.
 */
export interface TemplateLookup {
  workflowTemplate(namespace: string, name: string): WorkflowTemplate | undefined;
  clusterWorkflowTemplate(name: string): ClusterWorkflowTemplate | undefined;
  configMap(namespace: string, name: string): ConfigMap | undefined;
  /** All of a namespace that are known; needed only when a reference holds a variable. */
  workflowTemplates?(namespace: string): Iterable<WorkflowTemplate>;
  clusterWorkflowTemplates?(): Iterable<ClusterWorkflowTemplate>;
  configMaps?(namespace: string): Iterable<ConfigMap>;
}

export const DEFAULT_NAMESPACE = 'default';

/**
 * A lookup over manifests at hand; those without namespace count as being in `namespace`. Of two
 * with the same kind and name the later one counts.
 */
export function createTemplateLookup(
  manifests: Iterable<Manifest>,
  namespace: string = DEFAULT_NAMESPACE,
): Required<TemplateLookup> {
  const templates = new Map<string, WorkflowTemplate>();
  const clusterTemplates = new Map<string, ClusterWorkflowTemplate>();
  const configMaps = new Map<string, ConfigMap>();
  for (const manifest of manifests) {
    const name = manifest.metadata.name ?? '';
    const key = `${manifest.metadata.namespace ?? namespace}/${name}`;
    if (manifest.kind === 'WorkflowTemplate') templates.set(key, manifest);
    if (manifest.kind === 'ClusterWorkflowTemplate') clusterTemplates.set(name, manifest);
    if (manifest.kind === 'ConfigMap') configMaps.set(key, manifest);
  }
  const ofNamespace = <Kind>(known: ReadonlyMap<string, Kind>, of: string): readonly Kind[] =>
    [...known].filter(([key]) => key.startsWith(`${of}/`)).map(([, found]) => found);
  return {
    workflowTemplate: (of, name) => templates.get(`${of}/${name}`),
    clusterWorkflowTemplate: (name) => clusterTemplates.get(name),
    configMap: (of, name) => configMaps.get(`${of}/${name}`),
    workflowTemplates: (of) => ofNamespace(templates, of),
    clusterWorkflowTemplates: () => clusterTemplates.values(),
    configMaps: (of) => ofNamespace(configMaps, of),
  };
}
