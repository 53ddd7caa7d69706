import {
  createTemplateLookup,
  parsePath,
  validateCronWorkflow,
  validateWorkflow,
  validateWorkflowTemplate,
  type Manifest,
  type ParsedManifest,
  type Problem,
  type TemplateLookup,
} from '@argosy/model';

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
  return problemsOf(parsed.manifest, options).map((problem) => located(parsed, problem));
}

function problemsOf(
  manifest: Manifest,
  options: { readonly lookup: TemplateLookup; readonly lint?: boolean },
): readonly Problem[] {
  switch (manifest.kind) {
    case 'Workflow':
      return validateWorkflow(manifest, options);
    case 'WorkflowTemplate':
    case 'ClusterWorkflowTemplate':
      return validateWorkflowTemplate(manifest, options);
    case 'CronWorkflow':
      return validateCronWorkflow(manifest, options);
    // These have rules of their own, which their services report in the object's status.
    case 'WorkflowEventBinding':
    case 'ConfigMap':
    case 'Secret':
    case 'EventSource':
    case 'Sensor':
    case 'EventBus':
      return [];
  }
}

function located(parsed: ParsedManifest, problem: Problem): Problem {
  if (problem.line !== undefined) return problem;
  const place = parsed.locate(parsePath(problem.path));
  return { ...problem, ...(parsed.file === undefined ? {} : { file: parsed.file }), ...place };
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
  };
}
