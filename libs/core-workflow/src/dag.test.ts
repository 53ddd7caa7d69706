// Covers DAG templates: dependencies, depends, targets, phases, references, the graph.
// Leaves out loops (loops.test.ts), hooks and retries.
import { nodeIdOf } from '@argosy/base';
import type { DAGTask, DAGTemplate, Template } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import { leafOf, play, workflowOf } from './testing/index.ts';

const leaf = leafOf('leaf');
const echo = leafOf('echo', ['m']);

function dag(tasks: readonly DAGTask[], more: Partial<DAGTemplate> = {}): Template {
  return { name: 'main', dag: { tasks, ...more } };
}

function task(name: string, more: Partial<DAGTask> = {}): DAGTask {
  return { name, template: 'leaf', ...more };
}

test('a diamond runs each task after its dependencies and shows the edges', () => {
  const played = play(
    workflowOf([
      dag([
        task('A'),
        task('B', { dependencies: ['A'] }),
        task('C', { dependencies: ['A'] }),
        task('D', { dependencies: ['B', 'C'] }),
      ]),
      leaf,
    ]),
    { B: { durationMs: 5 } },
  );
  expect(played.tasks.map(({ displayName }) => displayName)).toEqual(['A', 'B', 'C', 'D']);
  const id = (name: string): string => nodeIdOf('wf', `wf.${name}`);
  expect(played.node('A').children).toEqual([id('B'), id('C')]);
  expect(played.node('B').children).toEqual([id('D')]);
  expect(played.node('wf').outboundNodes).toEqual([id('D')]);
});

describe('depends', () => {
  const cases: readonly (readonly [string, 'Succeeded' | 'Failed' | 'Error', boolean])[] = [
    ['A', 'Succeeded', true],
    ['A', 'Failed', false],
    ['A.Failed', 'Failed', true],
    ['A.Errored', 'Error', true],
    ['A.Errored', 'Failed', false],
    ['A.Succeeded || A.Failed', 'Failed', true],
    ['!A.Succeeded', 'Failed', true],
    ['(A.Failed && !A.Succeeded) || A.Skipped', 'Failed', true],
    ['A.AllFailed', 'Failed', false],
  ];
  test.each(cases)('%s after %s: %s', (depends, phase, runs) => {
    const played = play(workflowOf([dag([task('A'), task('B', { depends })]), leaf]), {
      A: { phase },
    });
    const omitted = 'Skipped Omitted: omitted: depends condition not met';
    expect(played.nodes['B']).toBe(runs ? 'Pod Succeeded' : omitted);
  });

  test('a skipped task lets bare followers start, an omitted one does not', () => {
    const played = play(
      workflowOf([
        dag([
          task('A', { when: '1 == 2' }),
          task('B', { depends: 'A' }),
          task('C', { depends: 'B.Failed' }),
          task('D', { depends: 'C' }),
        ]),
        leaf,
      ]),
    );
    expect(played.node('A').phase).toBe('Skipped');
    expect(played.nodes['B']).toBe('Pod Succeeded');
    expect(played.node('C').phase).toBe('Omitted');
    expect(played.node('D').phase).toBe('Omitted');
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('continueOn extends what a dependency asks for', () => {
    const first = task('A', { continueOn: { failed: true } });
    const played = play(workflowOf([dag([first, task('B', { dependencies: ['A'] })]), leaf]), {
      A: { phase: 'Failed' },
    });
    expect(played.nodes['B']).toBe('Pod Succeeded');
  });

  test('a task may be named like a function of the expression language', () => {
    const tasks = [task('split'), task('map', { depends: 'split.Succeeded' })];
    const played = play(workflowOf([dag(tasks), leaf]));
    expect(played.nodes['map']).toBe('Pod Succeeded');
  });
});

describe('phase', () => {
  test('a failed task in the middle whose follower succeeds does not fail the DAG', () => {
    const played = play(workflowOf([dag([task('A'), task('B', { depends: 'A.Failed' })]), leaf]), {
      A: { phase: 'Failed' },
    });
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('an omitted target takes the phase of its branch', () => {
    const played = play(workflowOf([dag([task('A'), task('B', { depends: 'A' })]), leaf]), {
      A: { phase: 'Error' },
    });
    expect(played.nodes['wf']).toBe('DAG Error');
  });

  test('running tasks are waited for after a failure', () => {
    const played = play(workflowOf([dag([task('A'), task('B')]), leaf]), {
      A: { phase: 'Failed' },
      B: { durationMs: 100 },
    });
    expect(played.node('B').phase).toBe('Succeeded');
    expect(played.nodes['wf']).toBe('DAG Failed');
  });

  test('a leaf with continueOn for its phase does not fail the DAG', () => {
    const only = task('A', { continueOn: { failed: true } });
    const played = play(workflowOf([dag([only]), leaf]), { A: { phase: 'Failed' } });
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('only targets and what they need are created', () => {
    const tasks = [task('A'), task('B', { dependencies: ['A'] }), task('C')];
    const played = play(workflowOf([dag(tasks, { target: 'B' }), leaf]));
    expect(Object.keys(played.nodes)).toEqual(['wf', 'A', 'B']);
  });
});

describe('errors', () => {
  test('a reference that fails makes the task a Skipped node in error, and the workflow an error', () => {
    const bad = task('B', {
      template: 'echo',
      dependencies: ['A'],
      arguments: { parameters: [{ name: 'm', value: '{{tasks.A.outputs.parameters.x}}' }] },
    });
    const played = play(workflowOf([dag([task('A'), bad]), leaf, echo]));
    expect(played.node('B').type).toBe('Skipped');
    expect(played.node('B').phase).toBe('Error');
    expect(played.workflow.status?.phase).toBe('Error');
  });

  test('an unknown template is told by name', () => {
    const played = play(workflowOf([dag([task('A', { template: 'none' })]), leaf]));
    expect(played.node('A').message).toBe("template name 'none' undefined");
  });

  test('a cycle is an error and does not hang', () => {
    const tasks = [task('A', { dependencies: ['B'] }), task('B', { dependencies: ['A'] })];
    const played = play(workflowOf([dag(tasks), leaf]));
    expect(played.workflow.status?.phase).toBe('Error');
    expect(played.workflow.status?.message).toContain('cycle');
  });

  test('templates that call themselves stop at depth 100', () => {
    const main = dag([task('A', { template: 'main' })]);
    const played = play(workflowOf([main]));
    expect(played.workflow.status?.phase).toBe('Error');
    const messages = played.state.nodes.map((node) => node.message);
    expect(messages).toContain('Maximum recursion depth exceeded');
  });
});

test('tasks see outputs of their ancestors and the task’s own name in node.name is the DAG’s', () => {
  const second = task('B', {
    template: 'echo',
    dependencies: ['A'],
    arguments: { parameters: [{ name: 'm', value: '{{tasks.A.outputs.result}} {{node.name}}' }] },
  });
  const played = play(workflowOf([dag([task('A'), second]), leaf, echo]), { A: { result: 'r' } });
  expect(played.args['B']).toEqual(['r wf']);
});
