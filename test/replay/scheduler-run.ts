import {
  commandSubject,
  createFactLogReader,
  decodeTask,
  encodeCommand,
  EVENT_TYPES,
  factSubject,
  runKey,
  BUCKETS,
  STREAMS,
  type RunCommand,
} from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { createMemoryBus, type Bus } from '@argosy/bus';
import type { Fact, RunSummary, Task, TaskReport } from '@argosy/core-workflow';
import { parseManifests } from '@argosy/model';
import { startScheduler } from '@argosy/scheduler';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { chanceOf } from '../simulation/random.ts';

const PARTITIONS = 1;
const UID = '00000000-0000-4000-8000-000000000042';
const NAME = 'recorded';
const RUN_MS_MAX = 60_000;

/**
 * Has the real scheduler carry a manifest out on an in-memory bus, with an executor that makes its reports up, and
 * answers the messages of facts that it stored.
 */
export async function runWithScheduler(manifestYaml: string): Promise<readonly Fact[][]> {
  const bus = createMemoryBus();
  const stopping = new AbortController();
  const context: Parameters<typeof startScheduler>[0] = {
    bus,
    replicaId: 'recorder',
    logger: createLogger({ name: 'recorder', level: 'error' }),
    metrics: createMetrics(),
    tracing: createTracing({ serviceName: 'recorder' }),
    advertiseHost: '127.0.0.1',
  };
  const rpc = { rpcHost: '127.0.0.1', rpcPort: 0 };
  const scheduler = await startScheduler(context, { ...rpc, partitions: PARTITIONS });
  const executing = execute(bus, stopping.signal);
  await send(bus, 'submit', submission(manifestYaml));
  await eventually(() => isFinished(bus), { timeoutMs: RUN_MS_MAX });
  const batches: Fact[][] = [];
  const log = createFactLogReader();
  for await (const message of bus.read(STREAMS.facts, factSubject(0, UID))) {
    batches.push([...log.take(message.event)]);
  }
  stopping.abort();
  await executing;
  await scheduler.stop(1_000);
  await bus[Symbol.asyncDispose]();
  return batches;
}

function submission(manifestYaml: string): RunCommand {
  const [parsed] = parseManifests(manifestYaml, { defaultKind: 'Workflow' }).manifests;
  if (parsed?.manifest.kind !== 'Workflow') throw new Error('the file begins with no Workflow');
  const { generateName: _, ...metadata } = parsed.manifest.metadata;
  const named = { ...metadata, name: NAME, namespace: 'default' };
  const workflowJson = JSON.stringify({ ...parsed.manifest, metadata: named });
  return { kind: 'Submit', submit: { uid: UID, namespace: 'default', name: NAME, workflowJson } };
}

async function send(bus: Bus, what: string, command: RunCommand): Promise<void> {
  await bus.publish({
    subject: commandSubject(partitionOf(UID, PARTITIONS), UID, what),
    event: {
      id: `${UID}-${what}`,
      source: '/replay',
      type: EVENT_TYPES.workflowSubmit,
      data: encodeCommand(command),
    },
  });
}

/** Reports every task as started and as ended; some fail. */
async function execute(bus: Bus, signal: AbortSignal): Promise<void> {
  await bus.consume(
    { stream: STREAMS.tasks, durable: 'executor', filterSubjects: ['task.>'] },
    async (batch) => {
      for (const delivery of batch) {
        const task = decodeTask(delivery.event.data) as Task;
        const started = { taskId: task.taskId, kind: 'Started', podIP: '127.0.0.1' } as const;
        await send(bus, `report-${task.taskId}-started`, { kind: 'Report', report: started });
        const report = finishedReport(task);
        await send(bus, `report-${task.taskId}-finished`, { kind: 'Report', report });
        await delivery.ack();
      }
    },
    { signal },
  );
}

const FAILING_SHARE = 0.2;

function finishedReport(task: Task): TaskReport {
  const parameters = Object.fromEntries(
    (task.template.outputs?.parameters ?? []).map(({ name }) => [name, `value of ${name}`]),
  );
  const fails = chanceOf(task.nodeName) < FAILING_SHARE;
  return {
    taskId: task.taskId,
    kind: 'Finished',
    phase: fails ? 'Failed' : 'Succeeded',
    exitCode: fails ? 1 : 0,
    ...(task.captureResult && !fails ? { result: '["a","b"]' } : {}),
    ...(Object.keys(parameters).length > 0 && !fails ? { parameters } : {}),
  };
}

async function isFinished(bus: Bus): Promise<void> {
  const entry = await (await bus.keyValue(BUCKETS.runs)).get(runKey('default', NAME));
  const text = new TextDecoder().decode(entry?.value ?? new Uint8Array());
  const summary = text === '' ? undefined : (JSON.parse(text) as RunSummary);
  if (summary?.finishedAt === undefined) throw new Error(`the run is ${summary?.phase ?? 'new'}`);
}
