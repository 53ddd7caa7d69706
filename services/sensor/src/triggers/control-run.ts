import {
  BUCKETS,
  EVENT_TYPES,
  PROTOBUF_CONTENT_TYPE,
  commandSubject,
  encodeCommand,
  runKey,
  type RunCommand,
} from '@argosy/api';
import { assertNever, partitionOf } from '@argosy/base';
import { outcomeOfBusError } from './bus-outcome.ts';
import {
  isRecord,
  type TriggerCall,
  type TriggerEnvironment,
  type TriggerOutcome,
} from './trigger.ts';

/** What is to be done to a run. */
export interface ControlOperation {
  readonly kind: 'Resume' | 'Retry' | 'Stop' | 'Suspend' | 'Terminate';
  readonly nodeFieldSelector?: string;
  readonly message?: string;
}

/** Sends a control command to the owner of the run that the source names. */
export async function controlRun(
  object: Readonly<Record<string, unknown>>,
  operation: ControlOperation,
  scope: { readonly call: TriggerCall; readonly environment: TriggerEnvironment },
): Promise<TriggerOutcome> {
  const { call, environment } = scope;
  const { bus } = environment.context;
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  const name = metadata['name'];
  if (typeof name !== 'string' || name === '') {
    return { kind: 'Refused', reason: 'the source names no workflow; set metadata.name' };
  }
  const namespace =
    typeof metadata['namespace'] === 'string' ? metadata['namespace'] : call.namespace;
  try {
    const entry = await (await bus.keyValue(BUCKETS.runs)).get(runKey(namespace, name));
    const uid = uidOf(entry?.value);
    if (uid === undefined) {
      return { kind: 'Failed', reason: `there is no workflow ${namespace}/${name}` };
    }
    const user = `sensor/${call.namespace}/${call.sensor}`;
    const id = `${call.firingId}-${operation.kind.toLowerCase()}`;
    await bus.publish(
      {
        subject: commandSubject(partitionOf(uid, environment.partitions), uid, 'control'),
        traceparent: call.traceparent,
        event: {
          id,
          source: `/${call.namespace}/sensor/${call.sensor}`,
          type: EVENT_TYPES.workflowControl,
          subject: uid,
          time: new Date(call.firedAtMs).toISOString(),
          datacontenttype: PROTOBUF_CONTENT_TYPE,
          data: encodeCommand({ kind: 'Control', uid, user, command: commandOf(operation) }),
        },
      },
      { messageId: id, signal: call.signal },
    );
    return { kind: 'Done' };
  } catch (error) {
    return outcomeOfBusError(error);
  }
}

type ControlCommand = Extract<RunCommand, { readonly kind: 'Control' }>['command'];

function commandOf(operation: ControlOperation): ControlCommand {
  const { kind, nodeFieldSelector, message } = operation;
  const selector = nodeFieldSelector === undefined ? {} : { nodeFieldSelector };
  switch (kind) {
    case 'Resume':
    case 'Retry':
      return { kind, ...selector };
    case 'Stop':
      return { kind, ...selector, ...(message === undefined ? {} : { message }) };
    case 'Suspend':
    case 'Terminate':
      return { kind };
    default:
      return assertNever(kind);
  }
}

function uidOf(value: Uint8Array | undefined): string | undefined {
  if (value === undefined) return undefined;
  const summary: unknown = JSON.parse(new TextDecoder().decode(value));
  const uid = isRecord(summary) ? summary['uid'] : undefined;
  return typeof uid === 'string' ? uid : undefined;
}
