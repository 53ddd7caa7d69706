// Covers the executor as a whole on the in-memory bus with real processes: reports, logs, order of the
// effects, redelivery, cancelling over gRPC, handing back at the stop, left-overs. Leaves out what each
// runner does (tested in libs/runner) and the real bus (tested in libs/bus and end to end).
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BUCKETS,
  commandSubject,
  decodeCommand,
  encodeTask,
  EVENT_TYPES,
  ExecutorControlService,
  logSubject,
  resourceKey,
  STREAMS,
  taskSubject,
} from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { createMemoryBus, type Bus } from '@argosy/bus';
import { createRpcClient } from '@argosy/rpc';
import { processStartTime } from '@argosy/runner';
import type { RunningService } from '@argosy/shell';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import { eventually, temporaryDirectory } from '@argosy/testkit';
import { afterEach, expect, test } from 'vitest';
import type { ExecutorConfig } from './config.ts';
import { startExecutor } from './start-executor.ts';

const PARTITIONS = 4;
const UID = '0b6a5f0e-7a53-4bb4-9f3f-9a3f0a9a3b11';
type Task = Parameters<typeof encodeTask>[0];
type Report = Extract<ReturnType<typeof decodeCommand>, { kind: 'Report' }>['report'];

const cleanUps: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(
  bus: Bus,
  changes: Partial<ExecutorConfig> & { readonly replicaId?: string } = {},
): Promise<{ executor: RunningService; metrics: ReturnType<typeof createMetrics>; data: string }> {
  const { replicaId = 'replica-1', ...config } = changes;
  const directory = await temporaryDirectory();
  cleanUps.push(() => directory.remove());
  const data = config.dataDirectory ?? directory.path;
  const metrics = createMetrics();
  const executor = await startExecutor(
    {
      bus,
      metrics,
      replicaId,
      logger: createLogger({ name: 'executor', level: 'silent' }),
      tracing: createTracing({ serviceName: 'executor' }),
      advertiseHost: '127.0.0.1',
    },
    { pool: 'default', partitions: PARTITIONS, dataDirectory: data, concurrency: 4, ...config },
  );
  cleanUps.push(() => executor.stop(1_000));
  return { executor, metrics, data };
}

function task(script: string, changes: Partial<Task> = {}): Task {
  return {
    taskId: `${UID}_1_0`,
    uid: UID,
    namespace: 'default',
    workflow: 'wf',
    nodeId: 'wf-1',
    nodeName: 'wf.a',
    displayName: 'a',
    podName: 'wf-a-1',
    templateName: 'a',
    attempt: 0,
    template: { name: 'a', container: { image: 'alpine', command: ['sh', '-c', script] } },
    captureResult: true,
    priority: 0,
    ...changes,
  };
}

async function submit(
  bus: Bus,
  given: Task,
  priority: 'high' | 'normal' = 'normal',
): Promise<void> {
  await bus.publish({
    subject: taskSubject('default', priority, given.taskId),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    event: { id: given.taskId, source: '/test', type: EVENT_TYPES.task, data: encodeTask(given) },
  });
}

async function reports(bus: Bus): Promise<readonly Report[]> {
  const found: Report[] = [];
  const filter = `cmd.workflow.${partitionOf(UID, PARTITIONS)}.>`;
  for await (const message of bus.read(STREAMS.commands, filter)) {
    const command = decodeCommand(message.event.data);
    if (command?.kind === 'Report') found.push(command.report);
  }
  return found;
}

async function finished(bus: Bus, taskId = `${UID}_1_0`): Promise<Report> {
  return eventually(
    async () => {
      const all = await reports(bus);
      const report = all.find((one) => one.kind === 'Finished' && one.taskId === taskId);
      if (report === undefined) throw new Error(`no finished report in ${JSON.stringify(all)}`);
      return report;
    },
    { timeoutMs: 10_000 },
  );
}

async function logText(bus: Bus, stream: string): Promise<string> {
  let text = '';
  for await (const message of bus.read(STREAMS.logs, logSubject('default', UID, 'wf-1'))) {
    if (message.event.extensions?.['stream'] === stream) {
      text += new TextDecoder().decode(message.event.data);
    }
  }
  return text;
}

async function queued(bus: Bus): Promise<number> {
  const sequences: number[] = [];
  for await (const message of bus.read(STREAMS.tasks, 'task.>')) sequences.push(message.sequence);
  return sequences.length;
}

test('a task is run, its logs and its report are stored, and it leaves the queue', async () => {
  const bus = createMemoryBus();
  const { metrics, data } = await start(bus);
  await submit(bus, task('echo hello; echo oops >&2; exit 3'));
  const report = await finished(bus);
  expect(report).toMatchObject({
    phase: 'Failed',
    message: 'main: Error (exit code 3)',
    exitCode: 3,
    result: 'hello',
    executor: 'replica-1',
  });
  expect(report.finishedAtMs).toBeGreaterThanOrEqual(report.startedAtMs ?? Infinity);
  // Logs are stored before the report, so there is nothing to wait for.
  expect(await logText(bus, 'stdout')).toBe('hello\n');
  expect(await logText(bus, 'stderr')).toBe('oops\n');
  await eventually(async () => expect(await queued(bus)).toBe(0));
  await eventually(() => expect(readdirSync(join(data, 'tasks'))).toEqual([]));
  expect(await metrics.render()).toContain(
    'argosy_executor_tasks_total{phase="Failed",runner="process"} 1',
  );
});

test('a task that takes longer is reported as started first', async () => {
  const bus = createMemoryBus();
  await start(bus);
  await submit(bus, task('sleep 0.3'));
  await finished(bus);
  expect((await reports(bus)).map((report) => report.kind)).toEqual(['Started', 'Finished']);
});

test('the trace of the task reaches the process and the report', async () => {
  const bus = createMemoryBus();
  await start(bus);
  await submit(bus, task('echo $TRACEPARENT'));
  const report = await finished(bus);
  expect(report.result).toContain('0af7651916cd43dd8448eb211c80319c');
  const subject = commandSubject(partitionOf(UID, PARTITIONS), UID, `report-${UID}_1_0-finished`);
  const stored = await bus.last(STREAMS.commands, subject);
  expect(stored?.traceparent).toContain('0af7651916cd43dd8448eb211c80319c');
});

test('secrets and config maps that are declared on the bus reach the environment', async () => {
  const bus = createMemoryBus();
  const resources = await bus.keyValue(BUCKETS.resources);
  const put = (kind: string, name: string, manifest: object): Promise<number> =>
    resources.put(
      resourceKey(kind, 'default', name),
      new TextEncoder().encode(JSON.stringify(manifest)),
    );
  await put('Secret', 'key', { data: { token: Buffer.from('s3cret').toString('base64') } });
  await put('ConfigMap', 'settings', { data: { COLOUR: 'blue' } });
  await start(bus);
  const container = {
    image: 'alpine',
    command: ['sh', '-c', 'echo $TOKEN $COLOUR'],
    env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'key', key: 'token' } } }],
    envFrom: [{ configMapRef: { name: 'settings' } }],
  };
  await submit(bus, task('', { template: { name: 'a', container } }));
  expect((await finished(bus)).result).toBe('s3cret blue');
});

test('an artifact that one task stores is placed for another', async () => {
  const bus = createMemoryBus();
  await start(bus);
  const write = {
    name: 'a',
    container: { image: 'alpine', command: ['sh', '-c', 'echo content > /tmp/out.txt'] },
    outputs: { artifacts: [{ name: 'file', path: '/tmp/out.txt' }] },
  };
  await submit(bus, task('', { template: write }));
  const [stored] = (await finished(bus)).artifacts ?? [];
  expect(stored).toMatchObject({ name: 'file', s3: { key: 'wf/wf-a-1/file.tgz' } });
  const read = {
    name: 'b',
    inputs: { artifacts: [{ ...stored, name: 'given', path: '/tmp/in.txt' }] },
    container: { image: 'alpine', command: ['cat', '/tmp/in.txt'] },
  };
  await submit(bus, task('', { taskId: `${UID}_2_0`, template: read }));
  expect((await finished(bus, `${UID}_2_0`)).result).toBe('content');
});

test('a task that was reported before is acked and not run again', async () => {
  const bus = createMemoryBus();
  const first = task('echo ran > /tmp/x');
  const subject = commandSubject(
    partitionOf(UID, PARTITIONS),
    UID,
    `report-${first.taskId}-finished`,
  );
  await submit(bus, first);
  // A former executor: took the task, stored its report, and died before the ack.
  const died = new AbortController();
  await bus.consume(
    {
      stream: STREAMS.tasks,
      durable: 'executor-default-normal',
      filterSubjects: ['task.default.normal.>'],
      ackWaitMs: 10_000,
      maxAckPending: 65_536,
    },
    async ([delivery]) => {
      await bus.publish({
        subject,
        event: { id: 'x', source: '/test', type: EVENT_TYPES.taskReport, data: new Uint8Array() },
      });
      delivery?.retry(0);
      died.abort();
    },
    { signal: died.signal },
  );
  const { metrics } = await start(bus);
  await eventually(async () => expect(await queued(bus)).toBe(0));
  const rendered = await metrics.render();
  expect(rendered).toContain('argosy_executor_tasks_redelivered_total 1');
  expect(rendered).not.toContain('argosy_executor_tasks_total{');
});

test('a running task is listed and can be cancelled over gRPC', async () => {
  const bus = createMemoryBus();
  const { executor } = await start(bus);
  const client = createRpcClient(ExecutorControlService, executor.rpcAddress);
  cleanUps.push(() => client.close());
  await submit(bus, task('sleep 100'));
  await eventually(async () => {
    const { tasks } = await client.listTasks({});
    expect(tasks).toMatchObject([{ taskId: `${UID}_1_0`, runner: 'process' }]);
  });
  const unknown = await client.cancelTask({ taskId: 'other', reason: 'Stop' });
  expect(unknown.found).toBe(false);
  await expect(client.cancelTask({ taskId: 'x', reason: 'Boredom' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  expect((await client.cancelTask({ taskId: `${UID}_1_0`, reason: 'Stop' })).found).toBe(true);
  expect(await finished(bus)).toMatchObject({
    phase: 'Failed',
    message: 'workflow shutdown with strategy: Stop',
  });
});

test('a stop hands a running task back, and the next executor runs it', async () => {
  const bus = createMemoryBus();
  const { executor } = await start(bus);
  const marker = await temporaryDirectory();
  cleanUps.push(() => marker.remove());
  // The first run waits for ever; the second one finds the marker.
  const volumes = [{ name: 'marks', hostPath: { path: marker.path } }];
  const script =
    'if [ -e /mnt/marks/seen ]; then echo again; else touch /mnt/marks/seen; sleep 100; fi';
  const container = {
    image: 'alpine',
    command: ['sh', '-c', script],
    volumeMounts: [{ name: 'marks', mountPath: '/mnt/marks' }],
  };
  await submit(bus, task('', { template: { name: 'a', container, volumes } }));
  await eventually(() => expect(existsSync(join(marker.path, 'seen'))).toBe(true));
  await executor.stop(400);
  expect((await reports(bus)).some((report) => report.kind === 'Finished')).toBe(false);
  expect(executor.ready()).toMatchObject({ ready: false });
  await start(bus, { replicaId: 'replica-2' });
  expect(await finished(bus)).toMatchObject({ result: 'again', executor: 'replica-2' });
});

test('archiveLogs keeps the main log as an artifact of the task', async () => {
  const bus = createMemoryBus();
  await start(bus);
  const container = { image: 'alpine', command: ['sh', '-c', 'echo one; echo two >&2'] };
  const template = { name: 'a', container, archiveLocation: { archiveLogs: true } };
  await submit(bus, task('', { template }));
  const { artifacts } = await finished(bus);
  const key = 'wf/wf-a-1/main.log';
  expect(artifacts).toEqual([{ name: 'main-logs', archive: { none: {} }, s3: { key } }]);
  const store = await bus.objectStore('artifacts');
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await store.get(`default/${key}`)) ?? []) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString().trim().split('\n').sort();
  expect(lines).toEqual(['one', 'two']);
});

test('tasks of high priority do not wait behind a full queue', async () => {
  const bus = createMemoryBus();
  await start(bus, { concurrency: 1 });
  await submit(bus, task('sleep 100'));
  await submit(bus, task('sleep 100', { taskId: `${UID}_2_0` }));
  await submit(bus, task('echo quick', { taskId: `${UID}_3_0` }), 'high');
  expect((await finished(bus, `${UID}_3_0`)).result).toBe('quick');
});

test('what a killed executor left running is ended at the next start', async () => {
  const directory = await temporaryDirectory();
  cleanUps.push(() => directory.remove());
  const taskDirectory = join(directory.path, 'tasks', 'old-1');
  mkdirSync(taskDirectory, { recursive: true });
  const orphan = spawn('sleep', ['100'], { detached: true, stdio: 'ignore' });
  const gone = new Promise((resolve) => orphan.once('exit', resolve));
  const pid = orphan.pid ?? 0;
  writeFileSync(join(taskDirectory, 'processes'), `${pid} ${processStartTime(pid)}\n`);
  await start(createMemoryBus(), { dataDirectory: directory.path });
  await gone;
  expect(existsSync(taskDirectory)).toBe(false);
});

test('two executors do not share a data directory', async () => {
  const bus = createMemoryBus();
  const { data } = await start(bus);
  await expect(start(bus, { dataDirectory: data, replicaId: 'replica-2' })).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
  });
});

test('a message that is no task is dropped and the next one is run', async () => {
  const bus = createMemoryBus();
  await start(bus);
  await bus.publish({
    subject: taskSubject('default', 'normal', 'broken'),
    event: { id: 'b', source: '/test', type: EVENT_TYPES.task, data: new Uint8Array([255, 1, 2]) },
  });
  await submit(bus, task('echo fine'));
  expect((await finished(bus)).result).toBe('fine');
});

test('a template that no runner takes ends as Error with the reason', async () => {
  const bus = createMemoryBus();
  await start(bus);
  await submit(bus, task('', { template: { name: 'a' } }));
  expect(await finished(bus)).toMatchObject({
    phase: 'Error',
    message: expect.stringContaining('no runner') as string,
  });
});
