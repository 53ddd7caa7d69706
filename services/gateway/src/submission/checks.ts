import { validateEventBus, validateEventSource, validateSensor } from '@argosy/core-events';
import {
  createTemplateLookup,
  locateProblems,
  validateManifest,
  type Manifest,
  type ParsedManifest,
  type Problem,
  type TemplateLookup,
  type ValidateOptions,
} from '@argosy/model';
import { nameProblems } from './name-problems.ts';

export interface CheckContext {
  /** What is declared already. */
  readonly lookup: TemplateLookup;
  /** Manifests that come together with the checked one, which may refer to them. */
  readonly beside?: readonly Manifest[];
  /** Also what is only doubtful. */
  readonly lint?: boolean;
}

/** Everything wrong in one manifest, with places in its text. */
export function checkManifest(parsed: ParsedManifest, context: CheckContext): readonly Problem[] {
  const lookup = joinedLookup(context);
  const options = { lookup, ...(context.lint === undefined ? {} : { lint: context.lint }) };
  const problems = [...nameProblems(parsed.manifest), ...problemsOf(parsed.manifest, options)];
  return locateProblems(problems, parsed);
}

function problemsOf(manifest: Manifest, options: ValidateOptions): readonly Problem[] {
  switch (manifest.kind) {
    case 'EventSource':
      return validateEventSource(manifest);
    case 'Sensor':
      return validateSensor(manifest);
    case 'EventBus':
      return validateEventBus(manifest);
    case 'Workflow':
    case 'WorkflowTemplate':
    case 'ClusterWorkflowTemplate':
    case 'CronWorkflow':
    case 'WorkflowEventBinding':
    case 'ConfigMap':
    case 'Secret':
      return validateManifest(manifest, options);
  }
}

function joinedLookup({ lookup, beside = [] }: CheckContext): TemplateLookup {
  if (beside.length === 0) return lookup;
  const near = createTemplateLookup(beside);
  return {
    workflowTemplate: (namespace, name) =>
      near.workflowTemplate(namespace, name) ?? lookup.workflowTemplate(namespace, name),
    clusterWorkflowTemplate: (name) =>
      near.clusterWorkflowTemplate(name) ?? lookup.clusterWorkflowTemplate(name),
    configMap: (namespace, name) =>
      near.configMap(namespace, name) ?? lookup.configMap(namespace, name),
    workflowTemplates: (namespace) => [
      ...near.workflowTemplates(namespace),
      ...(lookup.workflowTemplates?.(namespace) ?? []),
    ],
    clusterWorkflowTemplates: () => [
      ...near.clusterWorkflowTemplates(),
      ...(lookup.clusterWorkflowTemplates?.() ?? []),
    ],
    configMaps: (namespace) => [
      ...near.configMaps(namespace),
      ...(lookup.configMaps?.(namespace) ?? []),
    ],
  };
}
