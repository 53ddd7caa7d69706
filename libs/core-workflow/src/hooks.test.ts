// Covers exit handlers and hooks of runs, steps and tasks, and the phase a run ends in.
// Leaves out stop and terminate (control.test.ts), except where handlers are concerned.
import type { DAGTask, Template, WorkflowStep } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import { leafOf, play, workflowOf } from './testing/index.ts';

const leaf = leafOf('leaf');
const echo = leafOf('echo', ['m']);
const main = leafOf('main');

function steps(...group: readonly WorkflowStep[]): Template {
  return { name: 'main', steps: [group] };
}

describe('of the run', () => {
  test('onExit runs after the entrypoint, also on failure, and sees the status', () => {
    const handler: Template = {
      name: 'bye',
      container: { image: 'a', args: ['{{workflow.status}} {{workflow.failures}}'] },
    };
    const played = play(workflowOf([main, handler], { onExit: 'bye' }), {
      wf: { phase: 'Failed', message: 'no' },
    });
    expect(played.nodes['wf.onExit']).toBe('Pod Succeeded');
    expect(played.node('wf.onExit').nodeFlag).toEqual({ hooked: true });
    expect(played.workflow.status?.phase).toBe('Failed');
    expect(played.workflow.status?.message).toBe('no');
    const [status, failures] = (played.args['wf.onExit']?.[0] ?? '').split(/ (.*)/s);
    expect(status).toBe('Failed');
    const listed: unknown = JSON.parse(String(JSON.parse(failures ?? '')));
    expect(listed).toMatchObject([{ displayName: 'wf', message: 'no', phase: 'Failed' }]);
  });

  test.each(['Failed', 'Error'] as const)(
    'a handler that ends %s decides when all else is well',
    (phase) => {
      const played = play(workflowOf([main, leaf], { onExit: 'leaf' }), {
        'wf.onExit': { phase, message: 'handler' },
      });
      expect(played.workflow.status?.phase).toBe(phase);
      expect(played.workflow.status?.message).toBe('handler');
    },
  );

  test('hooks.exit takes arguments', () => {
    const hook = { template: 'echo', arguments: { parameters: [{ name: 'm', value: 'x' }] } };
    const played = play(workflowOf([main, echo], { hooks: { exit: hook } }));
    expect(played.args['wf.onExit']).toEqual(['x']);
  });

  test('a hook fires once when its expression becomes true, and is waited for', () => {
    const hooks = { running: { template: 'leaf', expression: 'workflow.status == "Running"' } };
    const played = play(workflowOf([main, leaf], { hooks }), {
      'wf.hooks.running': { durationMs: 500 },
    });
    expect(played.nodes['wf.hooks.running']).toBe('Pod Succeeded');
    expect(played.workflow.status?.progress).toBe('2/2');
  });

  test('a hook whose expression never becomes true is not waited for', () => {
    const hooks = { failed: { template: 'leaf', expression: 'workflow.status == "Failed"' } };
    const played = play(workflowOf([main, leaf], { hooks }));
    expect(Object.keys(played.nodes)).toEqual(['wf']);
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('a hook without expression fails the run at once', () => {
    const played = play(workflowOf([main, leaf], { hooks: { mine: { template: 'leaf' } } }));
    expect(played.workflow.status?.phase).toBe('Failed');
    expect(played.workflow.status?.message).toBe('invalid spec: hooks.mine Expression required');
    expect(played.tasks).toHaveLength(0);
  });
});

describe('of a step or task', () => {
  test('the exit handler runs after the node, before what comes next, and sees its outputs', () => {
    const exit = {
      template: 'echo',
      arguments: {
        parameters: [{ name: 'm', value: '{{steps.a.status}} {{steps.a.outputs.result}}' }],
      },
    };
    const group: WorkflowStep = { name: 'a', template: 'leaf', hooks: { exit } };
    const template: Template = {
      name: 'main',
      steps: [[group], [{ name: 'b', template: 'leaf' }]],
    };
    const played = play(workflowOf([template, leaf, echo]), { a: { result: 'r' } });
    expect(played.tasks.map((task) => task.displayName)).toEqual(['a', 'a.onExit', 'b']);
    expect(played.args['a.onExit']).toEqual(['Succeeded r']);
  });

  test('it runs after a failure, whose phase stays', () => {
    const played = play(
      workflowOf([steps({ name: 'a', template: 'leaf', onExit: 'leaf' }), leaf]),
      {
        a: { phase: 'Failed' },
      },
    );
    expect(played.nodes['a.onExit']).toBe('Pod Succeeded');
    expect(played.workflow.status?.phase).toBe('Failed');
  });

  test('it does not run for a skipped or omitted node', () => {
    const tasks: readonly DAGTask[] = [
      { name: 'a', template: 'leaf', when: '1 == 2', onExit: 'leaf' },
      { name: 'b', template: 'leaf', depends: 'a.Failed', onExit: 'leaf' },
    ];
    const played = play(workflowOf([{ name: 'main', dag: { tasks } }, leaf]));
    expect(Object.keys(played.nodes)).toEqual(['wf', 'a', 'b']);
  });

  test("a task's dependents wait for its exit handler", () => {
    const tasks: readonly DAGTask[] = [
      { name: 'a', template: 'leaf', onExit: 'leaf' },
      { name: 'b', template: 'leaf', dependencies: ['a'] },
    ];
    const played = play(workflowOf([{ name: 'main', dag: { tasks } }, leaf]), {
      'a.onExit': { durationMs: 1_000 },
    });
    expect(played.tasks.map((task) => task.displayName)).toEqual(['a', 'a.onExit', 'b']);
  });

  test('a hook fires while the node runs and the group waits for it', () => {
    const hooks = { running: { template: 'leaf', expression: 'steps.a.status == "Running"' } };
    const played = play(workflowOf([steps({ name: 'a', template: 'leaf', hooks }), leaf]), {
      a: { durationMs: 10 },
      'a.hooks.running': { durationMs: 1_000 },
    });
    expect(played.node('a.hooks.running').nodeFlag).toEqual({ hooked: true });
    const ends = ['a', 'a.hooks.running'].map((name) => played.node(name).finishedAt);
    expect(played.node('[0]').finishedAt).toBe(ends[1]);
  });

  test('hooks of a retried step are children of the Retry node and fire once', () => {
    const retry = leafOf('retry', [], { retryStrategy: { limit: 2 } });
    const hooks = { exit: { template: 'leaf' } };
    const played = play(workflowOf([steps({ name: 'a', template: 'retry', hooks }), retry, leaf]), {
      'a(0)': { phase: 'Failed' },
    });
    expect(played.tasks.map((task) => task.displayName)).toEqual(['a(0)', 'a(1)', 'a.onExit']);
    expect(played.node('a').children).toHaveLength(3);
  });
});
