// Covers loops of steps and tasks: items, names, conditions per round, aggregated outputs, limits.
// Leaves out printf verbs (lang) and retries within loops (retry.test.ts).
import { nodeIdOf } from '@argosy/base';
import type { Template, WorkflowStep } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import { leafOf, play, workflowOf, type Played } from './testing/index.ts';

const echo = leafOf('echo', ['m']);

function loop(more: Partial<WorkflowStep>, m = '{{item}}'): WorkflowStep {
  return {
    name: 'a',
    template: 'echo',
    arguments: { parameters: [{ name: 'm', value: m }] },
    ...more,
  };
}

function inSteps(step: WorkflowStep, after: readonly WorkflowStep[] = []): Template {
  return { name: 'main', steps: after.length === 0 ? [[step]] : [[step], after] };
}

function valuesOf(played: Played): readonly (readonly string[])[] {
  return played.tasks.map((task) => task.template.container?.args ?? []);
}

describe('items', () => {
  test('withItems: strings, numbers, booleans, maps and lists, with their names', () => {
    const items = ['a (b)', 1, true, { k: 'v', a: 1 }, ['x', 2]];
    const played = play(workflowOf([inSteps(loop({ withItems: items })), echo]));
    expect(valuesOf(played)).toEqual([
      ['a (b)'],
      ['1'],
      ['true'],
      ['{"a":1,"k":"v"}'],
      ['["x",2]'],
    ]);
    expect(played.tasks.map((task) => task.displayName)).toEqual([
      'a(0:a b)',
      'a(1:1)',
      'a(2:true)',
      'a(3:a:1,k:v)',
      'a(4:[x 2])',
    ]);
  });

  test('item.F takes a field of a map', () => {
    const items = [{ image: 'debian', tag: 9.1 }];
    const step = loop({ withItems: items }, '{{item.image}}:{{item.tag}}');
    expect(valuesOf(play(workflowOf([inSteps(step), echo])))).toEqual([['debian:9.1']]);
  });

  test('withParam takes a JSON list', () => {
    const step = loop({ withParam: '{{workflow.parameters.list}}' });
    const list = { parameters: [{ name: 'list', value: '["x", {"b":1}]' }] };
    const played = play(workflowOf([inSteps(step), echo], { arguments: list }));
    expect(valuesOf(played)).toEqual([['x'], ['{"b":1}']]);
  });

  test('withParam that is no list is an error, unless when is false', () => {
    const bad = play(workflowOf([inSteps(loop({ withParam: 'nothing' })), echo]));
    expect(bad.node('[0]').phase).toBe('Error');
    const skipped = play(workflowOf([inSteps(loop({ withParam: 'x', when: '1 == 2' })), echo]));
    expect(skipped.node('a').phase).toBe('Skipped');
  });

  test('withSequence: count, start and end, downwards, one, none, formats', () => {
    const values = (sequence: NonNullable<WorkflowStep['withSequence']>): string[] =>
      valuesOf(play(workflowOf([inSteps(loop({ withSequence: sequence })), echo]))).flat();
    expect(values({ count: '3' })).toEqual(['0', '1', '2']);
    expect(values({ start: '10', count: 2 })).toEqual(['10', '11']);
    expect(values({ start: '3', end: '1' })).toEqual(['3', '2', '1']);
    expect(values({ start: '4', end: '4' })).toEqual(['4']);
    expect(values({ count: '0' })).toEqual([]);
    expect(values({ start: '9', end: '10', format: 'user%02X' })).toEqual(['user09', 'user0A']);
  });

  test('an empty loop makes one skipped node', () => {
    const played = play(workflowOf([inSteps(loop({ withParam: '[]' })), echo]));
    expect(played.nodes['a']).toBe('Skipped Skipped: Skipped, empty params');
  });

  test('when with an item is judged for each round', () => {
    const step = loop({ withItems: [1, 2, 3], when: '{{item}} != 2' });
    const played = play(workflowOf([inSteps(step), echo]));
    expect(valuesOf(played)).toEqual([['1'], ['3']]);
    expect(played.nodes['a(1:2)']).toBe("Skipped Skipped: when '2 != 2' evaluated false");
  });

  test('nested tags find the input that the item names', () => {
    const main: Template = {
      ...inSteps(loop({ withItems: ['x', 'y'] }, '{{inputs.parameters.{{item}}}}')),
      inputs: {
        parameters: [
          { name: 'x', value: '1' },
          { name: 'y', value: '2' },
        ],
      },
    };
    expect(valuesOf(play(workflowOf([main, echo])))).toEqual([['1'], ['2']]);
  });
});

describe('shape', () => {
  test('loops of steps make no TaskGroup, loops of a DAG do', () => {
    const inDag: Template = {
      name: 'main',
      dag: { tasks: [{ ...loop({ withItems: [1, 2] }), name: 'a' }] },
    };
    const played = play(workflowOf([inDag, echo]));
    expect(played.nodes['a']).toBe('TaskGroup Succeeded');
    expect(played.node('a').children).toEqual([
      nodeIdOf('wf', 'wf.a(0:1)'),
      nodeIdOf('wf', 'wf.a(1:2)'),
    ]);
    expect(played.node('a(0:1)').boundaryID).toBe('wf');
    const plain = play(workflowOf([inSteps(loop({ withItems: [1, 2] })), echo]));
    expect(Object.keys(plain.nodes)).toEqual(['wf', '[0]', 'a(0:1)', 'a(1:2)']);
  });

  test('a failed round fails the TaskGroup, AnySucceeded still holds', () => {
    const main: Template = {
      name: 'main',
      dag: {
        tasks: [
          { ...loop({ withItems: [1, 2] }), name: 'a' },
          { name: 'b', template: 'leaf', depends: 'a.AnySucceeded' },
          { name: 'c', template: 'leaf', depends: 'a.AllFailed' },
        ],
      },
    };
    const played = play(workflowOf([main, echo, leafOf('leaf')]), {
      'a(0:1)': { phase: 'Failed' },
    });
    expect(played.node('a').phase).toBe('Failed');
    expect(played.node('b').phase).toBe('Succeeded');
    expect(played.node('c').phase).toBe('Omitted');
  });
});

describe('aggregated outputs', () => {
  const after = (m: string): readonly WorkflowStep[] => [
    { name: 'b', template: 'echo', arguments: { parameters: [{ name: 'm', value: m }] } },
  ];
  const results = { 'a(0:1)': { result: '{"x":1}' }, 'a(1:2)': { result: '7' } };

  test('results are joined as JSON in the order of the items', () => {
    const main = inSteps(loop({ withItems: [1, 2] }), after('{{steps.a.outputs.result}}'));
    expect(play(workflowOf([main, echo]), results).args['b']).toEqual(['[{"x":1},7]']);
  });

  test('parameters are strings, unless every value is a JSON list or object', () => {
    const m = '{{steps.a.outputs.parameters.p}} {{steps.a.outputs.parameters.q}}';
    const played = play(workflowOf([inSteps(loop({ withItems: [1, 2] }), after(m)), echo]), {
      'a(0:1)': { parameters: { p: '1', q: '[1]' } },
      'a(1:2)': { parameters: { p: '[2]', q: '{"k":2}' } },
    });
    expect(played.args['b']).toEqual(['["1","[2]"] [[1],{"k":2}]']);
  });

  test('rounds that were skipped or failed leave no hole', () => {
    const step = loop({
      withItems: [1, 2, 3],
      when: '{{item}} != 2',
      continueOn: { failed: true },
    });
    const main = inSteps(step, after('{{steps.a.outputs.parameters}}'));
    const played = play(workflowOf([main, echo]), {
      'a(0:1)': { parameters: { p: 'x' } },
      'a(2:3)': { phase: 'Failed', parameters: { p: 'y' } },
    });
    expect(played.args['b']).toEqual(['[{"p":"x"}]']);
  });
});

describe('limits', () => {
  test('the parallelism of the run holds rounds back without losing one', () => {
    const items = Array.from({ length: 25 }, (_, index) => index);
    const played = play(
      workflowOf([inSteps(loop({ withItems: items })), echo], { parallelism: 4 }),
      (task) => ({ durationMs: 10 + Number(task.template.container?.args?.[0]) }),
    );
    expect(played.maxParallel).toBe(4);
    expect(valuesOf(played).flat()).toEqual(items.map(String));
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('the parallelism of a template counts for each of its nodes', () => {
    const worker: Template = {
      name: 'worker',
      parallelism: 1,
      dag: {
        tasks: ['x', 'y', 'z'].map((name) => ({ name, template: 'leaf' })),
      },
    };
    const main: Template = {
      name: 'main',
      steps: [[{ name: 'w', template: 'worker', withItems: [1, 2] }]],
    };
    const played = play(workflowOf([main, worker, leafOf('leaf')]), () => ({ durationMs: 10 }));
    expect(played.maxParallel).toBe(2);
    expect(played.tasks).toHaveLength(6);
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test.each([
    [
      'steps',
      {
        steps: [
          [
            { name: 'a', template: 'leaf' },
            { name: 'b', template: 'leaf' },
          ],
        ],
      },
    ],
    [
      'a DAG',
      {
        dag: {
          tasks: [
            { name: 'a', template: 'leaf' },
            { name: 'b', template: 'leaf' },
          ],
        },
      },
    ],
  ])('failFast of %s lets what runs come to its end and then says so', (_, body) => {
    const main: Template = { name: 'main', failFast: true, ...body };
    const played = play(workflowOf([main, leafOf('leaf')]), {
      a: { phase: 'Failed' },
      b: { durationMs: 500 },
    });
    expect(played.nodes['b']).toBe('Pod Succeeded');
    expect(played.workflow.status).toMatchObject({
      phase: 'Failed',
      message: 'template has failed or errored children and failFast enabled',
    });
  });

  test('failFast of a template starts nothing more after a failure', () => {
    const main: Template = {
      ...inSteps(loop({ withItems: [1, 2, 3] })),
      parallelism: 1,
      failFast: true,
    };
    const played = play(workflowOf([main, echo]), { 'a(0:1)': { phase: 'Failed' } });
    expect(played.tasks).toHaveLength(1);
    expect(played.node('wf').message).toBe(
      'template has failed or errored children and failFast enabled',
    );
  });
});

test('a loop with arguments that have no value ends its group before any of its steps begins', () => {
  const source = leafOf('source', [], { outputs: { parameters: [{ name: 'out' }] } });
  const argument = { name: 'm', value: '{{steps.a.outputs.parameters.out}}' };
  const main: Template = {
    name: 'main',
    parallelism: 1,
    steps: [
      [{ name: 'a', template: 'source', continueOn: { failed: true } }],
      [
        { name: 'b', template: 'plain' },
        { name: 'c', template: 'echo', arguments: { parameters: [argument] }, withItems: [0, 1] },
      ],
    ],
  };
  const templates = [main, source, leafOf('plain'), leafOf('echo', ['m'])];
  const played = play(workflowOf(templates), { a: { phase: 'Failed' } });
  expect(played.tasks.map(({ displayName }) => displayName)).toEqual(['a']);
  expect(played.nodes['[1]']).toMatch(/^StepGroup Error: unable to resolve references/);
});
