import type { Parameter } from '../types/parameter.ts';
import type { Workflow, WorkflowSpec } from '../types/workflow.ts';

/** What whoever submits a workflow may change about it. */
export interface SubmitOptions {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly entrypoint?: string;
  readonly name?: string;
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly serviceAccountName?: string;
  readonly priority?: number;
}

/**
 * The workflow with the changes. A parameter's value replaces the one in the manifest and whatever
 * source it had; parameters that the manifest does not declare are added.
 */
export function applySubmitOptions(workflow: Workflow, options: SubmitOptions): Workflow {
  const { name, generateName, labels, annotations } = options;
  const { metadata } = workflow;
  const named =
    name !== undefined ? { name } : generateName !== undefined ? { generateName } : undefined;
  const { name: ownName, generateName: ownGenerateName, ...unnamed } = metadata;
  const own = {
    ...(ownName === undefined ? {} : { name: ownName }),
    ...(ownGenerateName === undefined ? {} : { generateName: ownGenerateName }),
  };
  return {
    ...workflow,
    metadata: {
      ...unnamed,
      ...(named ?? own),
      ...(labels === undefined ? {} : { labels: { ...metadata.labels, ...labels } }),
      ...(annotations === undefined
        ? {}
        : { annotations: { ...metadata.annotations, ...annotations } }),
    },
    spec: withSubmittedSpec(workflow.spec, options),
  };
}

function withSubmittedSpec(spec: WorkflowSpec, options: SubmitOptions): WorkflowSpec {
  const { parameters, entrypoint, serviceAccountName, priority } = options;
  return {
    ...spec,
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    ...(priority === undefined ? {} : { priority }),
    ...(parameters === undefined
      ? {}
      : {
          arguments: {
            ...spec.arguments,
            parameters: withValues(spec.arguments?.parameters ?? [], parameters),
          },
        }),
  };
}

function withValues(
  declared: readonly Parameter[],
  values: Readonly<Record<string, string>>,
): readonly Parameter[] {
  const changed = declared.map((parameter): Parameter => {
    const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    if (value === undefined) return parameter;
    const kept = Object.entries(parameter).filter(([field]) => field !== 'valueFrom');
    return { ...Object.fromEntries(kept), name: parameter.name, value };
  });
  const known = new Set(declared.map(({ name }) => name));
  const added = Object.entries(values)
    .filter(([name]) => !known.has(name))
    .map(([name, value]) => ({ name, value }));
  return [...changed, ...added];
}
