// Covers memoized resubmission: what is taken over from the former run, and what is run again.
import type { Template, Workflow } from '@argosy/model';
import { expect, test } from 'vitest';
import { memoizedStatus } from './resubmission.ts';
import { leafOf, play, workflowOf, type Outcomes, type Played } from './testing/index.ts';

const out = { outputs: { parameters: [{ name: 'out', valueFrom: { path: '/out' } }] } } as const;

/** Runs a workflow, then its memoized resubmission in which everything succeeds. */
function playAgain(workflow: Workflow, outcomes: Outcomes): Played {
  const former = play(workflow, outcomes).workflow;
  const labels = { 'workflows.argoproj.io/resubmitted-from-workflow': 'wf' };
  const again = {
    ...workflow,
    metadata: { name: 'again', labels },
    status: memoizedStatus(former),
  };
  return play(again);
}

const names = (played: Played): readonly string[] =>
  played.tasks.map(({ displayName }) => displayName);

test('succeeded pods become Skipped nodes that name the original, and are not run again', () => {
  const workflow = workflowOf([
    {
      name: 'main',
      dag: {
        tasks: [
          { name: 'a', template: 'leaf' },
          { name: 'b', template: 'leaf' },
        ],
      },
    },
    leafOf('leaf'),
  ]);
  const played = playAgain(workflow, { b: { phase: 'Failed' } });
  expect(names(played)).toEqual(['b']);
  expect(played.node('a')).toMatchObject({ type: 'Skipped', phase: 'Skipped' });
  expect(played.node('a').message).toMatch(/^original pod: wf-\d+$/);
  expect(played.workflow.status?.phase).toBe('Succeeded');
});

test('later nodes see the outputs that were taken over', () => {
  const tasks = [
    { name: 'a', template: 'make' },
    {
      name: 'b',
      template: 'show',
      depends: 'a.Succeeded',
      arguments: { parameters: [{ name: 'x', value: '{{tasks.a.outputs.parameters.out}}' }] },
    },
  ];
  const workflow = workflowOf([
    { name: 'main', dag: { tasks } },
    leafOf('make', [], out),
    leafOf('show', ['x']),
  ]);
  const outcomes = { a: { parameters: { out: 'value' } }, b: { phase: 'Failed' } } as const;
  const played = playAgain(workflow, outcomes);
  expect(names(played)).toEqual(['b']);
  expect(played.args['b']).toEqual(['value']);
});

test('a Retry node whose last attempt had succeeded is taken over as one', () => {
  const workflow = workflowOf([
    {
      name: 'main',
      steps: [[{ name: 'a', template: 'again' }], [{ name: 'b', template: 'leaf' }]],
    },
    leafOf('again', [], { retryStrategy: { limit: '2' } }),
    leafOf('leaf'),
  ]);
  const played = playAgain(workflow, { 'a(0)': { phase: 'Failed' }, b: { phase: 'Failed' } });
  expect(names(played)).toEqual(['b']);
  expect(played.node('a').type).toBe('Skipped');
});

test('rounds of a loop are taken over one by one, and aggregated with those that run again', () => {
  const loop: Template = {
    name: 'main',
    steps: [
      [
        {
          name: 'l',
          template: 'make',
          withItems: ['x', 'y'],
          arguments: { parameters: [{ name: 'i', value: '{{item}}' }] },
        },
      ],
      [
        {
          name: 's',
          template: 'show',
          arguments: { parameters: [{ name: 'x', value: '{{steps.l.outputs.parameters.out}}' }] },
        },
      ],
    ],
  };
  const workflow = workflowOf([loop, leafOf('make', ['i'], out), leafOf('show', ['x'])]);
  const former = play(workflow, {
    'l(0:x)': { parameters: { out: 'X' } },
    'l(1:y)': { phase: 'Failed' },
  });
  const labels = { 'workflows.argoproj.io/resubmitted-from-workflow': 'wf' };
  const status = memoizedStatus(former.workflow);
  const again = { ...workflow, metadata: { name: 'again', labels }, status };
  const played = play(again, { 'l(1:y)': { parameters: { out: 'Y' } } });
  expect(names(played)).toEqual(['l(1:y)', 's']);
  expect(played.args['s']).toEqual(['["X","Y"]']);
});

test('the exit handler of the workflow runs again', () => {
  const workflow = workflowOf([leafOf('main'), leafOf('bye')], { onExit: 'bye' });
  expect(names(playAgain(workflow, {}))).toEqual(['again.onExit']);
});

test('a resubmission of a resubmission keeps what the first one took over', () => {
  const workflow = workflowOf([
    {
      name: 'main',
      dag: {
        tasks: [
          { name: 'a', template: 'leaf' },
          { name: 'b', template: 'leaf' },
        ],
      },
    },
    leafOf('leaf'),
  ]);
  const first = play(workflow, { b: { phase: 'Failed' } }).workflow;
  const metadata = (name: string, from: string) => ({
    name,
    labels: { 'workflows.argoproj.io/resubmitted-from-workflow': from },
  });
  const second = play(
    { ...workflow, metadata: metadata('two', 'wf'), status: memoizedStatus(first) },
    { b: { phase: 'Failed' } },
  ).workflow;
  const third = play({
    ...workflow,
    metadata: metadata('three', 'two'),
    status: memoizedStatus(second),
  });
  expect(names(third)).toEqual(['b']);
  expect(third.node('a').message).toMatch(/^original pod: wf-\d+$/);
});

test('a status that names no original pods changes nothing', () => {
  const workflow = workflowOf([leafOf('main')]);
  const status = play(workflow).workflow.status;
  expect(names(play({ ...workflow, ...(status === undefined ? {} : { status }) }))).toEqual(['wf']);
});
