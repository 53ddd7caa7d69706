import { createHash } from 'node:crypto';
import {
  BINDING_EVENTS_FILTER,
  BUCKETS,
  commandSubject,
  decodeBindingEvent,
  decodeCommandReply,
  encodeCommand,
  EVENT_TYPES,
  PROTOBUF_CONTENT_TYPE,
  resourceKey,
  STREAMS,
  type BindingEvent,
} from '@argosy/api';
import { ArgosyError, partitionOf } from '@argosy/base';
import type { Bus, Delivery } from '@argosy/bus';
import { nameOfFiring, uidOfFiring } from '@argosy/core-events';
import type { Workflow, WorkflowEventBinding } from '@argosy/model';
import { traceFields, type Instrument, type Logger } from '@argosy/telemetry';
import { workflowOfBinding } from './workflow-of-binding.ts';

const DURABLE = 'event-bindings';
/** Events looked at side by side by one replica. */
const CONCURRENCY = 16;
/** How long a submission waits for its owner; without an answer it is stored all the same. */
const SUBMIT_TIMEOUT_MS = 10_000;

export interface DispatchOptions {
  readonly bus: Bus;
  readonly partitions: number;
  readonly logger: Logger;
  /** Counts events by what became of them, per binding. */
  readonly outcomes: Instrument;
  readonly signal: AbortSignal;
}

/**
 * Submits workflows for the events that were posted for WorkflowEventBindings, until the signal is aborted. All
 * replicas share the events. An event is done with when every binding that it matches has its run: uid and name of
 * the run come from event and binding, so that a redelivery submits nothing twice.
 */
export async function dispatchBindingEvents(options: DispatchOptions): Promise<void> {
  await options.bus.consume(
    { stream: STREAMS.events, durable: DURABLE, filterSubjects: [BINDING_EVENTS_FILTER] },
    async ([delivery]) => {
      if (delivery !== undefined) await handle(options, delivery);
    },
    { concurrency: CONCURRENCY, signal: options.signal },
  );
}

async function handle(options: DispatchOptions, delivery: Delivery): Promise<void> {
  let event: BindingEvent;
  try {
    event = decodeBindingEvent(delivery.event.data);
  } catch (thrown) {
    delivery.drop(ArgosyError.fromUnknown(thrown).message);
    return;
  }
  for (const binding of await bindingsOf(options.bus, event.namespace)) {
    await dispatch(options, { binding, event, delivery });
  }
  await delivery.ack();
}

/** Read anew for every event, so that a binding that was applied just before is seen. */
async function bindingsOf(bus: Bus, namespace: string): Promise<readonly WorkflowEventBinding[]> {
  const bucket = await bus.keyValue(BUCKETS.resources);
  const sample = resourceKey('WorkflowEventBinding', namespace, 'x');
  const keys = await bucket.keys(`${sample.slice(0, sample.lastIndexOf('.'))}.*`);
  const entries = await Promise.all([...keys].sort().map((key) => bucket.get(key)));
  return entries.flatMap((entry) =>
    entry?.value === undefined
      ? []
      : [JSON.parse(new TextDecoder().decode(entry.value)) as WorkflowEventBinding],
  );
}

interface Match {
  readonly binding: WorkflowEventBinding;
  readonly event: BindingEvent;
  readonly delivery: Delivery;
}

/** What is wrong with one binding is told and does not hold up the others. */
async function dispatch(options: DispatchOptions, match: Match): Promise<void> {
  const { binding, event, delivery } = match;
  const { name = '' } = binding.metadata;
  const fields = {
    namespace: event.namespace,
    binding: name,
    discriminator: event.discriminator,
    ...traceFields(delivery.traceparent),
  };
  const workflow = workflowOfBinding(binding, event);
  if (!workflow.ok) {
    options.outcomes.add(1, { outcome: 'Malformed' });
    options.logger.warn({ ...fields, reason: workflow.error }, 'failed to dispatch from event');
    return;
  }
  if (workflow.value === undefined) return;
  try {
    const run = await submit(options, match, workflow.value);
    options.outcomes.add(1, { outcome: 'Submitted' });
    options.logger.info({ ...fields, ...run }, 'workflow submitted for an event');
  } catch (thrown) {
    const { code, message: reason } = ArgosyError.fromUnknown(thrown);
    if (code === 'UNAVAILABLE' || code === 'CANCELLED') throw thrown;
    options.outcomes.add(1, { outcome: 'Refused' });
    options.logger.warn({ ...fields, reason }, 'failed to dispatch from event');
  }
}

/** @throws ArgosyError with the refusal of the run's owner; UNAVAILABLE when it could not be stored. */
async function submit(
  options: DispatchOptions,
  { binding, event, delivery }: Match,
  workflow: Workflow,
): Promise<{ readonly uid: string; readonly workflow: string }> {
  const { namespace } = event;
  const firing = createHash('sha256')
    .update(`${delivery.event.id}/${namespace}/${binding.metadata.name ?? ''}`)
    .digest('hex');
  const { name: fixed, generateName = '' } = workflow.metadata;
  const name = fixed ?? nameOfFiring(generateName, firing);
  const run = { uid: uidOfFiring(firing), namespace, name };
  const refusal = await send(options, delivery, {
    run,
    workflow: { ...workflow, metadata: { ...workflow.metadata, name, namespace } },
  });
  if (refusal === undefined) return { uid: run.uid, workflow: name };
  const code = refusal.code === 'AlreadyExists' ? 'ALREADY_EXISTS' : 'INVALID_ARGUMENT';
  throw new ArgosyError(code, `failed to create workflow: ${refusal.message}`);
}

interface Sending {
  readonly run: { readonly uid: string; readonly namespace: string; readonly name: string };
  readonly workflow: Workflow;
}

/** Undefined: the run has begun, or will, because its submission is stored. */
async function send(
  options: DispatchOptions,
  delivery: Delivery,
  { run, workflow }: Sending,
): Promise<{ readonly code: string; readonly message: string } | undefined> {
  const { uid } = run;
  const submitted = { ...run, workflowJson: JSON.stringify(workflow) };
  const { traceparent } = delivery;
  const message = {
    subject: commandSubject(partitionOf(uid, options.partitions), uid, 'submit'),
    event: {
      id: uid,
      source: `/${run.namespace}/event-bindings`,
      type: EVENT_TYPES.workflowSubmit,
      datacontenttype: PROTOBUF_CONTENT_TYPE,
      data: encodeCommand({ kind: 'Submit', submit: submitted }),
    },
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  try {
    const timing = { timeoutMs: SUBMIT_TIMEOUT_MS, signal: options.signal };
    const reply = await options.bus.publishForReply(message, { messageId: uid, ...timing });
    const answer = decodeCommandReply(reply.event.data);
    return answer.accepted ? undefined : answer;
  } catch (thrown) {
    if (ArgosyError.fromUnknown(thrown).code === 'DEADLINE_EXCEEDED') return undefined;
    throw thrown;
  }
}
