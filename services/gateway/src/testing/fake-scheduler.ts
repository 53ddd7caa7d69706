import {
  BUCKETS,
  commandFilter,
  decodeCommand,
  encodeCommandReply,
  encodeFacts,
  EVENT_TYPES,
  factSubject,
  logSubject,
  PROTOBUF_CONTENT_TYPE,
  runKey,
  STREAMS,
  type RunCommand,
} from '@argosy/api';
import { err, ok, partitionOf, type Refusal, type Result } from '@argosy/base';
import type { Bus, BusMessage, Delivery } from '@argosy/bus';
import {
  initialState,
  isFinished,
  step,
  summarize,
  takeOwed,
  type Input,
  type State,
  type Task,
  type TaskReport,
} from '@argosy/core-workflow';
import { headerOf } from '@argosy/core-workflow/testing';
import type { Workflow } from '@argosy/model';

/** Answers commands by the real core, on the bus' real streams; tasks wait for the test. */
export interface FakeScheduler {
  /** Tasks that were handed out and not reported yet. */
  readonly tasks: readonly Task[];
  /** Reports the end of the oldest task. */
  finishTask(report?: Partial<TaskReport>): Promise<Task>;
  /** Writes what a task printed. */
  log(task: Task, text: string, stream?: 'stdout' | 'stderr'): Promise<void>;
  /** Commands as they came. */
  readonly commands: readonly RunCommand[];
  stop(): Promise<void>;
}

interface Run {
  state: State;
  sequence: number;
}

/** Everything is one partition's. `refuse` may say no to a command before the core sees it. */
export function startFakeScheduler(
  bus: Bus,
  options: {
    readonly partitions: number;
    readonly refuse?: (command: RunCommand) => Refusal | undefined;
  },
): FakeScheduler {
  const runs = new Map<string, Run>();
  const tasks: Task[] = [];
  const commands: RunCommand[] = [];
  const stopping = new AbortController();
  const { partitions } = options;

  async function apply(uid: string, input: Input): Promise<Result<void, Refusal>> {
    const run = runs.get(uid) ?? { state: initialState(), sequence: 0 };
    const decided = step(run.state, input);
    if (!decided.ok) return decided;
    run.state = decided.value.state;
    runs.set(uid, run);
    if (decided.value.facts.length === 0) return ok(undefined);
    const { sequence } = await bus.publish(
      message(factSubject(partitionOf(uid, partitions), uid), EVENT_TYPES.workflowFacts, {
        id: `${uid}-after-${run.sequence}`,
        data: encodeFacts(decided.value.facts),
      }),
      { expectedLastSubjectSequence: run.sequence },
    );
    run.sequence = sequence;
    for (const effect of takeOwed(run.state)) {
      if (effect.kind === 'RunTask') tasks.push(effect.task);
    }
    if (isFinished(run.state)) remove(tasks, (task) => task.uid === uid);
    const summary = { ...summarize(run.state), partition: partitionOf(uid, partitions) };
    const bucket = await bus.keyValue(BUCKETS.runs);
    await bucket.put(
      runKey(summary.namespace, summary.name),
      new TextEncoder().encode(JSON.stringify(summary)),
    );
    return ok(undefined);
  }

  async function carryOut(uid: string, command: RunCommand): Promise<Result<void, Refusal>> {
    const refusal = options.refuse?.(command);
    if (refusal !== undefined) return err(refusal);
    const at = Date.now();
    if (command.kind === 'Submit') {
      const manifest = JSON.parse(command.submit.workflowJson) as Workflow;
      const run = headerOf(manifest, { createdAtMs: at });
      return apply(uid, { kind: 'Submit', at, run });
    }
    if (command.kind !== 'Control') return ok(undefined);
    if (!runs.has(uid)) return err({ code: 'NotFound', message: `no run has the uid ${uid}` });
    return apply(uid, { kind: 'Control', at, command: command.command });
  }

  async function handle(delivery: Delivery): Promise<void> {
    const command = decodeCommand(delivery.event.data);
    if (command === undefined) throw new Error('an unknown command came');
    commands.push(command);
    const outcome = await carryOut(delivery.subject.split('.')[3] ?? '', command);
    if (delivery.replyTo !== undefined) bus.send(replyOf(delivery.replyTo, outcome));
    await delivery.ack();
  }

  const consuming = bus.consume(
    {
      stream: STREAMS.commands,
      durable: 'fake-scheduler',
      filterSubjects: Array.from({ length: partitions }, (_, partition) =>
        commandFilter(partition),
      ),
    },
    async ([delivery]) => {
      if (delivery !== undefined) await handle(delivery);
    },
    { signal: stopping.signal },
  );
  return {
    tasks,
    commands,
    async finishTask(report = {}) {
      const task = tasks.shift();
      if (task === undefined) throw new Error('no task waits');
      const { uid, taskId } = task;
      const full = { taskId, kind: 'Finished', phase: 'Succeeded', ...report } as const;
      await apply(uid, { kind: 'ReportTask', at: Date.now(), report: full });
      return task;
    },
    async log(task, text, stream = 'stdout') {
      const subject = logSubject(task.namespace, task.uid, task.nodeId);
      const sent = message(subject, EVENT_TYPES.logChunk, { data: new TextEncoder().encode(text) });
      const extensions = { stream, container: 'main' };
      await bus.publish({ ...sent, event: { ...sent.event, extensions } });
    },
    async stop() {
      stopping.abort();
      await consuming;
    },
  };
}

function remove<Item>(items: Item[], isGone: (item: Item) => boolean): void {
  for (let at = items.length - 1; at >= 0; at -= 1) {
    const item = items[at];
    if (item !== undefined && isGone(item)) items.splice(at, 1);
  }
}

function message(
  subject: string,
  type: string,
  event: { readonly id?: string; readonly data: Uint8Array },
): BusMessage {
  const id = event.id ?? crypto.randomUUID();
  const datacontenttype = PROTOBUF_CONTENT_TYPE;
  return { subject, event: { id, source: '/fake', type, datacontenttype, data: event.data } };
}

function replyOf(subject: string, outcome: Result<void, Refusal>): BusMessage {
  const refusal = outcome.ok ? undefined : outcome.error;
  return message(subject, EVENT_TYPES.commandReply, {
    data: encodeCommandReply({
      accepted: refusal === undefined,
      code: refusal?.code ?? '',
      message: refusal?.message ?? '',
    }),
  });
}
