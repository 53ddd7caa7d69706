// Covers steps templates: groups, failures, continueOn, skipping, references, outputs, the graph.
// Leaves out loops (loops.test.ts), hooks (hooks.test.ts) and retries (retry.test.ts).
import { nodeIdOf } from '@argosy/base';
import type { Template, WorkflowStep } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import { leafOf, play, workflowOf } from './testing/index.ts';

const leaf = leafOf('leaf');
const echo = leafOf('echo', ['m']);

function steps(...groups: readonly (readonly WorkflowStep[])[]): Template {
  return { name: 'main', steps: groups };
}

function step(name: string, more: Partial<WorkflowStep> = {}): WorkflowStep {
  return { name, template: 'leaf', ...more };
}

function say(name: string, m: string, more: Partial<WorkflowStep> = {}): WorkflowStep {
  return { name, template: 'echo', arguments: { parameters: [{ name: 'm', value: m }] }, ...more };
}

describe('groups', () => {
  test('groups run one after the other, the steps of a group together', () => {
    const played = play(workflowOf([steps([step('a')], [step('b'), step('c')]), leaf]), {
      b: { durationMs: 10 },
      c: { durationMs: 10 },
    });
    expect(played.maxParallel).toBe(2);
    expect(played.tasks.map((task) => task.displayName)).toEqual(['a', 'b', 'c']);
    expect(played.workflow.status?.phase).toBe('Succeeded');
    expect(played.workflow.status?.progress).toBe('3/3');
  });

  test('a group hangs on the ends of the group before it', () => {
    const played = play(workflowOf([steps([step('a'), step('b')], [step('c')]), leaf]));
    const second = nodeIdOf('wf', 'wf[1]');
    expect(played.node('a').children).toEqual([second]);
    expect(played.node('b').children).toEqual([second]);
    expect(played.node('[0]').children).toHaveLength(2);
    expect(played.node('wf').outboundNodes).toEqual([nodeIdOf('wf', 'wf[1].c')]);
  });

  test('an empty group is legal', () => {
    const played = play(workflowOf([steps([], [step('a')]), leaf]));
    expect(played.nodes['wf']).toBe('Steps Succeeded');
    expect(played.nodes['a']).toBe('Pod Succeeded');
  });

  test('a failed child fails the group and the steps node with the message that names it', () => {
    const played = play(workflowOf([steps([step('a'), step('b')], [step('c')]), leaf]), {
      a: { phase: 'Error', message: 'lost' },
      b: { durationMs: 50 },
    });
    const message = `child '${nodeIdOf('wf', 'wf[0].a')}' failed`;
    expect(played.nodes).toEqual({
      wf: `Steps Failed: ${message}`,
      '[0]': `StepGroup Failed: ${message}`,
      a: 'Pod Error: lost',
      b: 'Pod Succeeded',
    });
    expect(played.workflow.status?.message).toBe(message);
  });

  test('continueOn lets the group succeed while the node itself stays failed', () => {
    const first = step('a', { continueOn: { failed: true } });
    const played = play(workflowOf([steps([first], [step('b')]), leaf]), {
      a: { phase: 'Failed' },
    });
    expect(played.nodes['a']).toBe('Pod Failed');
    expect(played.nodes['[0]']).toBe('StepGroup Succeeded');
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('continueOn.failed does not cover an error', () => {
    const first = step('a', { continueOn: { failed: true } });
    const played = play(workflowOf([steps([first]), leaf]), { a: { phase: 'Error' } });
    expect(played.workflow.status?.phase).toBe('Failed');
  });
});

describe('when', () => {
  test('a false condition makes a Skipped node that says what was compared', () => {
    const played = play(
      workflowOf([steps([step('a')], [step('b', { when: '{{steps.a.status}} == Failed' })]), leaf]),
    );
    expect(played.nodes['b']).toBe("Skipped Skipped: when 'Succeeded == Failed' evaluated false");
  });

  test('a false condition means that the body need not resolve', () => {
    const played = play(
      workflowOf([steps([say('a', '{{steps.none.outputs.result}}', { when: 'a == b' })]), echo]),
    );
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('an unreadable condition makes the group an error and the steps node failed', () => {
    const played = play(workflowOf([steps([step('a', { when: 'a b c ==' })]), leaf]));
    expect(played.node('[0]').phase).toBe('Error');
    expect(played.node('wf').phase).toBe('Failed');
  });
});

describe('references', () => {
  test('a later group sees the outputs of all earlier ones', () => {
    const played = play(
      workflowOf([
        steps(
          [step('a')],
          [step('b')],
          [say('c', '{{steps.a.outputs.result}}-{{steps.b.outputs.parameters.p}}')],
        ),
        leaf,
        echo,
      ]),
      { a: { result: 'one "quoted"' }, b: { parameters: { p: 'two' } } },
    );
    expect(played.args['c']).toEqual(['one "quoted"-two']);
    expect(played.tasks[0]?.captureResult).toBe(true);
    expect(played.tasks[1]?.captureResult).toBe(false);
  });

  test('a reference without a value leaves the group an error without children', () => {
    const played = play(
      workflowOf([
        steps([step('a')], [say('b', '{{steps.a.outputs.parameters.none}}')]),
        leaf,
        echo,
      ]),
    );
    expect(played.node('[1]').phase).toBe('Error');
    expect(played.node('[1]').message).toContain('{{steps.a.outputs.parameters.none}}');
    expect(played.nodes['b']).toBeUndefined();
  });

  test('an argument that is only a reference to a skipped step leaves the input its default', () => {
    const withDefault: Template = {
      ...echo,
      inputs: { parameters: [{ name: 'm', default: 'fallback' }] },
    };
    const played = play(
      workflowOf([
        steps([step('a', { when: '1 == 2' })], [say('b', '{{steps.a.outputs.parameters.p}}')]),
        leaf,
        withDefault,
      ]),
    );
    expect(played.args['b']).toEqual(['fallback']);
  });

  test('without a default it is an error that speaks of an absent optional', () => {
    const played = play(
      workflowOf([
        steps([step('a', { when: '1 == 2' })], [say('b', '{{steps.a.outputs.parameters.p}}')]),
        leaf,
        echo,
      ]),
    );
    expect(played.node('b').message).toContain('absent optional');
    expect(played.workflow.status?.phase).toBe('Failed');
  });

  test("a skipped producer's declared default counts", () => {
    const producer = leafOf('leaf', [], {
      outputs: { parameters: [{ name: 'p', valueFrom: { path: '/p', default: 'declared' } }] },
    });
    const played = play(
      workflowOf([
        steps([step('a', { when: '1 == 2' })], [say('b', '{{steps.a.outputs.parameters.p}}')]),
        producer,
        echo,
      ]),
    );
    expect(played.args['b']).toEqual(['declared']);
  });

  test('an expression tag sees steps, inputs and globals', () => {
    const main: Template = {
      ...steps(
        [step('a')],
        [say('b', "{{=asInt(steps.a.outputs.result) + 1}}/{{=inputs.parameters['the-x']}}")],
      ),
      inputs: { parameters: [{ name: 'the-x' }] },
    };
    const played = play(
      workflowOf([main, leaf, echo], {
        arguments: { parameters: [{ name: 'the-x', value: 'X' }] },
      }),
      { a: { result: '41' } },
    );
    expect(played.args['b']).toEqual(['42/X']);
  });
});

describe('outputs', () => {
  test('outputs come by reference and by expression, and globalName makes them the workflow’s', () => {
    const main: Template = {
      ...steps([step('a')]),
      outputs: {
        parameters: [
          { name: 'p', globalName: 'g', valueFrom: { parameter: '{{steps.a.outputs.result}}' } },
          { name: 'e', valueFrom: { expression: "steps.a.outputs.result + '!'" } },
        ],
      },
    };
    const played = play(workflowOf([main, leaf]), { a: { result: 'r' } });
    expect(played.node('wf').outputs?.parameters?.map(({ name, value }) => [name, value])).toEqual([
      ['p', 'r'],
      ['e', 'r!'],
    ]);
    expect(played.workflow.status?.outputs?.parameters).toEqual([{ name: 'g', value: 'r' }]);
  });

  test('an expression that is nil needs a default, else the node is an error', () => {
    const main = (fallback: { default?: string }): Template => ({
      ...steps([step('a', { when: '1 == 2' })]),
      outputs: {
        parameters: [
          { name: 'e', valueFrom: { expression: 'steps.a.outputs.parameters.p', ...fallback } },
        ],
      },
    });
    expect(play(workflowOf([main({}), leaf])).node('wf').phase).toBe('Error');
    const played = play(workflowOf([main({ default: 'd' }), leaf]));
    expect(played.node('wf').outputs?.parameters?.[0]?.value).toBe('d');
  });
});
