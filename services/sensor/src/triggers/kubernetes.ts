import { ArgosyError, err, ok, type Result } from '@argosy/base';
import { nameOfFiring } from '@argosy/core-events';
import type { KeptObject, ObjectReference } from '@argosy/shell';
import { outcomeOfBusError } from './bus-outcome.ts';
import { textOf } from './call-settings.ts';
import { judgedByLabels } from './label-policy.ts';
import { merged } from './merge.ts';
import { sourceProblems, sourceText } from './resource-source.ts';
import { parseSubmitArguments } from './submit-arguments.ts';
import { firingLabels, submitWorkflow } from './submit-workflow.ts';
import {
  isRecord,
  type TriggerCall,
  type TriggerEnvironment,
  type TriggerKind,
  type TriggerOutcome,
} from './trigger.ts';

const OPERATIONS = ['create', 'update', 'patch', 'delete'];
const MERGE_PATCH = 'application/merge-patch+json';
/** The kinds that are kept; a Workflow is submitted. */
const KINDS = [
  'Workflow',
  'WorkflowTemplate',
  'ClusterWorkflowTemplate',
  'CronWorkflow',
  'WorkflowEventBinding',
  'EventSource',
  'Sensor',
  'EventBus',
  'ConfigMap',
  'Secret',
];

type Scope = { readonly call: TriggerCall; readonly environment: TriggerEnvironment };

/**
 * The `k8s` trigger for the kinds of objects that are kept here; all others need a cluster and are refused.
 * Creating a Workflow is submitting it.
 */
export const kubernetesTrigger: TriggerKind = {
  kind: 'k8s',
  problems(settings) {
    const problems = [...sourceProblems(settings['source'])];
    const { operation, patchStrategy, source } = settings;
    if (isSet(operation) && !OPERATIONS.includes(String(operation))) {
      problems.push(`operation: "${String(operation)}" is not one of ${OPERATIONS.join(', ')}`);
    }
    if (isSet(patchStrategy) && patchStrategy !== MERGE_PATCH) {
      problems.push(`patchStrategy: ${String(patchStrategy)} needs a cluster; use ${MERGE_PATCH}`);
    }
    const resource = isRecord(source) ? source['resource'] : undefined;
    if (isRecord(resource) && !KINDS.includes(String(resource['kind']))) {
      problems.push(`source.resource: ${unknownKind(resource['kind'])}`);
    }
    return problems;
  },
  async run(call, environment) {
    const scope = { call, environment };
    try {
      const object = await wantedObject(scope);
      return object.ok ? await perform(object.value, scope) : object.error;
    } catch (error) {
      return outcomeOfBusError(error);
    }
  },
};

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function refused(reason: string): TriggerOutcome {
  return { kind: 'Refused', reason };
}

function unknownKind(kind: unknown): string {
  return `a ${String(kind)} needs a cluster; kept here are ${KINDS.join(', ')}`;
}

/** The object to work on, or what comes of there being none. */
type Wanted = Result<KeptObject, TriggerOutcome>;

/** The object with its parameters, which with `liveObject` go to the object as it is now. */
async function wantedObject(scope: Scope): Promise<Wanted> {
  const { call, environment } = scope;
  const text = await sourceText(scope);
  if (!text.ok) return text;
  const object = kept(JSON.parse(text.value), call);
  if (!object.ok) return object;
  if (call.settings['liveObject'] !== true || call.settings['operation'] !== 'update') {
    return object;
  }
  const reference = referenceOf(object.value);
  if (reference === undefined) return err(refused('liveObject needs metadata.name'));
  const live = await environment.objects.get(reference, call.signal);
  if (live === undefined) return err(refused(`there is no ${nameOf(reference)}`));
  const applied = call.apply(call.settings['parameters'], JSON.stringify(live));
  if (!applied.ok) return err(refused(applied.error));
  return kept(JSON.parse(applied.value), call);
}

/** In the sensor's namespace, unless it names one. */
function kept(value: unknown, call: TriggerCall): Wanted {
  if (!isRecord(value) || !KINDS.includes(String(value['kind']))) {
    return err(refused(unknownKind(isRecord(value) ? value['kind'] : value)));
  }
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {};
  const namespace = textOf(metadata['namespace']) ?? call.namespace;
  return ok({ ...value, kind: String(value['kind']), metadata: { ...metadata, namespace } });
}

function referenceOf({ kind, metadata }: KeptObject): ObjectReference | undefined {
  const name = textOf(metadata['name']);
  return name === undefined ? undefined : { kind, namespace: String(metadata['namespace']), name };
}

async function perform(object: KeptObject, scope: Scope): Promise<TriggerOutcome> {
  const { call, environment } = scope;
  const operation = textOf(call.settings['operation']) ?? 'create';
  if (operation === 'create') return create(object, scope);
  const reference = referenceOf(object);
  if (reference === undefined) return refused(`${operation} needs metadata.name`);
  const { objects } = environment;
  if (operation === 'delete') return remove(reference, scope);
  const live = await objects.get(reference, call.signal);
  if (live === undefined) return create(object, scope);
  if (object.kind === 'Workflow') {
    return refused(`the Workflow ${reference.name} is there already; a run is not rewritten`);
  }
  const removesNull = operation === 'patch';
  await objects.apply(merged(live, object, { removesNull }) as KeptObject, call.signal);
  return judgedByLabels(reference, scope);
}

/** An object that this very firing has made is not made again. */
async function create(object: KeptObject, scope: Scope): Promise<TriggerOutcome> {
  const { call, environment } = scope;
  if (object.kind === 'Workflow') {
    const options = parseSubmitArguments(undefined);
    return 'problem' in options
      ? refused(options.problem)
      : submitWorkflow(object, options, { call, environment });
  }
  const prefix = textOf(object.metadata['generateName']);
  const generated = prefix === undefined ? undefined : nameOfFiring(prefix, call.firingId);
  const name = textOf(object.metadata['name']) ?? generated;
  if (name === undefined) return refused('the object has neither metadata.name nor generateName');
  const labels = firingLabels(call);
  const given = isRecord(object.metadata['labels']) ? object.metadata['labels'] : {};
  const metadata = { ...object.metadata, name, labels: { ...given, ...labels } };
  const reference = { kind: object.kind, namespace: String(object.metadata['namespace']), name };
  const there = await environment.objects.get(reference, call.signal);
  if (there === undefined) {
    await environment.objects.apply({ ...object, metadata }, call.signal);
    return judgedByLabels(reference, scope);
  }
  const found = isRecord(there.metadata['labels']) ? there.metadata['labels'] : {};
  const isOurs = Object.entries(labels).every(([key, value]) => found[key] === value);
  return isOurs ? judgedByLabels(reference, scope) : refused(`${nameOf(reference)} exists already`);
}

/** What is not there need not be deleted. */
async function remove(reference: ObjectReference, scope: Scope): Promise<TriggerOutcome> {
  const { call, environment } = scope;
  try {
    await environment.objects.delete(reference, call.signal);
    return { kind: 'Done' };
  } catch (error) {
    if (ArgosyError.fromUnknown(error).code === 'NOT_FOUND') return { kind: 'Done' };
    throw error;
  }
}

function nameOf({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace}/${name}`;
}
