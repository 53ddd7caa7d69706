import {
  BUCKETS,
  commandSubject,
  decodeCommandReply,
  decodeTask,
  encodeCommand,
  EVENT_TYPES,
  resourceKey,
  runKey,
  STREAMS,
  type RunCommand,
} from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { createMemoryBus, type Bus } from '@argosy/bus';
import type { ControlCommand, RunSummary, Task, TaskReport } from '@argosy/core-workflow';
import type { RunningService } from '@argosy/shell';
import { createLogger, createMetrics, createTracing, type Metrics } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import type { SchedulerConfig } from '../config.ts';
import { startScheduler } from '../scheduler.ts';

const PARTITIONS = 2;

/** What becomes of a task; undefined leaves it unreported. */
type Outcome = (task: Task) => Partial<TaskReport> | undefined;

/** Schedulers on a bus, with a scripted executor. */
export interface Harness {
  readonly bus: Bus;
  readonly metrics: Metrics;
  /** Tasks that were handed out, in their order. */
  readonly ran: readonly Task[];
  start(replicaId: string, config?: Partial<SchedulerConfig>): Promise<RunningService>;
  /** Replaces what is done with tasks from now on. Default: they succeed. */
  answerTasks(outcome: Outcome): void;
  /** Reports the end of a task that was left unreported. */
  finish(task: Task, report?: Partial<TaskReport>): Promise<void>;
  /** Submits a workflow; gives the owner's answer, `accepted` or the refusal. */
  submit(uid: string, name: string, spec: object, metadata?: object): Promise<string>;
  /** The same without waiting for an answer: there need not be a scheduler yet. */
  submitBlindly(uid: string, name: string, spec: object): Promise<void>;
  control(uid: string, command: ControlCommand): Promise<string>;
  declare(manifest: {
    readonly kind: string;
    readonly metadata: object;
    readonly [field: string]: unknown;
  }): Promise<void>;
  declared(kind: string, name: string, namespace?: string): Promise<unknown>;
  summary(name: string): Promise<RunSummary | undefined>;
  /** Waits until the run looks so. */
  when(name: string, isSo: (summary: RunSummary) => boolean): Promise<RunSummary>;
  ended(name: string): Promise<RunSummary>;
  stop(): Promise<void>;
}

/** On the given bus, or on one in memory. */
export function createHarness(bus: Bus = createMemoryBus()): Harness {
  const ran: Task[] = [];
  const metrics = createMetrics();
  const services = new Set<RunningService>();
  const executor = new AbortController();
  let outcomeOf: Outcome = () => ({ phase: 'Succeeded' });
  let sent = 0;

  const message = (
    uid: string,
    what: string,
    command: RunCommand,
  ): Parameters<Bus['publish']>[0] => ({
    subject: commandSubject(partitionOf(uid, PARTITIONS), uid, what),
    event: {
      id: `${uid}-${what}`,
      source: '/test',
      type: EVENT_TYPES.workflowSubmit,
      data: encodeCommand(command),
    },
  });
  const ask = async (uid: string, what: string, command: RunCommand): Promise<string> => {
    const reply = await bus.publishForReply(message(uid, what, command), { timeoutMs: 5_000 });
    const { accepted, code, message: text } = decodeCommandReply(reply.event.data);
    return accepted ? 'accepted' : `${code}: ${text}`;
  };
  const finish = async (task: Task, report: Partial<TaskReport> = {}): Promise<void> => {
    const { uid, taskId } = task;
    const finished = { taskId, kind: 'Finished', ...report } as const;
    await bus.publish(
      message(uid, `report-${taskId}-finished`, { kind: 'Report', report: finished }),
    );
  };
  const executing = bus.consume(
    { stream: STREAMS.tasks, durable: 'executor', filterSubjects: ['task.>'] },
    async (batch) => {
      for (const delivery of batch) {
        const task = decodeTask(delivery.event.data);
        ran.push(task);
        const outcome = outcomeOf(task);
        if (outcome !== undefined) await finish(task, outcome);
        await delivery.ack();
      }
    },
    { signal: executor.signal },
  );
  const summary = async (name: string): Promise<RunSummary | undefined> => {
    const entry = await (await bus.keyValue(BUCKETS.runs)).get(runKey('default', name));
    return entry?.value === undefined ? undefined : (jsonOf(entry.value) as RunSummary);
  };
  const when: Harness['when'] = (name, isSo) =>
    eventually(
      async () => {
        const found = await summary(name);
        if (found !== undefined && isSo(found)) return found;
        throw new Error(`${name} is ${JSON.stringify(found)}`);
      },
      { timeoutMs: 10_000 },
    );

  return {
    bus,
    metrics,
    ran,
    finish,
    summary,
    when,
    ended: (name) => when(name, ({ finishedAt }) => finishedAt !== undefined),
    answerTasks: (outcome) => void (outcomeOf = outcome),
    async start(replicaId, config = {}) {
      const service = await startScheduler(
        {
          bus,
          replicaId,
          metrics,
          logger: createLogger({ name: 'scheduler', level: 'silent' }),
          tracing: createTracing({ serviceName: 'scheduler' }),
          advertiseHost: '127.0.0.1',
        },
        { rpcHost: '127.0.0.1', rpcPort: 0, partitions: PARTITIONS, leaseTtlMs: 2_000, ...config },
      );
      services.add(service);
      return service;
    },
    submit: (uid, name, spec, metadata = {}) =>
      ask(uid, 'submit', submission(uid, name, { spec, metadata })),
    async submitBlindly(uid, name, spec) {
      await bus.publish(message(uid, 'submit', submission(uid, name, { spec, metadata: {} })));
    },
    control(uid, command) {
      sent += 1;
      return ask(uid, `control-${sent}`, { kind: 'Control', uid, command });
    },
    async declare(manifest) {
      const { name = '', namespace = 'default' } = manifest.metadata as Record<string, string>;
      const bucket = await bus.keyValue(BUCKETS.resources);
      const whole = { ...manifest, metadata: { namespace, ...manifest.metadata } };
      const value = new TextEncoder().encode(JSON.stringify(whole));
      await bucket.put(resourceKey(manifest.kind, namespace, name), value);
    },
    async declared(kind, name, namespace = 'default') {
      const bucket = await bus.keyValue(BUCKETS.resources);
      const entry = await bucket.get(resourceKey(kind, namespace, name));
      return entry?.value === undefined ? undefined : jsonOf(entry.value);
    },
    async stop() {
      executor.abort();
      await executing;
      for (const service of services) await service.stop(1_000);
      await bus[Symbol.asyncDispose]();
    },
  };
}

function submission(
  uid: string,
  name: string,
  { spec, metadata }: { readonly spec: object; readonly metadata: object },
): RunCommand {
  const workflow = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { ...metadata, name, namespace: 'default' },
    spec,
  };
  const workflowJson = JSON.stringify(workflow);
  return { kind: 'Submit', submit: { uid, namespace: 'default', name, workflowJson } };
}

function jsonOf(value: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(value));
}

/** One container that does nothing. */
export const leafTemplate = {
  name: 'leaf',
  container: { image: 'busybox', command: ['true'] },
};

/** A workflow of one task. */
export const oneTask = { entrypoint: 'leaf', templates: [leafTemplate] };
