// Covers what people do to a run: suspend, resume, set, stop, terminate; and deadlines.
// Leaves out the manual retry (manual-retry.test.ts).
import type { Template, WorkflowSpec } from '@argosy/model';
import { describe, expect, test } from 'vitest';
import type { ControlCommand, Input } from './input.ts';
import { step } from './machine.ts';
import { headerOf, leafOf, play, workflowOf } from './testing/index.ts';

const START = headerOf(workflowOf([])).createdAtMs;
const leaf = leafOf('leaf');

function control(afterMs: number, command: ControlCommand): Input {
  return { kind: 'Control', at: START + afterMs, command };
}

function approval(suspend: Template = {}): Template[] {
  const main: Template = {
    name: 'main',
    steps: [[{ name: 'approve', template: 'wait' }], [{ name: 'after', template: 'leaf' }]],
  };
  return [main, { name: 'wait', suspend: {}, ...suspend }, leaf];
}

describe('suspend nodes', () => {
  test('wait until they are resumed', () => {
    const held = play(workflowOf(approval()));
    expect(held.nodes['approve']).toBe('Suspend Running');
    const inputs = [control(1_000, { kind: 'Resume' })];
    const resumed = play(workflowOf(approval()), {}, { inputs });
    expect(resumed.nodes['approve']).toBe('Suspend Succeeded');
    expect(resumed.workflow.status?.phase).toBe('Succeeded');
  });

  test('resume by themselves after their duration', () => {
    const played = play(workflowOf(approval({ suspend: { duration: '20' } })));
    expect(played.workflow.status?.phase).toBe('Succeeded');
    expect(played.state.finishedAt - START).toBe(20_000);
  });

  test('take supplied outputs, and refuse to resume without them', () => {
    const suspend: Template = {
      outputs: { parameters: [{ name: 'ok', valueFrom: { supplied: {} } }] },
    };
    const given = control(1_000, { kind: 'Resume', outputs: { ok: 'yes' }, by: { user: 'me' } });
    const played = play(workflowOf(approval(suspend)), {}, { inputs: [given] });
    expect(played.node('approve').outputs?.parameters?.[0]?.value).toBe('yes');
    expect(played.node('approve').message).toBe('Resumed by: map[user:me]');
    const held = play(workflowOf(approval(suspend)));
    const refused = step(held.state, control(2_000, { kind: 'Resume' }));
    expect(refused.ok ? '' : refused.error.message).toContain("'ok'");
  });

  test('an input of the same name stands in for a supplied output', () => {
    const suspend: Template = {
      inputs: { parameters: [{ name: 'ok', default: 'NO' }] },
      outputs: { parameters: [{ name: 'ok', valueFrom: { supplied: {} } }] },
    };
    const inputs = [control(1_000, { kind: 'Resume' })];
    const played = play(workflowOf(approval(suspend)), {}, { inputs });
    expect(played.node('approve').outputs?.parameters?.[0]?.value).toBe('NO');
  });

  test('outputs set beforehand count when it is resumed', () => {
    const suspend: Template = {
      outputs: { parameters: [{ name: 'ok', valueFrom: { supplied: {} } }] },
    };
    const nodeFieldSelector = 'displayName=approve';
    const played = play(
      workflowOf(approval(suspend)),
      {},
      {
        inputs: [
          control(1_000, { kind: 'SetNode', nodeFieldSelector, outputs: { ok: 'set' } }),
          control(2_000, { kind: 'Resume', nodeFieldSelector }),
        ],
      },
    );
    expect(played.node('approve').outputs?.parameters?.[0]?.value).toBe('set');
  });

  test('a selector that matches none is refused', () => {
    const held = play(workflowOf(approval()));
    const command = { kind: 'Resume', nodeFieldSelector: 'displayName=none' } as const;
    const refused = step(held.state, control(1_000, command));
    expect(refused.ok ? '' : refused.error.code).toBe('NotFound');
  });

  test('Stop with a selector fails just that node', () => {
    const nodeFieldSelector = 'displayName=approve';
    const command = { kind: 'Stop', nodeFieldSelector, message: 'denied' } as const;
    const played = play(workflowOf(approval()), {}, { inputs: [control(1_000, command)] });
    expect(played.nodes['approve']).toBe('Suspend Failed: denied');
    expect(played.workflow.spec.shutdown).toBeUndefined();
    expect(played.workflow.status?.phase).toBe('Failed');
  });
});

describe('a suspended run', () => {
  const main: Template = {
    name: 'main',
    steps: [[{ name: 'a', template: 'leaf' }], [{ name: 'b', template: 'leaf' }]],
  };

  test('starts nothing until it is resumed', () => {
    const workflow = workflowOf([main, leaf], { suspend: true });
    expect(play(workflow).tasks).toHaveLength(0);
    const played = play(workflow, {}, { inputs: [control(1_000, { kind: 'Resume' })] });
    expect(played.workflow.status?.phase).toBe('Succeeded');
    expect(played.workflow.spec.suspend).toBeUndefined();
  });

  test('lets running tasks end', () => {
    const inputs = [control(10, { kind: 'Suspend' })];
    const played = play(workflowOf([main, leaf]), { a: { durationMs: 100 } }, { inputs });
    expect(played.nodes['a']).toBe('Pod Succeeded');
    expect(played.nodes['b']).toBeUndefined();
  });
});

describe('stop and terminate', () => {
  const handled: Partial<WorkflowSpec> = { onExit: 'leaf' };
  const main = leafOf('main');

  test('Stop fails running leaves, cancels their tasks and still runs exit handlers', () => {
    const inputs = [control(10, { kind: 'Stop' })];
    const played = play(
      workflowOf([main, leaf], handled),
      { wf: { stays: 'Running' }, 'wf.onExit': { durationMs: 50 } },
      { inputs },
    );
    expect(played.nodes).toEqual({
      wf: 'Pod Failed: workflow shutdown with strategy: Stop',
      'wf.onExit': 'Pod Succeeded',
    });
    expect(played.cancelled).toEqual([played.tasks[0]?.taskId]);
    expect(played.workflow.status?.phase).toBe('Failed');
    expect(played.workflow.status?.message).toBe("Stopped with strategy 'Stop'");
  });

  test('Terminate runs no exit handlers', () => {
    const inputs = [control(10, { kind: 'Terminate' })];
    const played = play(
      workflowOf([main, leaf], handled),
      { wf: { stays: 'Running' } },
      { inputs },
    );
    expect(Object.keys(played.nodes)).toEqual(['wf']);
    expect(played.workflow.status?.message).toBe("Stopped with strategy 'Terminate'");
  });

  test('nothing new is retried or started after a stop', () => {
    const retry = leafOf('main', [], { retryStrategy: { backoff: { duration: '60' } } });
    const inputs = [control(10_000, { kind: 'Stop' })];
    const played = play(workflowOf([retry]), () => ({ phase: 'Failed' }), { inputs });
    expect(played.nodes['wf']).toBe("Retry Failed: Stopped with strategy 'Stop'");
  });

  test('a late report about a stopped leaf is no news', () => {
    const inputs = [control(10, { kind: 'Stop' })];
    const played = play(
      workflowOf([main]),
      { wf: { durationMs: 100, result: 'late' } },
      { inputs },
    );
    expect(played.node('wf').outputs).toBeUndefined();
  });

  test('a finished run refuses commands', () => {
    const done = play(workflowOf([main]));
    const refused = step(done.state, control(1_000, { kind: 'Stop' }));
    expect(refused.ok ? '' : refused.error.code).toBe('FailedPrecondition');
  });
});

describe('deadlines', () => {
  test("the run's deadline fails leaves and suspended nodes; exit handlers still run", () => {
    const main: Template = {
      name: 'main',
      steps: [
        [
          { name: 'a', template: 'leaf' },
          { name: 'w', template: 'wait' },
        ],
      ],
    };
    const spec = { activeDeadlineSeconds: 10, onExit: 'leaf' };
    const played = play(workflowOf([main, { name: 'wait', suspend: {} }, leaf], spec), {
      a: { stays: 'Running' },
      'wf.onExit': { durationMs: 60_000 },
    });
    expect(played.nodes['a']).toBe('Pod Failed: Step exceeded its deadline');
    expect(played.nodes['w']).toBe('Suspend Failed: Step exceeded its deadline');
    expect(played.nodes['wf.onExit']).toBe('Pod Succeeded');
    expect(played.workflow.status?.phase).toBe('Failed');
  });

  test('a deadline of 0 is over at once', () => {
    const played = play(workflowOf([leafOf('main')], { activeDeadlineSeconds: 0 }));
    expect(played.nodes['wf']).toBe('Pod Failed: Step exceeded its deadline');
    expect(played.tasks).toHaveLength(0);
  });

  test("a leaf's own deadline counts from its start and may be retried", () => {
    const main = leafOf('main', [], { activeDeadlineSeconds: '5', retryStrategy: { limit: 1 } });
    const played = play(workflowOf([main]), { 'wf(0)': { stays: 'Running' } });
    expect(played.node('wf(0)').phase).toBe('Failed');
    expect(played.nodes['wf']).toBe('Retry Succeeded');
    expect(played.cancelled).toHaveLength(1);
  });

  test('a timeout counts the time before the start too', () => {
    const played = play(workflowOf([leafOf('main', [], { timeout: '5s' })]), {
      wf: { stays: 'Pending' },
    });
    expect(played.node('wf').phase).toBe('Failed');
  });
});
