// Covers running parts of a finished run again. Leaves out retryStrategy (retry.test.ts).
import type { Template } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import type { ControlCommand } from './input.ts';
import { step } from './machine.ts';
import { takeOwed } from './owed/owed.ts';
import { renderWorkflow } from './render/workflow.ts';
import { leafOf, play, workflowOf, type Played } from './testing/index.ts';

type Retry = Extract<ControlCommand, { kind: 'Retry' }>;

const leaf = leafOf('leaf');
const diamond: Template = {
  name: 'main',
  dag: {
    tasks: [
      { name: 'A', template: 'leaf' },
      { name: 'B', template: 'leaf', depends: 'A' },
      { name: 'C', template: 'leaf', depends: 'A' },
      { name: 'D', template: 'leaf', depends: 'B && C' },
    ],
  },
};

/** Retries, lets every task succeed, and answers what was run and what came of it. */
function again(played: Played, command: Partial<Retry> = {}): { ran: string[]; phase: string } {
  const at = played.state.finishedAt + 1_000;
  const retried = step(played.state, {
    kind: 'Control',
    at,
    command: { kind: 'Retry', ...command },
  });
  if (!retried.ok) throw new Error(retried.error.message);
  const ran: string[] = [];
  for (let effects = takeOwed(played.state); effects.length > 0; effects = takeOwed(played.state)) {
    for (const effect of effects) {
      if (effect.kind !== 'RunTask') continue;
      ran.push(effect.task.displayName);
      const report = { taskId: effect.task.taskId, kind: 'Finished' } as const;
      const reported = step(played.state, { kind: 'ReportTask', at, report });
      if (!reported.ok) throw new Error(reported.error.message);
    }
  }
  return { ran, phase: renderWorkflow(played.state).status?.phase ?? '' };
}

describe('of a failed run', () => {
  test('failed tasks and those after them run again, succeeded ones are kept', () => {
    const played = play(workflowOf([diamond, leaf]), { B: { phase: 'Failed' } });
    expect(played.node('D').phase).toBe('Omitted');
    expect(again(played)).toEqual({ ran: ['B', 'D'], phase: 'Succeeded' });
    const nodes = Object.values(renderWorkflow(played.state).status?.nodes ?? {});
    expect(nodes.map(({ displayName }) => displayName).sort()).toEqual(['A', 'B', 'C', 'D', 'wf']);
  });

  test('steps go on at the group that failed', () => {
    const main: Template = {
      name: 'main',
      steps: [
        [{ name: 'a', template: 'leaf' }],
        [
          { name: 'b', template: 'leaf' },
          { name: 'c', template: 'leaf' },
        ],
        [{ name: 'd', template: 'leaf' }],
      ],
    };
    const played = play(workflowOf([main, leaf]), { b: { phase: 'Error' } });
    expect(again(played)).toEqual({ ran: ['b', 'd'], phase: 'Succeeded' });
  });

  test('of a loop only the rounds that failed run again', () => {
    const main: Template = {
      name: 'main',
      steps: [[{ name: 'a', template: 'leaf', withItems: [1, 2, 3] }]],
    };
    const played = play(workflowOf([main, leaf]), { 'a(1:2)': { phase: 'Failed' } });
    expect(again(played)).toEqual({ ran: ['a(1:2)'], phase: 'Succeeded' });
  });

  test('exit handlers run anew', () => {
    const main = leafOf('main');
    const played = play(workflowOf([main, leaf], { onExit: 'leaf' }), { wf: { phase: 'Failed' } });
    expect(again(played)).toEqual({ ran: ['wf', 'wf.onExit'], phase: 'Succeeded' });
  });

  test('a Retry node gets its attempts again, under new task ids', () => {
    const main = leafOf('main', [], { retryStrategy: { limit: 1 } });
    const played = play(workflowOf([main]), () => ({ phase: 'Failed' }));
    expect(again(played)).toEqual({ ran: ['wf(0)'], phase: 'Succeeded' });
    expect(played.tasks).toHaveLength(2);
  });

  test('new parameters reach what runs again', () => {
    const main = leafOf('main', ['m']);
    const played = play(
      workflowOf([main], { arguments: { parameters: [{ name: 'm', value: 'old' }] } }),
      { wf: { phase: 'Failed' } },
    );
    const at = played.state.finishedAt + 1;
    const command = { kind: 'Retry', parameters: { m: 'new' } } as const;
    step(played.state, { kind: 'Control', at, command });
    const [effect] = takeOwed(played.state);
    expect(effect?.kind === 'RunTask' && effect.task.template.container?.args).toEqual(['new']);
  });
});

describe('of a succeeded run', () => {
  test('needs restartSuccessful and a selector', () => {
    const played = play(workflowOf([diamond, leaf]));
    expect(() => again(played)).toThrow('must be Failed/Error');
    expect(() => again(played, { restartSuccessful: true })).toThrow('must be Failed/Error');
  });

  test('runs the selected node and all after it', () => {
    const played = play(workflowOf([diamond, leaf]));
    const command = { restartSuccessful: true, nodeFieldSelector: 'displayName=B' };
    expect(again(played, command)).toEqual({ ran: ['B', 'D'], phase: 'Succeeded' });
  });
});

test('a run that goes on cannot be retried', () => {
  const played = play(workflowOf([leafOf('main')]), () => ({ stays: 'Running' }));
  expect(() => again(played)).toThrow('must be Failed/Error');
});

test('new parameters reach the inputs of containers that are kept open, through all levels and loops', () => {
  const inner = (name: string, template: string) => ({
    name,
    template,
    arguments: { parameters: [{ name: 'x', value: '{{inputs.parameters.x}}' }] },
  });
  const workflow = workflowOf(
    [
      { name: 'main', steps: [[{ ...outer, template: 'middle', withItems: ['i'] }]] },
      {
        name: 'middle',
        inputs: { parameters: [{ name: 'x' }] },
        steps: [[inner('ok', 'leaf')], [inner('bad', 'leaf')]],
      },
      leafOf('leaf', ['x']),
    ],
    { arguments: { parameters: [{ name: 'p', value: 'old' }] } },
  );
  let failed = false;
  const command = { kind: 'Retry', parameters: { p: 'new' } } as const;
  const played = play(
    workflow,
    ({ displayName }) => {
      if (displayName !== 'bad' || failed) return {};
      failed = true;
      return { phase: 'Failed' };
    },
    { inputs: [{ kind: 'Control', at: 1_700_000_060_000, command }] },
  );
  const args = played.tasks.map((task) => task.template.container?.args?.[0]);
  expect(args).toEqual(['old-i', 'old-i', 'new-i']);
});

const outer = {
  name: 'm',
  arguments: { parameters: [{ name: 'x', value: '{{workflow.parameters.p}}-{{item}}' }] },
};
