// Covers durations, tables, the tree and repainting. Leaves out colours on a real terminal.
import type { NodeStatus, Workflow } from '@argosy/model';
import { describe, expect, it } from 'vitest';
import { elapsed, humanDuration } from './duration.ts';
import { createRepainter } from './repaint.ts';
import { styleFor } from './style.ts';
import { table } from './table.ts';
import { workflowTree } from './tree.ts';

const style = styleFor({ isTTY: false }, { LANG: 'C.UTF-8' });

describe('durations', () => {
  it.each([
    [40, '0.04s'],
    [1_500, '1.5s'],
    [12_300, '12s'],
    [184_000, '3m4s'],
    [7_500_000, '2h5m'],
    [-5, '0s'],
  ])('prints %d ms as %s', (durationMs, text) => {
    expect(humanDuration(durationMs)).toBe(text);
  });
  it('counts up to now while there is no end', () => {
    expect(elapsed('2026-01-01T00:00:00Z', null, Date.parse('2026-01-01T00:00:05Z'))).toBe('5s');
  });
  it('is empty before the start', () => {
    expect(elapsed(undefined, undefined, 0)).toBe('');
  });
});

describe('tables', () => {
  it('align by what is visible', () => {
    expect(
      table([
        ['\x1b[31mab\x1b[0m', 'x'],
        ['abcd', 'y'],
      ]),
    ).toBe('\x1b[31mab\x1b[0m    x\nabcd  y');
  });
});

function node(id: string, part: Partial<NodeStatus>): NodeStatus {
  return {
    id,
    name: id,
    displayName: id,
    type: 'Pod',
    phase: 'Succeeded',
    startedAt: '2026-01-01T00:00:00Z',
    finishedAt: '2026-01-01T00:00:01Z',
    ...part,
  };
}

function workflow(nodes: readonly NodeStatus[]): Workflow {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'wf' },
    spec: {},
    status: { nodes: Object.fromEntries(nodes.map((entry) => [entry.id, entry])) },
  };
}

describe('the tree', () => {
  const nowMs = Date.parse('2026-01-01T00:01:00Z');

  it('puts tasks under their DAG and loop items under their group', () => {
    const text = workflowTree(
      workflow([
        node('wf', { type: 'DAG', children: ['A'] }),
        node('A', { boundaryID: 'wf', type: 'TaskGroup', name: 'wf.A', children: ['A0', 'A1'] }),
        node('A0', { boundaryID: 'wf', name: 'wf.A(0:x)', displayName: 'A(0:x)', children: ['B'] }),
        node('A1', { boundaryID: 'wf', name: 'wf.A(1:y)', displayName: 'A(1:y)', children: ['B'] }),
        node('B', {
          boundaryID: 'wf',
          name: 'wf.B',
          phase: 'Failed',
          message: 'Error (exit code 1)',
        }),
      ]),
      { nowMs, style },
    );
    expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
      'STEP          TEMPLATE  DURATION  MESSAGE',
      '✔ wf                    1s',
      '├─✔ A                   1s',
      '│ ├─✔ A(0:x)            1s',
      '│ └─✔ A(1:y)            1s',
      '└─✖ B                   1s        Error (exit code 1)',
    ]);
  });

  it('shows the steps of groups under the steps template, not the groups', () => {
    const text = workflowTree(
      workflow([
        node('wf', { type: 'Steps', children: ['g0'] }),
        node('g0', { boundaryID: 'wf', type: 'StepGroup', displayName: '[0]', children: ['S'] }),
        node('S', { boundaryID: 'wf', name: 'wf[0].S' }),
      ]),
      { nowMs, style },
    );
    expect(text).not.toContain('[0]');
    expect(text).toContain('└─✔ S');
  });

  it('shows exit handlers beside the root', () => {
    const text = workflowTree(
      workflow([node('wf', {}), node('wf-1', { name: 'wf.onExit', displayName: 'wf.onExit' })]),
      { nowMs, style },
    );
    expect(text).toContain('\n✔ wf.onExit');
  });
});

describe('repainting', () => {
  it('writes only the last text where there is no terminal', () => {
    const written: string[] = [];
    const repainter = createRepainter({ write: (text) => written.push(text) });
    repainter.show('one');
    repainter.print('log');
    repainter.show('two');
    repainter.done();
    expect(written.join('')).toBe('log\ntwo\n');
  });

  it('goes back over the lines it wrote on a terminal', () => {
    const written: string[] = [];
    const repainter = createRepainter({
      isTTY: true,
      rows: 10,
      columns: 40,
      write: (text) => written.push(text),
    });
    repainter.show('one\ntwo');
    repainter.show('three');
    expect(written.join('')).toBe('one\ntwo\n\x1b[2A\x1b[Jthree\n');
  });

  it('takes a terminal that does not know its size for one of 80 columns', () => {
    const written: string[] = [];
    const write = (text: string): unknown => written.push(text);
    const repainter = createRepainter({ isTTY: true, rows: 0, columns: 0, write });
    repainter.show('a line of more than four letters');
    expect(written.join('')).toBe('a line of more than four letters\n');
  });

  it('never paints more lines than the screen has', () => {
    const written: string[] = [];
    const repainter = createRepainter({
      isTTY: true,
      rows: 6,
      columns: 40,
      write: (text) => written.push(text),
    });
    repainter.show(Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n'));
    expect(written.join('').split('\n').length).toBeLessThanOrEqual(6);
  });
});
