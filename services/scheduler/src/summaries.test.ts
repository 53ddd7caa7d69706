// Covers what owners of a run tell one another through the index: who is behind, and what is still to be ended. Leaves
// out names and reservations, which scheduler.test.ts has.
import { createMemoryBus } from '@argosy/bus';
import { initialState, step, type State } from '@argosy/core-workflow';
import { headerOf } from '@argosy/core-workflow/simulation';
import { leafOf, workflowOf } from '@argosy/core-workflow/testing';
import { expect, it } from 'vitest';
import { createSummaries, type Summaries } from './summaries.ts';

const HEADER = headerOf(workflowOf([leafOf('main')]));
const PARTITIONS = 1;

async function createIndex(): Promise<Summaries> {
  const bus = createMemoryBus();
  const isSubmitted = (): Promise<boolean> => Promise.resolve(true);
  const summaries = await createSummaries(bus, {
    partitions: PARTITIONS,
    now: () => 0,
    isSubmitted,
  });
  await summaries.reserve(HEADER);
  return summaries;
}

function stateAfter(...commands: readonly ('Terminate' | 'Suspend')[]): State {
  const state = initialState();
  const at = HEADER.createdAtMs;
  step(state, { kind: 'Submit', at, run: HEADER });
  for (const kind of commands) step(state, { kind: 'Control', at, command: { kind } });
  return state;
}

it('an owner that is behind does not write over what a later owner has written', async () => {
  const summaries = await createIndex();
  const later = { sequence: 9, isCancelling: false };
  expect(await summaries.write(stateAfter('Terminate'), later)).toBe('Written');
  summaries.forget(HEADER.uid);
  const behind = { sequence: 5, isCancelling: false };
  expect(await summaries.write(stateAfter(), behind)).toBe('Unchanged');
  expect((await summaries.find(HEADER))?.summary.phase).toBe('Failed');
});

it('a run that has ended is left to a new owner while tasks of it are still to be ended', async () => {
  const summaries = await createIndex();
  const ended = stateAfter('Terminate');
  expect(await summaries.write(ended, { sequence: 2, isCancelling: true })).toBe('Written');
  expect((await summaries.runsOf(0)).live).toEqual([HEADER.uid]);
  summaries.forget(HEADER.uid);
  // Nothing that others would have to hear of.
  expect(await summaries.write(ended, { sequence: 2, isCancelling: false })).toBe('Unchanged');
  expect((await summaries.runsOf(0)).live).toEqual([]);
});
