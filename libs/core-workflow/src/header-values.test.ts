// Covers what a run takes from its header and shows in its status: parameters from config maps, the estimated duration, the
// conditions; and `pendingTimeout`. Leaves out who fills the header.
import { describe, expect, test } from 'vitest';
import type { RunHeader } from './input.ts';
import { renderWorkflow } from './render/workflow.ts';
import { headerOf, leafOf, play, simulateRun, workflowOf } from './testing/index.ts';

const START = 1_700_000_000_000;
const SECOND = 1_000;

describe('parameters of the workflow from config maps', () => {
  const argsOf = (name: string, key: string): readonly string[] | undefined => {
    const workflow = workflowOf([leafOf('main', ['x'])], {
      arguments: {
        parameters: [
          { name: 'x', valueFrom: { configMapKeyRef: { name, key } } },
          { name: 'which', value: 'one' },
        ],
      },
    });
    const configMaps = { 'default/settings-one': { 'key-wf': 'found', plain: 'too' } };
    const { tasks } = simulateRun(headerOf(workflow, { configMaps }), () => ({}));
    return tasks[0]?.template.container?.args;
  };

  test('name and key may hold variables of the workflow, also of parameters that come later', () => {
    const name = 'settings-{{workflow.parameters.which}}';
    expect(argsOf(name, 'key-{{workflow.name}}')).toEqual(['found']);
    expect(argsOf("settings-{{=workflow.parameters['which']}}", 'plain')).toEqual(['too']);
  });
});

describe('the status', () => {
  const statusOf = (changes: Partial<RunHeader>) => {
    const header = headerOf(workflowOf([leafOf('main')]), changes);
    return renderWorkflow(simulateRun(header, () => ({})).state).status;
  };

  test('shows the estimated duration of the header in whole seconds', () => {
    expect(statusOf({ estimatedDurationMs: 12_400 })?.estimatedDuration).toBe(12);
    expect(statusOf({})?.estimatedDuration).toBeUndefined();
  });

  test('of a run whose spec was refused has the condition SpecError with the reason', () => {
    const rejection = { phase: 'Failed', message: 'invalid spec: nothing to do' } as const;
    expect(statusOf({ rejection })?.conditions).toContainEqual({
      type: 'SpecError',
      status: 'True',
      message: 'nothing to do',
    });
  });

  test('of a run that came to its end has the condition Completed and no other that is true', () => {
    const conditions = statusOf({})?.conditions?.filter(({ status }) => status === 'True');
    expect(conditions).toEqual([{ type: 'Completed', status: 'True' }]);
  });
});

describe('pendingTimeout', () => {
  const pending = (more: object = {}) =>
    workflowOf([leafOf('main', [], { pendingTimeout: '30s', ...more })]);

  test('fails a task that nobody has started, and takes it back', () => {
    const played = play(pending(), { wf: { stays: 'Pending' } });
    expect(played.nodes['wf']).toBe(
      'Pod Failed: Pod was pending longer than the specified pendingTimeout',
    );
    expect(played.state.finishedAt - START).toBe(30 * SECOND);
    expect(played.cancelled).toHaveLength(1);
  });

  test('means nothing to a task that has been started', () => {
    const played = play(pending(), { wf: { durationMs: 60 * SECOND } });
    expect(played.workflow.status?.phase).toBe('Succeeded');
  });

  test('counts for each attempt of a Retry node', () => {
    const played = play(pending({ retryStrategy: { limit: '1' } }), () => ({ stays: 'Pending' }));
    expect(played.tasks).toHaveLength(2);
    expect(played.state.finishedAt - START).toBe(60 * SECOND);
  });

  test('goes with `timeout`: whichever is over first', () => {
    const early = play(pending({ timeout: '10s' }), { wf: { stays: 'Pending' } });
    expect(early.state.finishedAt - START).toBe(10 * SECOND);
    const late = play(pending({ timeout: '40s' }), { wf: { stays: 'Running' } });
    expect(late.state.finishedAt - START).toBe(40 * SECOND);
  });

  test('begins when the node has got its locks', () => {
    const synchronization = { mutexes: [{ name: 'm' }] };
    const workflow = workflowOf([
      {
        name: 'main',
        steps: [
          [
            { name: 'a', template: 'work' },
            { name: 'b', template: 'work' },
          ],
        ],
      },
      leafOf('work', [], { pendingTimeout: '30s', synchronization }),
    ]);
    const played = play(workflow, { a: { durationMs: 60 * SECOND }, b: { stays: 'Pending' } });
    expect(played.node('b').phase).toBe('Failed');
    expect(played.state.finishedAt - START).toBe(90 * SECOND);
  });
});
