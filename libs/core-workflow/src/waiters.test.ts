// Covers who gets a place under a limit of parallelism when one becomes free: nobody is forgotten, and no more than allowed
// are let in. Leaves out the counting of each limit (loops.test.ts, dag.test.ts).
import type { Template } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import { step } from './machine.ts';
import { takeOwed } from './owed/owed.ts';
import { renderWorkflow, summarize } from './render/workflow.ts';
import { leafOf, play, workflowOf } from './testing/index.ts';

const leaf = leafOf('leaf');
const notify = leafOf('notify');

describe('a place in a template', () => {
  test('is offered to the next who waits when the first who was asked does not need it', () => {
    const main: Template = {
      name: 'main',
      parallelism: 1,
      steps: [
        [
          { name: 'a', template: 'inner', hooks: { exit: { template: 'notify' } } },
          { name: 'b', template: 'inner' },
        ],
      ],
    };
    const inner: Template = { name: 'inner', steps: [[{ name: 'x', template: 'leaf' }]] };
    const played = play(workflowOf([main, inner, leaf, notify]));
    expect(played.nodes['a.onExit']).toBe('Pod Succeeded');
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('is taken again by a child that a manual retry opens', () => {
    const main: Template = {
      name: 'main',
      parallelism: 1,
      steps: [
        [
          { name: 'a', template: 'inner' },
          { name: 'b', template: 'leaf' },
        ],
      ],
    };
    const inner: Template = {
      name: 'inner',
      steps: [[{ name: 'kept', template: 'leaf' }], [{ name: 'x', template: 'leaf' }]],
    };
    const failing = { x: { phase: 'Failed' }, b: { phase: 'Failed' } } as const;
    const { state } = play(workflowOf([main, inner, leaf]), failing);
    const at = state.finishedAt + 1_000;
    step(state, { kind: 'Control', at, command: { kind: 'Retry' } });
    const active = Object.values(renderWorkflow(state).status?.nodes ?? {}).filter(
      ({ displayName, finishedAt }) => {
        return finishedAt === null && ['a', 'b'].includes(displayName ?? '');
      },
    );
    expect(active.map(({ displayName }) => displayName)).toEqual(['a']);
  });

  test('is still waited for by the hook of a finished node when the run is stopped meanwhile', () => {
    const main: Template = {
      name: 'main',
      parallelism: 1,
      steps: [
        [
          { name: 'a', template: 'leaf', hooks: { exit: { template: 'notify' } } },
          { name: 'b', template: 'leaf' },
        ],
      ],
    };
    const stop = { kind: 'Control', at: 1_700_000_000_500, command: { kind: 'Stop' } } as const;
    const played = play(
      workflowOf([main, leaf, notify]),
      { a: { durationMs: 100 }, b: { durationMs: 60_000 } },
      { inputs: [stop] },
    );
    expect(played.nodes['a.onExit']).toBe('Pod Succeeded');
    expect(played.workflow.status?.phase).toBe('Failed');
  });
});

describe('the progress that is kept', () => {
  test('counts leaves that failed before they could begin, as the nodes do', () => {
    const main: Template = {
      name: 'main',
      parallelism: 1,
      steps: [
        [
          { name: 'a', template: 'leaf' },
          { name: 'b', template: 'leaf' },
        ],
      ],
    };
    const stop = { kind: 'Control', at: 1_700_000_000_500, command: { kind: 'Stop' } } as const;
    const played = play(workflowOf([main, leaf]), { a: { stays: 'Running' } }, { inputs: [stop] });
    expect(played.workflow.status?.progress).toBe('0/2');
    expect(summarize(played.state).progress).toBe('0/2');
    takeOwed(played.state);
  });
});
