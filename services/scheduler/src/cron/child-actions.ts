import {
  BUCKETS,
  commandSubject,
  encodeCommand,
  EVENT_TYPES,
  PROTOBUF_CONTENT_TYPE,
  runKey,
  type RunCommand,
} from '@argosy/api';
import { ArgosyError, partitionOf } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { summaryBeforeStart, type CronRun, type RunSummary } from '@argosy/core-workflow';
import type { Workflow } from '@argosy/model';
import type { Tracing } from '@argosy/telemetry';
import { deleteRun } from '../retention/delete-run.ts';

/** What is done to the runs of CronWorkflows. Everything here may happen twice without harm. */
export interface ChildActions {
  /**
   * Takes the name and stores the command that starts the run.
   * @returns why it cannot be started, ever; undefined when it is.
   * @throws ArgosyError when the bus is away: to be tried again.
   */
  submit(workflow: Workflow, origin: Origin): Promise<string | undefined>;
  /** Ends a run that is to be replaced. */
  terminate(run: CronRun, origin: Origin): Promise<void>;
  /** Removes a finished run with its history and logs. */
  remove(run: CronRun): Promise<void>;
}

/** For whom it is done. */
export interface Origin {
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the bus says about a command that it will never take. */
const HOPELESS = new Set(['INVALID_ARGUMENT', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION']);

export function createChildActions(tools: {
  readonly bus: Bus;
  readonly partitions: number;
  readonly tracing: Tracing;
}): ChildActions {
  const { bus, partitions, tracing } = tools;

  const send = (
    uid: string,
    command: { readonly what: string; readonly id: string; readonly body: RunCommand },
    from: { readonly origin: Origin; readonly traceparent?: string },
  ): Promise<unknown> => {
    const { namespace, name } = from.origin;
    const isSubmit = command.body.kind === 'Submit';
    const message = {
      subject: commandSubject(partitionOf(uid, partitions), uid, command.what),
      event: {
        id: command.id,
        source: `/${namespace}/cronworkflow/${name}`,
        type: isSubmit ? EVENT_TYPES.workflowSubmit : EVENT_TYPES.workflowControl,
        datacontenttype: PROTOBUF_CONTENT_TYPE,
        data: encodeCommand(command.body),
      },
      ...(from.traceparent === undefined ? {} : { traceparent: from.traceparent }),
    };
    return bus.publish(message, { messageId: command.id });
  };

  return {
    async submit(workflow, origin) {
      const { uid = '', name = '', namespace = '' } = workflow.metadata;
      const summary = summaryBeforeStart(workflow, { atMs: origin.at, partitions });
      const taken = await takeName(bus, summary);
      if (!taken) return `workflow "${name}" exists already in namespace "${namespace}"`;
      const span = tracing.startSpan('cron.submit', {
        attributes: {
          'cron.name': origin.name,
          'workflow.name': name,
          'workflow.namespace': namespace,
          'workflow.uid': uid,
        },
      });
      const workflowJson = JSON.stringify(workflow);
      const body = { kind: 'Submit', submit: { uid, namespace, name, workflowJson } } as const;
      try {
        const { traceparent } = span;
        await send(uid, { what: 'submit', id: uid, body }, { origin, traceparent });
        span.end();
        return undefined;
      } catch (thrown) {
        span.end(thrown);
        const error = ArgosyError.fromUnknown(thrown);
        if (!HOPELESS.has(error.code)) throw error;
        await giveBack(bus, { uid, namespace, name });
        return error.message;
      }
    },
    async terminate(run, origin) {
      const id = `${run.uid}-replaced`;
      const body = { kind: 'Control', uid: run.uid, command: { kind: 'Terminate' } } as const;
      await send(run.uid, { what: 'control-replaced', id, body }, { origin });
    },
    async remove({ uid, namespace, name }) {
      const bucket = await bus.keyValue(BUCKETS.runs);
      const entry = await bucket.get(runKey(namespace, name));
      const summary = summaryOf(entry?.value);
      if (entry === undefined || summary?.uid !== uid || summary.finishedAt === undefined) return;
      await deleteRun(bus, partitions, { summary, revision: entry.revision });
    },
  };
}

/** Takes the run's name in the index; false when another run has it. */
async function takeName(bus: Bus, summary: RunSummary): Promise<boolean> {
  const bucket = await bus.keyValue(BUCKETS.runs);
  const key = runKey(summary.namespace, summary.name);
  try {
    await bucket.create(key, new TextEncoder().encode(JSON.stringify(summary)));
    return true;
  } catch (thrown) {
    if (ArgosyError.fromUnknown(thrown).code !== 'ALREADY_EXISTS') throw thrown;
  }
  const holder = (await bucket.get(key))?.value;
  return summaryOf(holder)?.uid === summary.uid;
}

/** Gives a name back that was taken for a run that cannot begin. */
async function giveBack(bus: Bus, { uid, namespace, name }: CronRun): Promise<void> {
  const bucket = await bus.keyValue(BUCKETS.runs);
  const entry = await bucket.get(runKey(namespace, name));
  const summary = summaryOf(entry?.value);
  if (entry === undefined || summary?.uid !== uid || summary.phase !== '') return;
  await bucket.delete(entry.key, entry.revision);
}

function summaryOf(value: Uint8Array | undefined): RunSummary | undefined {
  if (value === undefined) return undefined;
  return JSON.parse(new TextDecoder().decode(value)) as RunSummary;
}
