import { err, ok, type Result } from '@argosy/base';
import type { Problem } from '../problem.ts';
import type { ConfigMap } from '../types/config.ts';
import type { LifecycleHooks } from '../types/control.ts';
import type { ObjectMeta } from '../types/kubernetes.ts';
import type { Workflow, WorkflowSpec } from '../types/workflow.ts';
import { hasVariable, parametersOfSpec, parametersOfTemplate } from './spec-walk.ts';
import { collectStoredTemplates, type StoredTemplates } from './stored-templates.ts';
import { strategicMerge } from './strategic-merge.ts';
import { applyTemplateDefaults } from './template-defaults.ts';
import { DEFAULT_NAMESPACE, type TemplateLookup } from './template-lookup.ts';

/** The installation's defaults for every workflow (`workflowDefaults` of Argo's controller). */
export interface WorkflowDefaults {
  readonly metadata?: Pick<ObjectMeta, 'labels' | 'annotations'>;
  readonly spec?: WorkflowSpec;
}

export interface ResolvedWorkflow {
  /**
   * What is really run: the workflow's spec over its template's over the installation's defaults.
   */
  readonly spec: WorkflowSpec;
  /**
   * The effective spec when it came from a WorkflowTemplate; a snapshot, later edits do not
   * matter.
   */
  readonly storedWorkflowTemplateSpec?: WorkflowSpec;
  readonly storedTemplates: StoredTemplates;
  /**
   * Data of the ConfigMaps that parameters take values from, by `namespace/name`, if they exist;
   * all known ones of the namespace when a parameter names its ConfigMap by a variable.
   */
  readonly configMaps: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The workflow's labels and annotations with those of `workflowMetadata` and defaults. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The effective spec of a workflow and everything it refers to. Problems name what is missing. An
 * argument of the workflow wins over the template's, even if that takes its value from elsewhere.
 */
export function resolveWorkflowSpec(
  workflow: Workflow,
  lookup: TemplateLookup,
  defaults: WorkflowDefaults = {},
): Result<ResolvedWorkflow, readonly Problem[]> {
  const namespace = workflow.metadata.namespace ?? DEFAULT_NAMESPACE;
  const base = templateSpec(workflow.spec, namespace, lookup);
  if (!base.ok) return base;
  const joined = joinSpecs(joinSpecs(defaults.spec ?? {}, base.value ?? {}), workflow.spec);
  const spec = withTemplateDefaults(joined);
  const storedTemplates = collectStoredTemplates(spec, namespace, lookup);
  if (!storedTemplates.ok) return storedTemplates;
  return ok({
    spec,
    ...(base.value === undefined ? {} : { storedWorkflowTemplateSpec: joined }),
    storedTemplates: storedTemplates.value,
    configMaps: configMapsOf(spec, storedTemplates.value, { namespace, lookup }),
    ...effectiveMetadata(workflow, spec, defaults),
  });
}

/**
 * The workflow with the installation's defaults written into it, as Argo's controller does: labels and
 * annotations always; the spec unless it comes from a template, under which the defaults belong.
 */
export function applyWorkflowDefaults(
  workflow: Workflow,
  defaults: WorkflowDefaults = {},
): Workflow {
  const { metadata } = workflow;
  const labels = { ...defaults.metadata?.labels, ...metadata.labels };
  const annotations = { ...defaults.metadata?.annotations, ...metadata.annotations };
  const isOwnSpec = workflow.spec.workflowTemplateRef === undefined;
  return {
    ...workflow,
    metadata: {
      ...metadata,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec:
      isOwnSpec && defaults.spec !== undefined
        ? joinSpecs(defaults.spec, workflow.spec)
        : workflow.spec,
  };
}

/** The spec with its `templateDefaults` put under each of its templates. */
export function withTemplateDefaults(spec: WorkflowSpec): WorkflowSpec {
  if (spec.templates === undefined || spec.templateDefaults === undefined) return spec;
  const templates = spec.templates.map((template) =>
    applyTemplateDefaults(template, spec.templateDefaults),
  );
  return { ...spec, templates };
}

/** The spec of the template that `workflowTemplateRef` names, if there is such a reference. */
export function templateSpec(
  spec: WorkflowSpec,
  namespace: string,
  lookup: TemplateLookup,
): Result<WorkflowSpec | undefined, readonly Problem[]> {
  const reference = spec.workflowTemplateRef;
  if (reference === undefined) return ok(undefined);
  const name = reference.name ?? '';
  const isCluster = reference.clusterScope === true;
  const source = isCluster
    ? lookup.clusterWorkflowTemplate(name)
    : lookup.workflowTemplate(namespace, name);
  if (source !== undefined) return ok(source.spec);
  const kind = isCluster ? 'ClusterWorkflowTemplate' : 'WorkflowTemplate';
  const place = isCluster ? '' : ` in namespace "${namespace}"`;
  const message = `${kind} "${name}" not found${place}: apply it first, or correct the name`;
  return err([{ message, path: 'spec.workflowTemplateRef.name', severity: 'error' }]);
}

/** Hooks are not merged with each other: of two with the same name the upper one counts. */
export function joinSpecs(base: WorkflowSpec, over: WorkflowSpec): WorkflowSpec {
  const { hooks: baseHooks, ...baseRest } = base;
  const { hooks: overHooks, ...overRest } = over;
  const merged: WorkflowSpec = strategicMerge(baseRest, overRest);
  if (baseHooks === undefined && overHooks === undefined) return merged;
  const hooks: LifecycleHooks = { ...baseHooks, ...overHooks };
  return { ...merged, hooks };
}

type ConfigMaps = ResolvedWorkflow['configMaps'];

function configMapsOf(
  spec: WorkflowSpec,
  stored: StoredTemplates,
  { namespace, lookup }: { readonly namespace: string; readonly lookup: TemplateLookup },
): ConfigMaps {
  const parameters = [
    ...parametersOfSpec(spec),
    ...Object.values(stored).flatMap((template) => [...parametersOfTemplate(template)]),
  ];
  const found: Record<string, ConfigMaps[string]> = {};
  for (const parameter of parameters) {
    const name = parameter.valueFrom?.configMapKeyRef?.name;
    for (const configMap of configMapsNamed(name, namespace, lookup)) {
      found[`${namespace}/${configMap.metadata.name ?? ''}`] = configMap.data ?? {};
    }
  }
  return found;
}

/** Which one a name with a variable means is known only while the workflow runs. */
function configMapsNamed(
  name: string | undefined,
  namespace: string,
  lookup: TemplateLookup,
): Iterable<ConfigMap> {
  if (name === undefined) return [];
  if (hasVariable(name)) return lookup.configMaps?.(namespace) ?? [];
  const configMap = lookup.configMap(namespace, name);
  return configMap === undefined ? [] : [configMap];
}

function effectiveMetadata(
  workflow: Workflow,
  spec: WorkflowSpec,
  defaults: WorkflowDefaults,
): Pick<ResolvedWorkflow, 'labels' | 'annotations'> {
  const { metadata } = workflow;
  const own = spec.workflowMetadata;
  return {
    labels: {
      ...defaults.metadata?.labels,
      ...metadata.labels,
      ...templateLabel(workflow.spec),
      ...own?.labels,
    },
    annotations: {
      ...defaults.metadata?.annotations,
      ...metadata.annotations,
      ...own?.annotations,
    },
  };
}

/** Argo's label that tells which template a workflow was made from. */
function templateLabel(spec: WorkflowSpec): Readonly<Record<string, string>> {
  const { name = '', clusterScope = false } = spec.workflowTemplateRef ?? {};
  if (name === '') return {};
  return clusterScope ? { [CLUSTER_TEMPLATE_LABEL]: name } : { [TEMPLATE_LABEL]: name };
}

export const TEMPLATE_LABEL = 'workflows.argoproj.io/workflow-template';
export const CLUSTER_TEMPLATE_LABEL = 'workflows.argoproj.io/cluster-workflow-template';
