// Covers the fencing of the log of facts: what becomes of an owner that was replaced and does not know it. Leaves out the
// codec of facts (libs/api) and recovery as a whole (scheduler.test.ts, test/simulation).
import { createMemoryBus } from '@argosy/bus';
import type { Fact } from '@argosy/core-workflow';
import { headerOf, workflowOf, leafOf } from '@argosy/core-workflow/testing';
import { describe, expect, it } from 'vitest';
import { createRunLog } from './run-log.ts';

const run = headerOf(workflowOf([leafOf('main')]));
const submitted: Fact = { kind: 'RunSubmitted', at: 1, run };
const started: Fact = { kind: 'RunStarted', at: 2 };
const suspended: Fact = { kind: 'RunSuspended', at: 2, suspended: true };

describe('the log of a run', () => {
  it('refuses the facts of a stale owner that stands where the new owner stood when it went on', async () => {
    const bus = createMemoryBus();
    const stale = createRunLog(bus, 2);
    const owner = createRunLog(bus, 2);
    await stale.append(run.uid, await stale.load(run.uid), [submitted]);
    const staleRun = await stale.load(run.uid);
    const ownersRun = await owner.load(run.uid);

    await owner.append(run.uid, ownersRun, [started]);
    const late = stale.append(run.uid, staleRun, [suspended]);

    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await owner.load(run.uid)).state.suspended).toBe(false);
  });

  it('refuses other facts of the same owner at a place where it appended already', async () => {
    const bus = createMemoryBus();
    const log = createRunLog(bus, 2);
    const unheard = await log.load(run.uid);
    await log.append(run.uid, unheard, [submitted]);
    // As after an answer that was lost: the owner still stands before its own facts.
    const again = { ...unheard, sequence: 0 };

    await expect(log.append(run.uid, again, [submitted, started])).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});
