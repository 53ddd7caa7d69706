// Covers how CronWorkflows are run, on the in-memory bus with a scripted executor and a clock that is moved by hand:
// submission, the status that is stored, policies, history, restarts, changes of owners. Leaves out the rules
// themselves (libs/core-workflow/src/cron) and real time (test/e2e).
import { BUCKETS, commandSubject, runKey, STREAMS } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import type { CronWorkflow, CronWorkflowStatus } from '@argosy/model';
import type { RunSummary } from '@argosy/core-workflow';
import { eventually, fakeClock, type FakeClock } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHarness, oneTask, type Harness } from '../testing/harness.ts';
import type { CronClock } from './clock.ts';

const START = Date.parse('2026-03-10T12:00:30Z');
const MINUTE = 60_000;

let harness: Harness;
let fake: FakeClock;
let clock: CronClock;

beforeEach(() => {
  harness = createHarness();
  fake = fakeClock(START);
  clock = {
    now: () => fake.nowMs(),
    callAt: (atMs, callback) => fake.setTimer(atMs - fake.nowMs(), callback),
  };
});

afterEach(() => harness.stop());

async function declareCron(
  spec: object,
  fields: { status?: CronWorkflowStatus } = {},
): Promise<void> {
  const cron = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'CronWorkflow',
    metadata: {
      name: 'tick',
      uid: 'c1',
      creationTimestamp: '2026-03-10T12:00:00Z',
      generation: 1,
      annotations: { 'cronworkflows.argoproj.io/last-used-schedule': '* * * * *' },
    },
    spec: { schedules: ['* * * * *'], workflowSpec: oneTask, ...spec },
    ...fields,
  };
  await harness.declare(cron);
}

async function cron(): Promise<CronWorkflow> {
  return (await harness.declared('CronWorkflow', 'tick')) as CronWorkflow;
}

/** Waits until the status looks so. */
function status(isSo: (status: CronWorkflowStatus) => boolean): Promise<CronWorkflowStatus> {
  return eventually(
    async () => {
      const found = (await cron()).status ?? {};
      if (isSo(found)) return found;
      throw new Error(`the status is ${JSON.stringify(found)}`);
    },
    { timeoutMs: 5_000 },
  );
}

const nameAt = (text: string): string => `tick-${Date.parse(text) / 1_000}`;

async function names(): Promise<readonly string[]> {
  const keys = await (await harness.bus.keyValue(BUCKETS.runs)).keys();
  return keys.map((key) => key.slice('default.'.length)).sort();
}

/** The keeper has armed its timer for the next instant. */
const armed = (): Promise<void> =>
  eventually(() => {
    if (fake.waiting === 0) throw new Error('no timer is set');
  });

describe('an instant', () => {
  it('starts a run, which is listed as active while it lasts and counted when it has ended', async () => {
    harness.answerTasks(() => undefined);
    await declareCron({});
    await harness.start('one', { clock });
    await armed();
    await fake.advance(30_000);
    const name = nameAt('2026-03-10T12:01:00Z');
    const begun = await status(({ active }) => active?.length === 1);
    expect(begun).toMatchObject({
      active: [{ name, namespace: 'default' }],
      lastScheduledTime: '2026-03-10T12:01:00Z',
      phase: 'Active',
    });
    const task = await eventually(() => harness.ran[0] ?? Promise.reject(new Error('no task yet')));
    await harness.finish(task, { phase: 'Succeeded' });
    const over = await status(({ succeeded }) => succeeded === 1);
    expect(over.active).toBeUndefined();
    const run = await harness.ended(name);
    expect(run.annotations?.['workflows.argoproj.io/scheduled-time']).toBe('2026-03-10T12:01:00Z');
    expect(run.labels['workflows.argoproj.io/cron-workflow']).toBe('tick');
  });

  it('gives its time to the run as workflow.scheduledTime', async () => {
    const container = { image: 'busybox', args: ['{{workflow.scheduledTime}}'] };
    const workflowSpec = { ...oneTask, templates: [{ name: 'leaf', container }] };
    await declareCron({ workflowSpec });
    await harness.start('one', { clock });
    await armed();
    await fake.advance(30_000);
    await status(({ succeeded }) => succeeded === 1);
    expect(harness.ran[0]?.template.container?.args).toEqual(['2026-03-10T12:01:00Z']);
  });

  it('comes every time, one run each', async () => {
    await declareCron({ successfulJobsHistoryLimit: 10 });
    await harness.start('one', { clock });
    for (let minute = 1; minute <= 3; minute += 1) {
      await armed();
      await fake.advance(MINUTE);
      await status(({ succeeded }) => succeeded === minute);
    }
    expect(await names()).toEqual([
      nameAt('2026-03-10T12:01:00Z'),
      nameAt('2026-03-10T12:02:00Z'),
      nameAt('2026-03-10T12:03:00Z'),
    ]);
  });

  it('whose name another run has is a SubmissionError', async () => {
    await declareCron({});
    await harness.start('one', { clock });
    await armed();
    expect(await harness.submit('u1', nameAt('2026-03-10T12:01:00Z'), oneTask)).toBe('accepted');
    await fake.advance(30_000);
    const { conditions, failed } = await status((found) => found.conditions?.length === 1);
    expect(failed).toBe(1);
    expect(conditions?.[0]?.message).toMatch(/^Failed to submit Workflow: .*exists already/);
  });

  it('of a manifest that is not valid starts nothing and is told in a condition', async () => {
    await declareCron({ workflowSpec: { ...oneTask, entrypoint: 'missing' } });
    await harness.start('one', { clock });
    const { conditions } = await status((found) => found.conditions?.length === 1);
    expect(conditions?.[0]).toMatchObject({ type: 'SpecError', status: 'True' });
    expect(conditions?.[0]?.message).toMatch(/missing/);
    await fake.advance(MINUTE);
    expect(await names()).toEqual([]);
  });
});

describe('the check of a manifest', () => {
  it('sees the workflowDefaults of the installation', async () => {
    const data = { workflowDefaults: 'spec: {entrypoint: leaf}' };
    await harness.declare({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'workflow-controller-configmap' },
      data,
    });
    await declareCron({ workflowSpec: { templates: oneTask.templates } });
    await harness.start('one', { clock });
    await armed();
    await fake.advance(30_000);
    expect(await status(({ succeeded }) => succeeded === 1)).not.toHaveProperty('conditions');
  });

  it('finds a template that is missing, and at the next instant that it is there', async () => {
    const reference = { workflowSpec: { workflowTemplateRef: { name: 'shared' } } };
    await declareCron(reference);
    await harness.start('one', { clock });
    const { conditions } = await status((found) => found.conditions?.length === 1);
    expect(conditions?.[0]?.message).toMatch(/"?shared"? not found/);
    const apiVersion = 'argoproj.io/v1alpha1';
    const metadata = { name: 'shared' };
    await harness.declare({ apiVersion, kind: 'WorkflowTemplate', metadata, spec: oneTask });
    await armed();
    await fake.advance(30_000);
    expect(await status(({ succeeded }) => succeeded === 1)).not.toHaveProperty('conditions');
  });
});

describe('a CronWorkflow', () => {
  it('that is declared later, changed and deleted is followed', async () => {
    await harness.start('one', { clock });
    await declareCron({ suspend: true });
    await armed();
    await fake.advance(MINUTE);
    expect(await names()).toEqual([]);
    const stored = await cron();
    await harness.declare({ ...stored, spec: { ...stored.spec, suspend: false } });
    await fake.advance(MINUTE);
    await status(({ succeeded }) => succeeded === 1);
    const bucket = await harness.bus.keyValue(BUCKETS.resources);
    await bucket.delete('cronworkflow.default.tick');
    await eventually(() => expect(fake.waiting).toBe(0));
    await fake.advance(MINUTE);
    expect(await names()).toHaveLength(1);
  });

  it('ends what it replaces', async () => {
    harness.answerTasks(() => undefined);
    await declareCron({ concurrencyPolicy: 'Replace' });
    await harness.start('one', { clock });
    await armed();
    await fake.advance(30_000);
    await status(({ active }) => active?.length === 1);
    await armed();
    await fake.advance(MINUTE);
    const first = await harness.ended(nameAt('2026-03-10T12:01:00Z'));
    expect(first.phase).toBe('Failed');
    const left = await status(({ failed }) => failed === 1);
    expect(left.active?.map(({ name }) => name)).toEqual([nameAt('2026-03-10T12:02:00Z')]);
  });

  it('keeps no more finished runs than its limits say, and deletes the others with their facts', async () => {
    await declareCron({ successfulJobsHistoryLimit: 1 });
    await harness.start('one', { clock });
    for (let minute = 1; minute <= 2; minute += 1) {
      await armed();
      await fake.advance(MINUTE);
      await status(({ succeeded }) => succeeded === minute);
    }
    await eventually(async () => {
      expect(await names()).toEqual([nameAt('2026-03-10T12:02:00Z')]);
    });
  });
});

describe('a restart', () => {
  async function submissions(run: RunSummary): Promise<number> {
    const subject = commandSubject(partitionOf(run.uid, 2), run.uid, 'submit');
    let count = 0;
    for await (const _message of harness.bus.read(STREAMS.commands, subject)) count += 1;
    return count;
  }

  it('after the run was submitted and before that was recorded doubles nothing', async () => {
    await declareCron({});
    const before = await cron();
    const scheduler = await harness.start('one', { clock });
    await armed();
    await fake.advance(30_000);
    await status(({ succeeded }) => succeeded === 1);
    await scheduler.stop(1_000);
    // What a crash right after the submission leaves behind.
    await harness.declare({ ...before });
    await harness.start('two', { clock });
    const after = await status(({ succeeded }) => succeeded === 1);
    expect(after.lastScheduledTime).toBe('2026-03-10T12:01:00Z');
    const run = await harness.ended(nameAt('2026-03-10T12:01:00Z'));
    expect(await submissions(run)).toBe(1);
    expect(harness.ran).toHaveLength(1);
  });

  it('makes up one run that was missed, within startingDeadlineSeconds', async () => {
    await declareCron(
      { startingDeadlineSeconds: 200 },
      { status: { lastScheduledTime: '2026-03-10T11:50:00Z' } },
    );
    await harness.start('one', { clock });
    await status(({ succeeded }) => succeeded === 1);
    expect(await names()).toEqual([nameAt('2026-03-10T12:00:00Z')]);
  });

  it('makes up nothing without it', async () => {
    await declareCron({}, { status: { lastScheduledTime: '2026-03-10T11:50:00Z' } });
    await harness.start('one', { clock });
    await armed();
    expect(await names()).toEqual([]);
  });

  it('of one of two schedulers leaves its crons to the other', async () => {
    await declareCron({ successfulJobsHistoryLimit: 10 });
    const first = await harness.start('one', { clock });
    await harness.start('two', { clock });
    await armed();
    await fake.advance(30_000);
    await status(({ succeeded }) => succeeded === 1);
    await first.stop(1_000);
    await eventually(() => expect(fake.waiting).toBe(1), { timeoutMs: 10_000 });
    await fake.advance(MINUTE);
    await status(({ succeeded }) => succeeded === 2);
    const bucket = await harness.bus.keyValue(BUCKETS.runs);
    expect(await bucket.get(runKey('default', nameAt('2026-03-10T12:02:00Z')))).toBeDefined();
    expect(await names()).toHaveLength(2);
  }, 20_000);
});
