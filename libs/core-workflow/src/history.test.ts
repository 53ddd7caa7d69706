// Covers the words for facts, in the order in which runs make them. Leaves out where they are read from.
import { expect, it } from 'vitest';
import { workflowMachine } from './machine.ts';
import { createHistoryWriter, type HistoryEntry } from './render/history.ts';
import { initialState } from './state.ts';
import { leafOf, play, workflowOf, type Outcomes } from './testing/index.ts';
import type { Template, WorkflowSpec } from '@argosy/model';

function historyOf(
  templates: readonly Template[],
  options: { readonly outcomes?: Outcomes; readonly spec?: Partial<WorkflowSpec> } = {},
): readonly HistoryEntry[] {
  const { facts } = play(workflowOf(templates, options.spec), options.outcomes);
  const writer = createHistoryWriter();
  const state = initialState();
  return facts.map((fact) => {
    workflowMachine.evolve(state, fact);
    return writer.describe(state, fact);
  });
}

const lineOf = ({ node, what, phase, message }: HistoryEntry): string =>
  [node?.displayName ?? 'run', what, phase, message].filter((part) => part !== '').join(' ');

it('facts are numbered from 1 and tell what happened to which node', () => {
  const entries = historyOf([leafOf('main')]);
  expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1));
  expect(entries.map(lineOf)).toEqual([
    'run submitted Pending',
    'run started Running',
    'wf created Pending',
    'wf started Running',
    'wf finished Succeeded',
    'run finished Succeeded',
  ]);
});

it('offsets count from the first fact', () => {
  const entries = historyOf([leafOf('main')], { outcomes: { wf: { durationMs: 90_000 } } });
  expect(entries.at(0)?.offsetMs).toBe(0);
  expect(entries.at(-1)?.offsetMs).toBe(90_000);
});

it('attempts of a retried node tell their number, and the wait between them its end', () => {
  const retried = leafOf('main', [], {
    retryStrategy: { limit: '1', backoff: { duration: '10' } },
  });
  const entries = historyOf([retried], { outcomes: { 'wf(0)': { phase: 'Failed', exitCode: 1 } } });
  const attempts = entries.filter(({ kind }) => kind === 'NodeCreated').map(({ node }) => node);
  expect(attempts.map((node) => node?.attempt)).toEqual([undefined, 0, 1]);
  expect(entries.map(lineOf)).toContain('wf(0) finished Failed main: Error (exit code 1)');
  expect(entries.map(lineOf).some((line) => line.startsWith('wf waits '))).toBe(true);
});

it('a loop tells how many rounds it has, and nodes are named as in the status', () => {
  const main: Template = {
    name: 'main',
    steps: [[{ name: 'each', template: 'leaf', withItems: ['a', 'b'] }]],
  };
  const entries = historyOf([main, leafOf('leaf')]);
  const lines = entries.map(lineOf);
  expect(lines).toContain('[0] loop spread 2 items');
  expect(lines).toContain('each(1:b) created Pending');
  expect(entries.find(({ node }) => node?.displayName === 'each(1:b)')?.node).toMatchObject({
    name: 'wf[0].each(1:b)',
    type: 'Pod',
    templateName: 'leaf',
  });
});
