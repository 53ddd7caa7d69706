import type { Parameter, Workflow, WorkflowSpec } from '@argosy/model';
import { omit } from '../objects.ts';

/** What a submission changes in the manifest; Argo's `submitOptions`. */
export interface SubmitOverrides {
  readonly name?: string;
  readonly generateName?: string;
  readonly entrypoint?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly priority?: number;
  /** RFC 3339. */
  readonly scheduledTime?: string;
}

/** Annotation under which Argo keeps the instant of a schedule. */
const SCHEDULED_TIME = 'workflows.argoproj.io/scheduled-time';

/** The manifest with the overrides in it. A name given wins over `generateName` and the reverse. */
export function withOverrides(workflow: Workflow, overrides: SubmitOverrides): Workflow {
  return {
    ...workflow,
    metadata: overriddenMetadata(workflow, overrides),
    spec: overriddenSpec(workflow.spec, overrides),
  };
}

function overriddenMetadata(workflow: Workflow, overrides: SubmitOverrides): Workflow['metadata'] {
  const { name, generateName, ...rest } = workflow.metadata;
  const scheduled =
    overrides.scheduledTime === undefined ? {} : { [SCHEDULED_TIME]: overrides.scheduledTime };
  const labels = { ...rest.labels, ...overrides.labels };
  const annotations = { ...rest.annotations, ...overrides.annotations, ...scheduled };
  return {
    ...rest,
    ...chosenName({ name, generateName }, overrides),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

interface Naming {
  readonly name?: string | undefined;
  readonly generateName?: string | undefined;
}

function chosenName(own: Naming, given: Naming): { name?: string; generateName?: string } {
  if (isSet(given.name)) return { name: given.name };
  if (isSet(given.generateName)) return { generateName: given.generateName };
  return {
    ...(isSet(own.name) ? { name: own.name } : {}),
    ...(isSet(own.generateName) ? { generateName: own.generateName } : {}),
  };
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function overriddenSpec(spec: WorkflowSpec, overrides: SubmitOverrides): WorkflowSpec {
  const { entrypoint, serviceAccount, priority } = overrides;
  const parameters = Object.entries(overrides.parameters ?? {});
  const withArguments =
    parameters.length === 0
      ? spec
      : {
          ...spec,
          arguments: {
            ...spec.arguments,
            parameters: overriddenParameters(spec.arguments?.parameters ?? [], parameters),
          },
        };
  return {
    ...withArguments,
    ...(isSet(entrypoint) ? { entrypoint } : {}),
    ...(isSet(serviceAccount) ? { serviceAccountName: serviceAccount } : {}),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Values given replace those of the same name, wherever these came from; others are added. */
export function overriddenParameters(
  own: readonly Parameter[],
  given: readonly (readonly [name: string, value: string])[],
): readonly Parameter[] {
  const values = new Map(given);
  const replaced = own.map((parameter) => {
    const value = values.get(parameter.name);
    if (value === undefined) return parameter;
    values.delete(parameter.name);
    return { ...omit(parameter, 'valueFrom'), value };
  });
  return [...replaced, ...Array.from(values, ([name, value]) => ({ name, value }))];
}
