import {
  BUCKETS,
  EVENT_TYPES,
  PROTOBUF_CONTENT_TYPE,
  commandSubject,
  encodeCommand,
  runKey,
} from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { nameOfFiring, uidOfFiring } from '@argosy/core-events';
import { outcomeOfBusError } from './bus-outcome.ts';
import { judgedByLabels } from './label-policy.ts';
import type { SubmitArguments } from './submit-arguments.ts';
import {
  isRecord,
  type TriggerCall,
  type TriggerEnvironment,
  type TriggerOutcome,
} from './trigger.ts';

type JsonRecord = Readonly<Record<string, unknown>>;
type Scope = { readonly call: TriggerCall; readonly environment: TriggerEnvironment };

const SENSOR_LABEL = 'events.argoproj.io/sensor';
const TRIGGER_LABEL = 'events.argoproj.io/trigger';
const TIME_LABEL = 'events.argoproj.io/action-timestamp';

/**
 * Asks for a run of a Workflow object. The uid and a generated name come from the firing alone, and both the
 * bus and the owner of the run take a uid once, so a repetition submits nothing new.
 */
export async function submitWorkflow(
  object: JsonRecord,
  options: SubmitArguments,
  scope: Scope,
): Promise<TriggerOutcome> {
  const { call, environment } = scope;
  const uid = uidOfFiring(call.firingId);
  const given = isRecord(object['metadata']) ? object['metadata'] : {};
  const name = nameOf(given, options, call.firingId);
  if (name === undefined) {
    return { kind: 'Refused', reason: 'the workflow has neither metadata.name nor generateName' };
  }
  const namespace = textOf(given['namespace']) ?? call.namespace;
  const metadata = {
    ...given,
    name: name.value,
    namespace,
    labels: labelsOf(given, options, call),
  };
  const workflow = { ...object, metadata, spec: specOf(object['spec'], options) };
  const partition = partitionOf(uid, environment.partitions);
  try {
    if (name.isFixed && (await isTaken(environment, namespace, name.value, uid))) {
      const reason = `a workflow ${namespace}/${name.value} exists already; use generateName`;
      return { kind: 'Refused', reason };
    }
    await environment.context.bus.publish(
      {
        subject: commandSubject(partition, uid, 'submit'),
        traceparent: call.traceparent,
        event: {
          id: uid,
          source: `/${call.namespace}/sensor/${call.sensor}`,
          type: EVENT_TYPES.workflowSubmit,
          subject: uid,
          time: new Date(call.firedAtMs).toISOString(),
          datacontenttype: PROTOBUF_CONTENT_TYPE,
          data: encodeCommand({
            kind: 'Submit',
            submit: {
              uid,
              namespace,
              name: name.value,
              workflowJson: JSON.stringify(workflow),
              creator: `sensor/${call.namespace}/${call.sensor}`,
            },
          }),
        },
      },
      { messageId: uid, signal: call.signal },
    );
    const reference = { kind: 'Workflow', namespace, name: name.value };
    return await judgedByLabels(reference, scope);
  } catch (error) {
    return outcomeOfBusError(error);
  }
}

function nameOf(
  metadata: JsonRecord,
  options: SubmitArguments,
  firingId: string,
): { readonly value: string; readonly isFixed: boolean } | undefined {
  const fixed = options.name ?? textOf(metadata['name']);
  if (options.generateName === undefined && fixed !== undefined) {
    return { value: fixed, isFixed: true };
  }
  const prefix = options.generateName ?? textOf(metadata['generateName']);
  if (prefix === undefined) return undefined;
  return { value: nameOfFiring(prefix, firingId), isFixed: false };
}

function labelsOf(metadata: JsonRecord, options: SubmitArguments, call: TriggerCall): JsonRecord {
  return {
    ...(isRecord(metadata['labels']) ? metadata['labels'] : {}),
    ...Object.fromEntries(options.labels),
    ...firingLabels(call),
  };
}

/** The labels by which Argo Events marks what a trigger has made; the same at each delivery of its events. */
export function firingLabels(call: TriggerCall): Readonly<Record<string, string>> {
  return {
    [SENSOR_LABEL]: call.sensor,
    [TRIGGER_LABEL]: call.trigger,
    [TIME_LABEL]: String(call.firedAtMs),
  };
}

function specOf(spec: unknown, options: SubmitArguments): JsonRecord {
  const given = isRecord(spec) ? spec : {};
  const { entrypoint, serviceAccount, parameters } = options;
  return {
    ...given,
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
    ...(parameters.size === 0 ? {} : { arguments: argumentsWith(given['arguments'], parameters) }),
  };
}

/** Parameters given as options replace those of the same name. */
function argumentsWith(value: unknown, parameters: ReadonlyMap<string, string>): JsonRecord {
  const given = isRecord(value) ? value : {};
  const listed = Array.isArray(given['parameters']) ? (given['parameters'] as unknown[]) : [];
  const kept = listed.filter((item) => !isRecord(item) || !parameters.has(String(item['name'])));
  const added = Array.from(parameters, ([name, text]) => ({ name, value: text }));
  return { ...given, parameters: [...kept, ...added] };
}

async function isTaken(
  environment: TriggerEnvironment,
  namespace: string,
  name: string,
  uid: string,
): Promise<boolean> {
  const bucket = await environment.context.bus.keyValue(BUCKETS.runs);
  const value = (await bucket.get(runKey(namespace, name)))?.value;
  if (value === undefined) return false;
  const summary: unknown = JSON.parse(new TextDecoder().decode(value));
  return isRecord(summary) && summary['uid'] !== uid;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
