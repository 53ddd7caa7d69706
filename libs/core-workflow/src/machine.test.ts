// Covers the contract of the machine: repeated inputs, crashes, what is owed, bounds on work.
// Leaves out what each kind of template does.
import type { Template, Workflow } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import type { Task } from './effect.ts';
import { step, workflowMachine } from './machine.ts';
import { streamOwed, takeOwed } from './owed/owed.ts';
import { renderWorkflow } from './render/workflow.ts';
import { initialState } from './state.ts';
import { headerOf, leafOf, play, workflowOf, type TaskOutcome } from './testing/index.ts';

const leaf = leafOf('leaf', [], { retryStrategy: { limit: 1, backoff: { duration: '3' } } });

const everything: Template[] = [
  {
    name: 'main',
    dag: {
      tasks: [
        { name: 'a', template: 'leaf', onExit: 'bye' },
        { name: 'b', template: 'leaf', withItems: [1, 2, 3], depends: 'a' },
        { name: 'c', template: 'inner', depends: 'b.AnySucceeded' },
        { name: 'd', template: 'leaf', depends: 'c.Failed' },
        { name: 'e', template: 'wait', depends: 'c' },
      ],
    },
  },
  { name: 'inner', steps: [[{ name: 's', template: 'leaf' }], [{ name: 't', template: 'leaf' }]] },
  { name: 'wait', suspend: { duration: '10' } },
  { name: 'bye', container: { image: 'a' } },
  leaf,
];

/** Fails the first attempt of every second task. */
function outcome(task: Task): TaskOutcome {
  const fails = task.attempt === 0 && task.nodeName.length % 2 === 0;
  return fails ? { phase: 'Failed', durationMs: 700 } : { durationMs: 400, result: '1' };
}

const manifests: readonly (readonly [string, Workflow])[] = [
  ['a mixed DAG', workflowOf(everything, { onExit: 'bye' })],
  ['a mixed DAG with little parallelism', workflowOf(everything, { parallelism: 1 })],
  ['a DAG under a deadline', workflowOf(everything, { activeDeadlineSeconds: 6, onExit: 'bye' })],
];

describe('crashes', () => {
  test.each(manifests)(
    '%s ends the same when its owner is lost before every input',
    (_, workflow) => {
      const whole = play(workflow, outcome);
      const broken = play(workflow, outcome, { crashes: true });
      expect(broken.workflow).toEqual(whole.workflow);
      expect(broken.tasks.map((task) => task.taskId)).toEqual(
        whole.tasks.map((task) => task.taskId),
      );
      expect(whole.workflow.status?.finishedAt).not.toBeNull();
    },
  );

  test('a state folded anew owes the tasks that have not ended, with the same content', () => {
    const played = play(workflowOf(everything), () => ({ stays: 'Running' }));
    const owed = [...workflowMachine.owed(played.state)].filter(({ kind }) => kind === 'RunTask');
    expect(owed).toEqual(played.tasks.map((task) => ({ kind: 'RunTask', task })));
  });
});

describe('inputs seen before yield no facts', () => {
  const header = headerOf(workflowOf([leafOf('main')]));
  const at = header.createdAtMs;

  test('the same run twice', () => {
    const { state } = play(workflowOf([leafOf('main')]), () => ({ stays: 'Running' }));
    const again = step(state, { kind: 'Submit', at, run: header });
    expect(again.ok && again.value.facts).toEqual([]);
  });

  test('another run under the same key is refused', () => {
    const { state } = play(workflowOf([leafOf('main')]), () => ({ stays: 'Running' }));
    const other = step(state, { kind: 'Submit', at, run: { ...header, uid: 'other' } });
    expect(other.ok ? '' : other.error.code).toBe('AlreadyExists');
  });

  test('a report repeated, or told after the end', () => {
    const { state, tasks } = play(workflowOf([leafOf('main')]));
    const taskId = tasks[0]?.taskId ?? '';
    for (const kind of ['Started', 'Progress', 'Finished'] as const) {
      const report = { taskId, kind, phase: 'Failed', progress: '1/2' } as const;
      const again = step(state, { kind: 'ReportTask', at, report });
      expect(again.ok && again.value.facts).toEqual([]);
    }
  });

  test('an early tick, and an advance without news', () => {
    const { state } = play(workflowOf(everything), () => ({ stays: 'Running' }));
    for (const kind of ['Tick', 'Advance'] as const) {
      const again = step(state, { kind, at: at + 1 });
      expect(again.ok && again.value.facts).toEqual([]);
    }
  });
});

test('reports about other runs and unreadable task ids are refused', () => {
  const { state } = play(workflowOf([leafOf('main')]), () => ({ stays: 'Running' }));
  const refusal = (taskId: string): string => {
    const stepped = step(state, {
      kind: 'ReportTask',
      at: 0,
      report: { taskId, kind: 'Finished' },
    });
    return stepped.ok ? '' : stepped.error.code;
  };
  expect(refusal('other_0_0')).toBe('NotFound');
  expect(refusal('nonsense')).toBe('InvalidArgument');
});

test('a run that was refused is there, has ended with the reason and cannot be retried', () => {
  const manifest = { ...workflowOf([]), spec: { workflowTemplateRef: { name: 'gone' } } };
  const rejection = { phase: 'Error', message: 'invalid spec: "gone" not found' } as const;
  const run = headerOf(manifest, { spec: {}, rejection });
  const at = run.createdAtMs;
  const submitted = step(initialState(), { kind: 'Submit', at, run });
  if (!submitted.ok) throw new Error(submitted.error.message);
  const { state } = submitted.value;
  const { spec, status } = renderWorkflow(state);
  expect(spec).toEqual(manifest.spec);
  expect(status).toMatchObject({ ...rejection, progress: '0/0' });
  expect(status?.finishedAt).toBe(status?.startedAt);
  expect(status).not.toHaveProperty('storedWorkflowTemplateSpec');
  expect([...workflowMachine.owed(state)]).toEqual([]);
  const retried = step(state, { kind: 'Control', at, command: { kind: 'Retry' } });
  expect(retried.ok ? '' : retried.error.message).toContain('"gone" not found');
});

test('decide only reads the state', () => {
  const { state } = play(workflowOf(everything), () => ({ stays: 'Running' }));
  const shown = (): string =>
    JSON.stringify({ ...state, context: undefined, active: [...state.active] });
  const before = shown();
  workflowMachine.decide(state, { kind: 'Control', at: 1, command: { kind: 'Stop' } });
  workflowMachine.decide(state, { kind: 'Tick', at: Number.MAX_SAFE_INTEGER });
  workflowMachine.decide(state, { kind: 'Advance', at: 1 });
  expect(shown()).toBe(before);
});

test.each([3, 300])('what is owed can be taken one by one: %i tasks', (count) => {
  const state = initialState();
  const each = { name: 'each', template: 'leaf', withSequence: { count: String(count) } };
  const run = headerOf(workflowOf([{ name: 'main', steps: [[each]] }, leafOf('leaf')]));
  step(state, { kind: 'Submit', at: run.createdAtMs, run });
  const owed = [...workflowMachine.owed(state)];
  expect([...streamOwed(state)]).toEqual(owed);
  expect(owed).toHaveLength(count);
  expect([...streamOwed(state)]).toEqual([]);
});

test('takeOwed hands out each task and each instant once', () => {
  const state = initialState();
  const run = headerOf(workflowOf([leafOf('main', [], { timeout: '5s' })]));
  step(state, { kind: 'Submit', at: run.createdAtMs, run });
  const kinds = takeOwed(state).map(({ kind }) => kind);
  expect(kinds).toEqual(['RunTask', 'WakeAt']);
  expect(takeOwed(state)).toEqual([]);
});

test('the work of a step does not grow with the number of nodes', () => {
  const tasks = Array.from({ length: 4_000 }, (_, index) => ({
    name: `t${index}`,
    template: 'leaf',
    ...(index === 0 ? {} : { dependencies: [`t${index - 1}`] }),
  }));
  const workflow = workflowOf([{ name: 'main', dag: { tasks } }, leafOf('leaf')]);
  const run = headerOf(workflow);
  const state = initialState();
  step(state, { kind: 'Submit', at: 0, run });
  let mostDirty = 0;
  for (let index = 0; index < tasks.length; index += 1) {
    const [effect] = takeOwed(state);
    if (effect?.kind !== 'RunTask') throw new Error('no task was handed out');
    const report = { taskId: effect.task.taskId, kind: 'Finished' } as const;
    const stepped = step(state, { kind: 'ReportTask', at: index, report });
    if (!stepped.ok) throw new Error(stepped.error.message);
    mostDirty = Math.max(mostDirty, stepped.value.facts.length);
  }
  expect(state.phase).toBe('Succeeded');
  expect(mostDirty).toBeLessThanOrEqual(3);
});

test('an input that sets off very much is cut short, asks to be woken at once, and goes on with Ticks', () => {
  const skipped = { name: 'never', template: 'leaf', when: 'false' };
  const each = { name: 'each', template: 'inner', withSequence: { count: '12000' } };
  const run = headerOf(
    workflowOf([
      { name: 'main', steps: [[each as never]] },
      { name: 'inner', steps: [[skipped as never]] },
      leafOf('leaf'),
    ]),
  );
  const state = initialState();
  const counts: number[] = [];
  const wakings: number[] = [];
  for (let more = true; more && counts.length < 20;) {
    const at = run.createdAtMs;
    const begins = counts.length === 0;
    const stepped = step(state, begins ? { kind: 'Submit', at, run } : { kind: 'Tick', at });
    if (!stepped.ok) throw new Error(stepped.error.message);
    counts.push(stepped.value.facts.length);
    const wake = takeOwed(state).find(({ kind }) => kind === 'WakeAt');
    if (wake?.kind === 'WakeAt') wakings.push(wake.at);
    more = wake !== undefined;
  }
  expect(state.phase).toBe('Succeeded');
  expect(counts.length).toBeGreaterThan(2);
  expect(Math.max(...counts)).toBeLessThan(45_000);
  expect(wakings).toEqual(counts.slice(1).map(() => 0));
});
