// Covers that a state survives a snapshot: it renders, owes and decides as before, and what is of another form is refused.
// Every other test of this library that plays a run checks snapshots with later facts on the way (testing/fixtures.ts).
// Leaves out where snapshots are kept: see the scheduler.
import type { Workflow } from '@argosy/model';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../facts.ts';
import type { Input } from '../input.ts';
import { step, workflowMachine } from '../machine.ts';
import { takeOwed } from '../owed/owed.ts';
import { renderWorkflow } from '../render/workflow.ts';
import { initialState, type RunState } from '../state.ts';
import {
  headerOf,
  leafOf,
  play,
  snapshotCopy,
  snapshotData,
  workflowOf,
} from '../testing/index.ts';
import { SNAPSHOT_FORM, stateFromSnapshot } from './snapshot.ts';

const call = (name: string, more: object = {}): never =>
  ({
    name,
    template: 'leaf',
    arguments: { parameters: [{ name: 'x', value: '{{workflow.name}}' }] },
    ...more,
  }) as never;

const leaf = leafOf('leaf', ['x']);

const scenarios: Readonly<Record<string, Workflow>> = {
  'a loop': workflowOf([
    { name: 'main', steps: [[call('each', { withSequence: { count: '30' } })]] },
    leaf,
  ]),
  'a loop under a limit of parallelism': workflowOf(
    [{ name: 'main', steps: [[call('each', { withSequence: { count: '12' } })]] }, leaf],
    { parallelism: 3 },
  ),
  'a DAG with a limit and a target from an input': workflowOf([
    {
      name: 'main',
      parallelism: 2,
      dag: {
        target: '{{workflow.namespace}}d',
        tasks: [
          call('a'),
          call('b', { depends: 'a' }),
          call('c', { depends: 'a.Succeeded || b' }),
          call('defaultd', { depends: 'b && c' }),
          call('never', { depends: 'a' }),
        ],
      },
    },
    leaf,
  ]),
  'nested steps with hooks, outputs and an exit handler': workflowOf(
    [
      { name: 'main', steps: [[call('one', { template: 'mid' })], [call('two')]] },
      {
        name: 'mid',
        inputs: { parameters: [{ name: 'x' }] },
        steps: [[call('inner', { hooks: { exit: { template: 'note' } } })], [call('last')]],
        outputs: {
          parameters: [{ name: 'o', globalName: 'g', valueFrom: { expression: '"v"' } }],
        },
      },
      leaf,
      leafOf('note'),
    ],
    { onExit: 'note' },
  ),
  retries: workflowOf([
    { name: 'main', steps: [[call('again', { template: 'flaky' })]] },
    leafOf('flaky', ['x'], { retryStrategy: { limit: 3 } }),
  ]),
};

/**
 * Drives a run to its end: the first task of each kind of name that holds `again` fails, the others succeed. `between` is
 * done to the state before every input.
 */
function drive(workflow: Workflow, between: (state: RunState) => RunState) {
  const run = headerOf(workflow);
  const facts: Fact[] = [];
  const inputs: Input[] = [{ kind: 'Submit', at: run.createdAtMs, run }];
  let state = initialState();
  let tasks = 0;
  for (const input of inputs) {
    state = between(state);
    const stepped = step(state, input);
    if (!stepped.ok) throw new Error(stepped.error.message);
    state = stepped.value.state;
    facts.push(...stepped.value.facts);
    for (const effect of takeOwed(state)) {
      if (effect.kind !== 'RunTask') continue;
      tasks += 1;
      const { taskId, displayName } = effect.task;
      const phase = displayName === 'again(0)' ? 'Failed' : 'Succeeded';
      const report = { taskId, kind: 'Finished', phase } as const;
      inputs.push({ kind: 'ReportTask', at: run.createdAtMs + inputs.length, report });
    }
  }
  return { facts, tasks, state, workflow: renderWorkflow(state) };
}

const roundTrip = (state: RunState): RunState =>
  state.context === undefined ? state : snapshotCopy(state);

describe.each(Object.entries(scenarios))('%s', (_name, workflow) => {
  it('is decided the same when the state comes from a snapshot before every input', () => {
    const plain = drive(workflow, (state) => state);
    const restored = drive(workflow, roundTrip);
    expect(plain.workflow.status?.phase).toBe('Succeeded');
    expect(restored.facts).toEqual(plain.facts);
    expect(restored.tasks).toBe(plain.tasks);
    expect(restored.workflow).toEqual(plain.workflow);
  });

  it('owes the same after a snapshot, and a snapshot of it is the same once more', () => {
    const { facts } = drive(workflow, (state) => state);
    let state = workflowMachine.initial();
    for (const fact of facts) {
      state = workflowMachine.evolve(state, fact);
      const copy = snapshotCopy(state);
      expect(snapshotData(copy)).toEqual(snapshotData(state));
      expect([...workflowMachine.owed(copy)]).toEqual([...workflowMachine.owed(state)]);
    }
  });
});

it('a played run checks snapshots: a loss of what they hold would not go unnoticed', () => {
  const { state } = play(workflowOf([leafOf('main')]));
  const snapshot = snapshotData(state) as {
    state: { nodes: { count: number } };
  };
  snapshot.state.nodes.count = 0;
  const copy = stateFromSnapshot(snapshot);
  expect(copy.ok && renderWorkflow(copy.value).status?.nodes).not.toEqual(
    renderWorkflow(state).status?.nodes,
  );
});

it('a snapshot of another form, and what is none at all, is refused', () => {
  const { state } = play(workflowOf([leafOf('main')]));
  const other = { ...(snapshotData(state) as object), form: SNAPSHOT_FORM + 1 };
  expect(stateFromSnapshot(other)).toMatchObject({
    ok: false,
    error: expect.stringContaining('another version') as string,
  });
  for (const nothing of [undefined, null, {}, []]) {
    expect(stateFromSnapshot(nothing)).toMatchObject({ ok: false });
  }
});
