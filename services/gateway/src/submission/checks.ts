import { validateEventBus, validateEventSource, validateSensor } from '@argosy/core-events';
import {
  CONTROLLER_CONFIG_MAP,
  createTemplateLookup,
  locateProblems,
  parseControllerConfig,
  restrictionProblems,
  validateManifest,
  type ConfigMap,
  type ControllerConfig,
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
  /** The installation's configuration. */
  readonly config?: ControllerConfig;
}

/** Everything wrong in one manifest, with places in its text. */
export function checkManifest(parsed: ParsedManifest, context: CheckContext): readonly Problem[] {
  const { config = {} } = context;
  const options = {
    lookup: joinedLookup(context),
    ...(context.lint === undefined ? {} : { lint: context.lint }),
    ...(config.workflowDefaults === undefined ? {} : { defaults: config.workflowDefaults }),
  };
  const manifest = parsed.manifest;
  const problems = [
    ...nameProblems(manifest),
    ...(manifest.kind === 'Workflow'
      ? restrictionProblems(manifest, config.templateReferencing)
      : []),
    ...problemsOf(manifest, options),
  ];
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
    case 'Secret':
      return validateManifest(manifest, options);
    case 'ConfigMap':
      return configProblems(manifest);
  }
}

/** A configuration that cannot be read would be passed over by everybody, in silence. */
function configProblems(configMap: ConfigMap): readonly Problem[] {
  if (configMap.metadata.name !== CONTROLLER_CONFIG_MAP) return [];
  const read = parseControllerConfig(configMap);
  return read.ok ? [] : read.error;
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
