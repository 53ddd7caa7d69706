// Covers the limits on runs at work at once: of the installation and of a namespace, their order, and their changes.
// Leaves out the parallelism inside of a run (libs/core-workflow).
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHarness, oneTask, type Harness } from '../testing/harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = createHarness();
  harness.answerTasks(() => undefined);
});

afterEach(() => harness.stop());

async function start(data: Record<string, string>): Promise<void> {
  await configure(data);
  await harness.start('one');
}

function configure(data: Record<string, string>): Promise<void> {
  const metadata = { name: 'workflow-controller-configmap' };
  return harness.declare({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
}

async function untilRan(...names: readonly string[]): Promise<void> {
  await eventually(() => expect(harness.ran.map(({ workflow }) => workflow)).toEqual(names), {
    timeoutMs: 10_000,
  });
}

async function finish(name: string): Promise<void> {
  const task = harness.ran.find(({ workflow }) => workflow === name);
  if (task === undefined) throw new Error(`${name} has no task`);
  await harness.finish(task);
  await harness.ended(name);
}

describe.each(['parallelism', 'namespaceParallelism'])('%s', (setting) => {
  it('keeps the runs beyond it Pending, with the message of Argo', async () => {
    await start({ [setting]: '1' });
    await harness.submit('u1', 'first', oneTask);
    await untilRan('first');
    await harness.submit('u2', 'second', oneTask);
    const waiting = await harness.when('second', ({ message }) => message !== '');
    expect(waiting).toMatchObject({
      phase: 'Pending',
      message:
        'Workflow processing has been postponed because too many workflows are already running',
    });
    await finish('first');
    await untilRan('first', 'second');
  });
});

describe('the runs that wait for a place', () => {
  it('come in the order of their priority, then of their creation', async () => {
    await start({ parallelism: '1' });
    await harness.submit('u1', 'first', oneTask);
    await untilRan('first');
    await harness.submit('u2', 'second', oneTask);
    await harness.submit('u3', 'third', oneTask);
    await harness.submit('u4', 'urgent', { ...oneTask, priority: 5 });
    for (const name of ['second', 'third', 'urgent']) {
      await harness.when(name, ({ message }) => message !== '');
    }
    await finish('first');
    await untilRan('first', 'urgent');
    await finish('urgent');
    await untilRan('first', 'urgent', 'second');
  });

  it('go on when the limit is raised or taken back', async () => {
    await start({ parallelism: '1' });
    await harness.submit('u1', 'first', oneTask);
    await untilRan('first');
    await harness.submit('u2', 'second', oneTask);
    await harness.when('second', ({ message }) => message !== '');
    await harness.submit('u3', 'third', oneTask);
    await configure({ parallelism: '2' });
    await untilRan('first', 'second');
    await configure({});
    await untilRan('first', 'second', 'third');
  });

  it('end at once when they are terminated, and take no place', async () => {
    await start({ parallelism: '1' });
    await harness.submit('u1', 'first', oneTask);
    await untilRan('first');
    await harness.submit('u2', 'second', oneTask);
    await harness.submit('u3', 'third', oneTask);
    expect(await harness.control('u2', { kind: 'Terminate' })).toBe('accepted');
    expect(await harness.ended('second')).toMatchObject({ phase: 'Failed' });
    await finish('first');
    await untilRan('first', 'third');
  });
});
