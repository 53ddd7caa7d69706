// Covers the scheduler on the in-memory bus with a scripted executor: submission, dispatch, replies, recovery, control,
// cancelling. Leaves out the rules of workflows (libs/core-workflow), real processes and several replicas (test/e2e).
import {
  BUCKETS,
  commandSubject,
  decodeCommandReply,
  decodeTask,
  encodeCommand,
  EVENT_TYPES,
  factSubject,
  resourceKey,
  runKey,
  STREAMS,
  type RunCommand,
} from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { createMemoryBus, type Bus } from '@argosy/bus';
import type { ControlCommand, RunSummary, Task, TaskReport } from '@argosy/core-workflow';
import type { RunningService, ServiceContext } from '@argosy/shell';
import { createLogger, createMetrics, createTracing, type Metrics } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startScheduler } from './index.ts';

const PARTITIONS = 2;
let bus: Bus;
let scheduler: RunningService;
let executor: AbortController;
let ran: Task[];
let metrics: Metrics;

function context(replicaId: string): ServiceContext {
  return {
    bus,
    replicaId,
    logger: createLogger({ name: 'scheduler', level: 'silent' }),
    metrics,
    tracing: createTracing({ serviceName: 'scheduler' }),
    advertiseHost: '127.0.0.1',
  };
}

function start(replicaId = 'one'): Promise<RunningService> {
  const rpc = { rpcHost: '127.0.0.1', rpcPort: 0 };
  return startScheduler(context(replicaId), { ...rpc, partitions: PARTITIONS, leaseTtlMs: 2_000 });
}

/** Runs every task at once with the given outcome; undefined leaves it unreported. */
function startExecutor(outcome: (task: Task) => Partial<TaskReport> | undefined): void {
  executor = new AbortController();
  const handler = bus.consume(
    { stream: STREAMS.tasks, durable: 'executor', filterSubjects: ['task.>'] },
    async (batch) => {
      for (const delivery of batch) {
        const task = decodeTask(delivery.event.data);
        ran.push(task);
        const report = outcome(task);
        if (report === undefined) continue;
        await send(task.uid, `report-${task.taskId}-finished`, {
          kind: 'Report',
          report: { taskId: task.taskId, kind: 'Finished', ...report },
        });
        await delivery.ack();
      }
    },
    { signal: executor.signal },
  );
  void handler;
}

async function send(uid: string, what: string, command: RunCommand): Promise<void> {
  await bus.publish(message(uid, what, command));
}

function message(uid: string, what: string, command: RunCommand): Parameters<Bus['publish']>[0] {
  return {
    subject: commandSubject(partitionOf(uid, PARTITIONS), uid, what),
    event: {
      id: `${uid}-${what}`,
      source: '/test',
      type: EVENT_TYPES.workflowSubmit,
      data: encodeCommand(command),
    },
  };
}

/** Sends a command and waits for the owner's answer. */
async function ask(uid: string, what: string, command: RunCommand): Promise<string> {
  const reply = await bus.publishForReply(message(uid, what, command), { timeoutMs: 5_000 });
  const { accepted, code, message: text } = decodeCommandReply(reply.event.data);
  return accepted ? 'accepted' : `${code}: ${text}`;
}

function submitted(uid: string, name: string, spec: object): RunCommand {
  const workflow = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name, namespace: 'default' },
    spec,
  };
  return {
    kind: 'Submit',
    submit: { uid, namespace: 'default', name, workflowJson: JSON.stringify(workflow) },
  };
}

async function summary(name: string): Promise<RunSummary> {
  const bucket = await bus.keyValue(BUCKETS.runs);
  const entry = await bucket.get(runKey('default', name));
  if (entry?.value === undefined) throw new Error(`${name} is not in the index`);
  return JSON.parse(new TextDecoder().decode(entry.value)) as RunSummary;
}

function ended(name: string): Promise<RunSummary> {
  return eventually(async () => {
    const found = await summary(name);
    if (found.finishedAt === undefined) throw new Error(`${name} is ${found.phase}`);
    return found;
  });
}

const leaf = { name: 'leaf', container: { image: 'busybox', command: ['true'] } };
const oneTask = { entrypoint: 'leaf', templates: [leaf] };
const twoSteps = {
  entrypoint: 'main',
  templates: [
    {
      name: 'main',
      steps: [[{ name: 'a', template: 'leaf' }], [{ name: 'b', template: 'leaf' }]],
    },
    leaf,
  ],
};

beforeEach(async () => {
  bus = createMemoryBus();
  ran = [];
  metrics = createMetrics();
  executor = new AbortController();
  scheduler = await start();
});

afterEach(async () => {
  executor.abort();
  await scheduler.stop(1_000);
  await bus[Symbol.asyncDispose]();
});

describe('a submitted run', () => {
  it('is driven to its end, and the index says so', async () => {
    startExecutor(() => ({ phase: 'Succeeded' }));
    expect(await ask('u1', 'submit', submitted('u1', 'wf', twoSteps))).toBe('accepted');
    expect(await ended('wf')).toMatchObject({ uid: 'u1', phase: 'Succeeded', progress: '2/2' });
    expect(ran.map((task) => task.displayName)).toEqual(['a', 'b']);
  });

  it('is begun once, however often it is submitted', async () => {
    startExecutor(() => ({ phase: 'Succeeded' }));
    await ask('u1', 'submit', submitted('u1', 'wf', oneTask));
    expect(await ask('u1', 'submit-again', submitted('u1', 'wf', oneTask))).toBe('accepted');
    await ended('wf');
    expect(ran).toHaveLength(1);
  });

  it('is refused when its name is in use', async () => {
    await ask('u1', 'submit', submitted('u1', 'wf', oneTask));
    expect(await ask('u2', 'submit', submitted('u2', 'wf', oneTask))).toMatch(/^AlreadyExists: /);
  });

  it('is refused when its manifest is not valid, and the reason is given', async () => {
    const answer = await ask('u1', 'submit', submitted('u1', 'wf', { templates: [leaf] }));
    expect(answer).toMatch(/^InvalidArgument: .*entrypoint/);
  });

  it('that nobody waits for is there as failed, with the reason, when its manifest is not valid', async () => {
    await send('u1', 'submit', submitted('u1', 'wf', { templates: [leaf] }));
    const run = await ended('wf');
    expect(run).toMatchObject({ uid: 'u1', phase: 'Failed' });
    expect(run.message).toMatch(/^invalid spec: .*entrypoint/);
    expect(await ask('u2', 'submit', submitted('u2', 'wf', oneTask))).toMatch(/^AlreadyExists: /);
    const retry = { kind: 'Control', uid: 'u1', command: { kind: 'Retry' } } as const;
    expect(await ask('u1', 'retry', retry)).toMatch(/^FailedPrecondition: .*entrypoint.*submit/);
  });

  it('that nobody waits for ends in Error when the template it is made of is missing', async () => {
    const spec = { workflowTemplateRef: { name: 'missing', clusterScope: true } };
    await send('u1', 'submit', submitted('u1', 'wf', spec));
    const run = await ended('wf');
    expect(run.phase).toBe('Error');
    expect(run.message).toMatch(/ClusterWorkflowTemplate "missing" not found/);
  });

  it('that nobody waits for is there as failed even when its manifest cannot be read', async () => {
    const submit = { uid: 'u1', namespace: 'default', name: 'wf', workflowJson: '{"spec": 1' };
    await send('u1', 'submit', { kind: 'Submit', submit });
    expect(await ended('wf')).toMatchObject({ phase: 'Failed' });
  });

  it('finds templates that were declared just before', async () => {
    startExecutor(() => ({ phase: 'Succeeded' }));
    const bucket = await bus.keyValue(BUCKETS.resources);
    const template = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'WorkflowTemplate',
      metadata: { name: 'shared', namespace: 'default' },
      spec: oneTask,
    };
    const value = new TextEncoder().encode(JSON.stringify(template));
    await bucket.put(resourceKey('WorkflowTemplate', 'default', 'shared'), value);
    const spec = { workflowTemplateRef: { name: 'shared' } };
    expect(await ask('u1', 'submit', submitted('u1', 'wf', spec))).toBe('accepted');
    expect(await ended('wf')).toMatchObject({ phase: 'Succeeded' });
  });
});

describe('a name', () => {
  async function reserve(uid: string): Promise<void> {
    const bucket = await bus.keyValue(BUCKETS.runs);
    const summary = { uid, name: 'wf', namespace: 'default', phase: '' };
    await bucket.put(runKey('default', 'wf'), new TextEncoder().encode(JSON.stringify(summary)));
  }

  it('belongs to a run whose submission is stored, even when it has not begun', async () => {
    await reserve('u1');
    // What is stored is dropped by its owner, so that the run stays in this state.
    await bus.publish({
      subject: commandSubject(partitionOf('u1', PARTITIONS), 'u1', 'submit'),
      event: { id: 'junk', source: '/test', type: 'x', data: new Uint8Array([255, 255, 255]) },
    });
    expect(await ask('u2', 'submit', submitted('u2', 'wf', oneTask))).toMatch(/^AlreadyExists: /);
  });

  it('taken for a run that was never submitted is free', async () => {
    await reserve('u1');
    expect(await ask('u2', 'submit', submitted('u2', 'wf', oneTask))).toBe('accepted');
  });
});

describe('a task that is too large for the bus', () => {
  it('ends in Error and says so, and the run goes on', async () => {
    startExecutor(() => ({ phase: 'Succeeded' }));
    const large = { ...leaf.container, args: Array<string>(50).fill('{{workflow.parameters.p}}') };
    const spec = {
      entrypoint: 'leaf',
      arguments: { parameters: [{ name: 'p', value: 'x'.repeat(200_000) }] },
      templates: [{ name: 'leaf', container: large }],
    };
    expect(await ask('u1', 'submit', submitted('u1', 'wf', spec))).toBe('accepted');
    expect(await ended('wf')).toMatchObject({ phase: 'Error' });
    expect((await summary('wf')).message).toMatch(/the task has \d+ bytes .* artifacts/);
    expect(ran).toEqual([]);
  });
});

describe('the gauge of live runs', () => {
  it('follows the runs without anybody asking for readiness', async () => {
    await ask('u1', 'submit', submitted('u1', 'wf', oneTask));
    expect(await metrics.render()).toContain('argosy_scheduler_live_runs 1');
    await ask('u1', 'stop', { kind: 'Control', uid: 'u1', command: { kind: 'Stop' } });
    await ended('wf');
    expect(await metrics.render()).toContain('argosy_scheduler_live_runs 0');
  });
});

describe('a command', () => {
  const control = (command: ControlCommand): RunCommand => ({
    kind: 'Control',
    uid: 'u1',
    command,
  });

  it('for a run that does not exist is answered with NotFound', async () => {
    expect(await ask('u1', 'stop', control({ kind: 'Stop' }))).toMatch(/^NotFound: /);
  });

  it('that the run cannot follow is answered with the reason', async () => {
    await ask('u1', 'submit', submitted('u1', 'wf', oneTask));
    const resume = control({ kind: 'Resume', nodeFieldSelector: 'displayName=none' });
    expect(await ask('u1', 'resume', resume)).not.toBe('accepted');
  });

  it('to stop ends tasks that wait in the queue', async () => {
    await ask('u1', 'submit', submitted('u1', 'wf', oneTask));
    expect(await ask('u1', 'stop', control({ kind: 'Stop' }))).toBe('accepted');
    expect(await ended('wf')).toMatchObject({ phase: 'Failed' });
    expect(await bus.last(STREAMS.tasks, 'task.>').catch(() => undefined)).toBeUndefined();
  });

  it('that cannot be read is dropped, and the next one is handled', async () => {
    await bus.publish({
      subject: commandSubject(partitionOf('u1', PARTITIONS), 'u1', 'junk'),
      event: { id: 'junk', source: '/test', type: 'x', data: new Uint8Array([255, 255, 255]) },
    });
    expect(await ask('u1', 'submit', submitted('u1', 'wf', oneTask))).toBe('accepted');
  });
});

describe('a scheduler that starts', () => {
  it('goes on with the runs that were live, and sends again only tasks that are not queued', async () => {
    await ask('u1', 'submit', submitted('u1', 'wf', twoSteps));
    await scheduler.stop(1_000);
    scheduler = await start('two');
    startExecutor(() => ({ phase: 'Succeeded' }));
    expect(await ended('wf')).toMatchObject({ phase: 'Succeeded' });
    expect(ran.map((task) => task.displayName)).toEqual(['a', 'b']);
  });

  it('handles reports that came while there was none', async () => {
    startExecutor(() => ({ phase: 'Succeeded' }));
    await scheduler.stop(1_000);
    await send('u1', 'submit', submitted('u1', 'wf', oneTask));
    scheduler = await start('two');
    expect(await ended('wf')).toMatchObject({ phase: 'Succeeded' });
  });

  it('is not held up by a run whose history is spoilt', async () => {
    await ask('u1', 'submit', submitted('u1', 'wf', oneTask));
    await scheduler.stop(1_000);
    const partition = partitionOf('u1', PARTITIONS);
    await bus.publish({
      subject: factSubject(partition, 'u1'),
      event: { id: 'junk', source: '/test', type: 'x', data: new Uint8Array([255, 255, 255]) },
    });
    scheduler = await start('two');
    startExecutor(() => ({ phase: 'Succeeded' }));
    const uid = ['u2', 'u3', 'u4', 'u5'].find((one) => partitionOf(one, PARTITIONS) === partition);
    if (uid === undefined) throw new Error('no uid of the same partition');
    expect(await ask(uid, 'submit', submitted(uid, 'other', oneTask))).toBe('accepted');
    expect(await ended('other')).toMatchObject({ phase: 'Succeeded' });
  });

  it('is not held up by an entry of the index that is no summary', async () => {
    await scheduler.stop(1_000);
    const bucket = await bus.keyValue(BUCKETS.runs);
    await bucket.put(runKey('default', 'spoilt'), new TextEncoder().encode('{'));
    scheduler = await start('two');
    expect(await ask('u1', 'submit', submitted('u1', 'wf', oneTask))).toBe('accepted');
  });

  it('keeps the deadline of a run whose scheduler died', async () => {
    startExecutor(() => undefined);
    await ask('u1', 'submit', submitted('u1', 'wf', { ...oneTask, activeDeadlineSeconds: 1 }));
    await scheduler.stop(1_000);
    scheduler = await start('two');
    // The task is never reported; the canceller finds no executor and reports in its place.
    expect(await ended('wf')).toMatchObject({ phase: 'Failed' });
  });
});
