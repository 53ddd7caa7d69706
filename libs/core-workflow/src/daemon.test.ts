// Covers daemons: when they count as done, when they are ended, what happens when they die.
import type { Template } from '@argosy/model';
import { expect, test } from 'vitest';
import { headerOf, leafOf, play, workflowOf } from './testing/index.ts';

const daemon = leafOf('daemon', [], { daemon: true });
const echo = leafOf('echo', ['m']);

function main(m: string): Template {
  return {
    name: 'main',
    steps: [
      [{ name: 'd', template: 'daemon' }],
      [{ name: 'use', template: 'echo', arguments: { parameters: [{ name: 'm', value: m }] } }],
    ],
  };
}

test('a daemon counts as done once it runs, its address is known, and it ends with its boundary', () => {
  const played = play(workflowOf([main('{{steps.d.ip}}'), daemon, echo]), {
    d: { stays: 'Running', podIP: '10.0.0.1' },
    use: { durationMs: 100 },
  });
  expect(played.args['use']).toEqual(['10.0.0.1']);
  expect(played.nodes['d']).toBe('Pod Succeeded');
  expect(played.node('d').daemoned).toBe(true);
  expect(played.cancelled).toEqual([played.tasks[0]?.taskId]);
  expect(played.workflow.status?.phase).toBe('Succeeded');
});

test('a daemon that dies is tried again when it has a retryStrategy', () => {
  const retried = leafOf('daemon', [], { daemon: true, retryStrategy: { limit: 2 } });
  const played = play(workflowOf([main('x'), retried, echo]), (task) => {
    if (task.displayName === 'd(0)') return { phase: 'Failed', durationMs: 10 };
    return task.displayName === 'use' ? { durationMs: 100 } : { stays: 'Running' };
  });
  expect(played.node('d(0)').phase).toBe('Failed');
  expect(played.nodes['d(1)']).toBe('Pod Succeeded');
  expect(played.nodes['d']).toBe('Retry Succeeded');
  expect(played.workflow.status?.phase).toBe('Succeeded');
});

test('depends may ask for a daemon that runs', () => {
  const dag: Template = {
    name: 'main',
    dag: {
      tasks: [
        { name: 'd', template: 'daemon' },
        { name: 'use', template: 'leaf', depends: 'd.Daemoned' },
      ],
    },
  };
  const played = play(workflowOf([dag, daemon, leafOf('leaf')]), { d: { stays: 'Running' } });
  expect(played.nodes['use']).toBe('Pod Succeeded');
  expect(played.workflow.status?.phase).toBe('Succeeded');
});

test.each(['Stop', 'Terminate'] as const)('a daemon that %s ends has succeeded', (kind) => {
  const manifest = workflowOf([main('x'), daemon, echo]);
  const at = headerOf(manifest).createdAtMs + 50;
  const played = play(
    manifest,
    { d: { stays: 'Running' }, use: { stays: 'Running' } },
    { inputs: [{ kind: 'Control', at, command: { kind } }] },
  );
  expect(played.nodes['d']).toBe('Pod Succeeded');
  expect(played.nodes['use']).toMatch(/^Pod Failed/);
  expect(played.cancelled).toEqual(played.tasks.map((task) => task.taskId));
  expect(played.workflow.status?.phase).toBe('Failed');
});

test.each([{}, { retryStrategy: { limit: 2 } }])(
  'what encloses a daemon waits for its hooks, though not for the daemon (%o)',
  (more) => {
    const background = leafOf('daemon', [], { daemon: true, ...more });
    const expression = 'steps.d.status == "Running"';
    const hooks = { watch: { template: 'notify', expression } };
    const enclosing: Template = {
      name: 'main',
      steps: [[{ name: 'd', template: 'daemon', hooks }]],
    };
    const played = play(workflowOf([enclosing, background, leafOf('notify')]), (task) => {
      return task.templateName === 'daemon' ? { stays: 'Running' } : { durationMs: 5_000 };
    });
    expect(played.node('d.hooks.watch').phase).toBe('Succeeded');
    expect(played.state.finishedAt - played.state.startedAt).toBe(5_000);
  },
);
