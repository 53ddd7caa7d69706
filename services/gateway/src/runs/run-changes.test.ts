// Covers what a watcher of changes is sent: the difference of two renderings, cut into pieces, and that putting the pieces
// together gives the later rendering again, for every pair of states of real runs. Leaves out the stream (rpc.test.ts).
import { renderWorkflow, workflowMachine, type Fact } from '@argosy/core-workflow';
import { headerOf, leafOf, simulateRun, workflowOf } from '@argosy/core-workflow/testing';
import type { Workflow } from '@argosy/model';
import { describe, expect, it } from 'vitest';
import { differenceOf, isSame, piecesOf, wholeOf, type RunDifference } from './run-changes.ts';

/** What a client does with each piece. */
function put(before: Workflow | undefined, { workflow, removed }: RunDifference): Workflow {
  const nodes = { ...before?.status?.nodes, ...workflow.status?.nodes };
  for (const id of removed) Reflect.deleteProperty(nodes, id);
  const status = { ...workflow.status, ...(Object.keys(nodes).length === 0 ? {} : { nodes }) };
  return { ...before, ...workflow, status } as Workflow;
}

function renderings(facts: readonly Fact[]): readonly Workflow[] {
  let state = workflowMachine.initial();
  return facts.map((fact) => {
    state = workflowMachine.evolve(state, fact);
    return structuredClone(renderWorkflow(state));
  });
}

const each = { name: 'each', template: 'leaf', withSequence: { count: '7' } } as never;
const again = { name: 'again', template: 'flaky' } as never;
const manifest = workflowOf([
  { name: 'main', steps: [[each], [again]] },
  leafOf('leaf'),
  leafOf('flaky', [], { retryStrategy: { limit: 2 } }),
]);
const run = headerOf(manifest);
const { facts } = simulateRun(run, ({ displayName }) => ({
  phase: displayName.startsWith('again') ? 'Failed' : 'Succeeded',
}));
const retried: readonly Fact[] = [
  ...facts,
  {
    kind: 'RunRetried',
    at: run.createdAtMs,
    dropped: [facts.filter(({ kind }) => kind === 'NodeCreated').length - 1],
    reopened: [0],
    parameters: {},
  },
];

describe('the changes of a run', () => {
  it.each([1, 2, 1_000])('put together in pieces of %i nodes are the run itself', (nodesMax) => {
    let known: Workflow | undefined;
    let before: Workflow | undefined;
    for (const now of renderings(retried)) {
      const difference = before === undefined ? wholeOf(now) : differenceOf(before, now);
      for (const piece of piecesOf(difference, nodesMax)) {
        expect(piece.nodes.length).toBeLessThanOrEqual(nodesMax);
        known = put(known, piece);
      }
      expect(known).toEqual(now);
      before = now;
    }
    expect(Object.keys(known?.status?.nodes ?? {}).length).toBeGreaterThan(5);
  });

  it('hold the nodes that changed and no others, and the spec only when it changed', () => {
    const all = renderings(facts);
    const last = all.at(-1);
    const before = all.at(-2);
    if (last === undefined || before === undefined) throw new Error('the run has no history');
    expect(differenceOf(last, last)).toMatchObject({ nodes: [], removed: [] });
    expect(differenceOf(last, last).workflow).not.toHaveProperty('spec');
    expect(differenceOf(last, last).workflow.status).not.toHaveProperty('nodes');
    const stopped = { ...last, spec: { ...last.spec, shutdown: 'Stop' as const } };
    expect(differenceOf(last, stopped).workflow.spec).toEqual(stopped.spec);
    const [id = ''] = Object.keys(last.status?.nodes ?? {});
    const node = { ...last.status?.nodes?.[id], message: 'new' } as never;
    const nodes = { ...last.status?.nodes, [id]: node };
    const changed = { ...last, status: { ...last.status, nodes } };
    expect(differenceOf(last, changed).nodes).toEqual([node]);
  });
});

it.each([
  [{ a: [1, { b: null }] }, { a: [1, { b: null }] }, true],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [[1, 2], [1], false],
  [[], {}, false],
  [null, {}, false],
])('%j and %j are the same: %s', (one, other, expected) => {
  expect(isSame(one, other)).toBe(expected);
  expect(isSame(other, one)).toBe(expected);
});
