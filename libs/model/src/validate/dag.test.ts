// Covers the validation rules of DAG templates and the grammar of `depends`.
// Leaves out how tasks are scheduled, and rules shared with steps (workflow.test.ts).
import { describe, expect, it } from 'vitest';
import { dependsTerms, formatProblem, parseManifests, validateParsed } from '../index.ts';
import { createAncestry, findCycle } from './task-graph.ts';

/** Messages about a DAG of these tasks (YAML, inside brackets). */
function messagesOf(tasks: string, dag = ''): string {
  const text = `
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w}
spec:
  entrypoint: main
  templates:
  - name: main
    dag: {${dag}tasks: [${tasks}]}
  - {name: run, container: {image: busybox}}
  - name: echo
    inputs: {parameters: [{name: m}]}
    container: {image: busybox}
`;
  const { manifests, problems } = parseManifests(text, { strict: true });
  expect(problems).toEqual([]);
  const [first] = manifests;
  return first === undefined ? '' : validateParsed(first).map(formatProblem).join('\n');
}

describe('a DAG', () => {
  it.each([
    ['', 'templates.main must have at least one task'],
    ['{name: a, template: run, dependencies: [b]}', "tasks.a dependency 'b' not defined"],
    ['{name: a, template: run, depends: b}', "tasks.a dependency 'b' not defined"],
    [
      '{name: a, template: run, dependencies: [b]}, {name: b, template: run, dependencies: [a]}',
      'tasks dependency cycle detected: a->b->a',
    ],
    ['{name: a, template: run}, {name: a, template: run}', "'a' is not unique"],
    [
      '{name: a, template: run}, {name: b, template: run, depends: a}, {name: c, template: run, dependencies: [a]}',
      "cannot use both 'depends' and 'dependencies'",
    ],
    [
      '{name: a, template: run, continueOn: {failed: true}}, {name: b, template: run, depends: a}',
      "templates.main cannot use 'continueOn' when using 'depends'",
    ],
    [
      '{name: 5a, template: run}, {name: b, template: run, depends: 5a}',
      "tasks.5a name cannot begin with a digit when using either 'depends' or 'dependencies'",
    ],
    [
      '{name: a, template: run}, {name: b, template: run, depends: a.Done}',
      "task result 'Done' for task 'a' is invalid",
    ],
    [
      '{name: a, template: run}, {name: b, template: run, depends: a.AnySucceeded}',
      'does not contain any items',
    ],
    [
      '{name: a, template: run}, {name: b, template: run, depends: "a &&"}',
      'ends where a task is due',
    ],
  ])('of tasks %s is refused: %s', (tasks, expected) => {
    expect(messagesOf(tasks)).toContain(expected);
  });

  it('has targets that are tasks', () => {
    expect(messagesOf('{name: a, template: run}', 'target: a b, ')).toContain(
      "target 'b' is not defined",
    );
    expect(messagesOf('{name: a, template: run}', 'target: a, ')).toBe('');
  });

  it('lets a task use outputs of what it depends on, directly or through others', () => {
    const use = (value: string) =>
      `{name: a, template: run}, {name: b, template: run, dependencies: [a]}, {name: x, template: run}, {name: c, dependencies: [b], template: echo, arguments: {parameters: [{name: m, value: '${value}'}]}}`;
    expect(messagesOf(use('{{tasks.a.outputs.result}} {{tasks.b.status}}'))).toBe('');
    expect(messagesOf(use('{{tasks.x.outputs.result}}'))).toContain(
      "templates.main.tasks.c missing dependency 'x' for parameter 'm'",
    );
    expect(messagesOf(use('{{tasks.x.status}}'))).toContain('failed to resolve {{tasks.x.status}}');
    expect(messagesOf(use('{{tasks.a.outputs.parameters.p}}'))).toContain(
      'failed to resolve {{tasks.a.outputs.parameters.p}}',
    );
  });
});

describe('depends', () => {
  it('names tasks with and without results', () => {
    expect(dependsTerms("(a && !b-c.Failed) || '5d' && e.AnySucceeded")).toEqual({
      ok: true,
      value: [
        { task: 'a' },
        { task: 'b-c', result: 'Failed' },
        { task: '5d' },
        { task: 'e', result: 'AnySucceeded' },
      ],
    });
  });

  it.each(['', 'a b', 'a &&', '&& a', '(a', 'a)', 'a | b', 'a || || b', 'a!', '()'])(
    'refuses %j',
    (text) => {
      expect(dependsTerms(text).ok).toBe(false);
    },
  );
});

describe('task graphs', () => {
  it('without cycles have none, however long they are', () => {
    const chain = Array.from({ length: 50_000 }, (_, index): [string, readonly string[]] => [
      `t${index}`,
      index === 0 ? [] : [`t${index - 1}`],
    ]);
    expect(findCycle(new Map(chain))).toBeUndefined();
    const { isAncestor } = createAncestry(new Map(chain));
    expect(isAncestor('t0', 't49999')).toBe(true);
    expect(isAncestor('t49999', 't0')).toBe(false);
    expect(isAncestor('t1', 't1')).toBe(false);
  });

  it('name the tasks of a cycle in order', () => {
    const edges: [string, readonly string[]][] = [
      ['x', ['a']],
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', []],
      ['d', ['a']],
    ];
    expect(findCycle(new Map(edges))).toBe('a->b->d->a');
  });
});
