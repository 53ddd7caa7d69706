// Covers taking over a run from an Argo object with a status: what was rendered is read back.
// Leaves out statuses of upstream's own making, which the conformance corpus has.
import type { Template, Workflow } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import { step } from '../machine.ts';
import { takeOwed } from '../owed/owed.ts';
import { renderWorkflow } from '../render/workflow.ts';
import { leafOf, play, workflowOf, type Outcomes } from '../testing/index.ts';
import { headerFromStatus, stateFromStatus } from './from-status.ts';

const leaf = leafOf('leaf', [], { retryStrategy: { limit: 1 } });
const echo = leafOf('echo', ['m']);

const templates: readonly Template[] = [
  {
    name: 'main',
    dag: {
      tasks: [
        { name: 'a', template: 'leaf', onExit: 'echo-x' },
        { name: 'skip', template: 'leaf', when: '1 == 2' },
        {
          name: 'loop',
          template: 'echo',
          withItems: ['x', { k: 'v' }],
          depends: 'a',
          ...saying('{{item}}'),
        },
        { name: 'inner', template: 'inner', depends: 'loop' },
        { name: 'none', template: 'leaf', depends: 'inner.Failed' },
      ],
    },
  },
  {
    name: 'inner',
    steps: [
      [{ name: 's', template: 'echo', withItems: [1, 2], ...saying('{{item}}') }],
      [{ name: 't', template: 'leaf' }],
    ],
  },
  { name: 'echo-x', container: { image: 'a' } },
  leaf,
  echo,
];

function saying(value: string): { arguments: { parameters: { name: string; value: string }[] } } {
  return { arguments: { parameters: [{ name: 'm', value }] } };
}

function reload(workflow: Workflow): Workflow {
  return renderWorkflow(stateFromStatus(headerFromStatus(workflow)).state);
}

/** What a status keeps; the order of creation is not in it. */
function comparable(workflow: Workflow): unknown {
  const nodes = Object.values(workflow.status?.nodes ?? {}).map((node) => ({
    ...node,
    children: [...(node.children ?? [])].sort(),
  }));
  return { ...workflow.status, nodes: nodes.sort((left, right) => (left.id < right.id ? -1 : 1)) };
}

describe('reading back what was rendered gives the same status', () => {
  const outcomes: readonly (readonly [string, Outcomes])[] = [
    ['of a succeeded run', {}],
    [
      'of a failed run',
      {
        t: { phase: 'Failed' },
        't(0)': { phase: 'Failed' },
        't(1)': { phase: 'Error', message: 'm' },
      },
    ],
    ['of a run in which a loop is under way', { 'loop(1:k:v)': { stays: 'Running' } }],
    ['of a run in which an attempt waits', { 't(0)': { stays: 'Pending' } }],
  ];
  test.each(outcomes)('%s', (_, outcome) => {
    const { workflow } = play(workflowOf(templates), outcome);
    expect(comparable(reload(workflow))).toEqual(comparable(workflow));
  });
});

test('a run that was taken over goes on to its end', () => {
  const { workflow } = play(workflowOf(templates), { 's(0:1)': { stays: 'Running' } });
  const { state } = stateFromStatus(headerFromStatus(workflow));
  const at = 1_800_000_000_000;
  step(state, { kind: 'Advance', at });
  const open = Object.values(renderWorkflow(state).status?.nodes ?? {}).filter(
    (node) => node.type === 'Pod' && node.phase === 'Running',
  );
  expect(open.map((node) => node.displayName)).toEqual(['s(0:1)']);
  const index = state.nodes.findIndex((node) => node.label === 's(0:1)');
  const taskIds = [`${headerFromStatus(workflow).uid}_${index}_0`];
  for (let taskId = taskIds.shift(); taskId !== undefined; taskId = taskIds.shift()) {
    step(state, { kind: 'ReportTask', at, report: { taskId, kind: 'Finished' } });
    for (const effect of takeOwed(state)) {
      if (effect.kind === 'RunTask') taskIds.push(effect.task.taskId);
    }
  }
  expect(state.phase).toBe('Succeeded');
});
