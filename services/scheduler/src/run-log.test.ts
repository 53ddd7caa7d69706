// Covers the fencing of the log of facts: what becomes of an owner that was replaced and does not know it. Leaves out the
// codec of facts (libs/api) and recovery as a whole (scheduler.test.ts, test/simulation).
import { ArgosyError } from '@argosy/base';
import { createMemoryBus, type Bus } from '@argosy/bus';
import type { Fact } from '@argosy/core-workflow';
import { headerOf, workflowOf, leafOf } from '@argosy/core-workflow/testing';
import { describe, expect, it } from 'vitest';
import { FACT_MESSAGE_BYTES_MAX } from './config.ts';
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

describe('an owner that loads a run to write it', () => {
  it('shuts out the owner before it, though that one still stands at the end of the log', async () => {
    const bus = createMemoryBus();
    const log = createRunLog(bus, 2);
    const first = await log.load(run.uid, { fence: 3 });
    await log.append(run.uid, first, [submitted]);

    const second = await log.load(run.uid, { fence: 8 });

    await expect(log.append(run.uid, first, [started])).rejects.toMatchObject({ code: 'CONFLICT' });
    await log.append(run.uid, second, [started]);
    expect((await log.load(run.uid)).state.phase).toBe('Running');
  });

  it('is refused when a later owner has written', async () => {
    const bus = createMemoryBus();
    const log = createRunLog(bus, 2);
    await log.append(run.uid, await log.load(run.uid, { fence: 8 }), [submitted]);

    await expect(log.load(run.uid, { fence: 3 })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('leaves no message when it was the last that wrote, and none for a run that is not there', async () => {
    const bus = createMemoryBus();
    const log = createRunLog(bus, 2);
    const begun = await log.load(run.uid, { fence: 3 });
    expect(begun.sequence).toBe(0);
    await log.append(run.uid, begun, [submitted]);
    expect((await log.load(run.uid, { fence: 3 })).sequence).toBe(begun.sequence);
  });

  it('learns before it says that nothing is to be done whether it knows all', async () => {
    const bus = createMemoryBus();
    const log = createRunLog(bus, 2);
    const first = await log.load(run.uid, { fence: 3 });
    await log.append(run.uid, first, [submitted]);
    await log.confirm(run.uid, first);
    await log.load(run.uid, { fence: 8 });
    await expect(log.confirm(run.uid, first)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a decision that takes several messages', () => {
  const labelled = (value: string): Fact => ({
    kind: 'RunLabelled',
    at: 3,
    labels: { [value.slice(0, 1)]: value },
  });
  const large = [labelled('a'.repeat(FACT_MESSAGE_BYTES_MAX)), labelled('b'), started];

  /** The bus as it is for an owner that dies after some messages. */
  function dyingAfter(bus: Bus, messages: number): Bus {
    let left = messages;
    return {
      ...bus,
      publish: (message, options) => {
        left -= 1;
        if (left < 0) return Promise.reject(new ArgosyError('UNAVAILABLE', 'it died'));
        return bus.publish(message, options);
      },
    };
  }

  it('counts as a whole', async () => {
    const bus = createMemoryBus();
    const log = createRunLog(bus, 2);
    const loaded = await log.load(run.uid, { fence: 1 });
    await log.append(run.uid, loaded, [submitted]);
    await log.append(run.uid, loaded, large);
    expect(loaded.sequence).toBeGreaterThan(2);
    const { state, sequence } = await log.load(run.uid);
    expect([state.phase, sequence]).toEqual(['Running', loaded.sequence]);
  });

  it('was never taken when its owner died in the middle, for the same owner and for the next', async () => {
    for (const fence of [1, 2]) {
      const bus = createMemoryBus();
      const log = createRunLog(bus, 2);
      const loaded = await log.load(run.uid, { fence: 1 });
      await log.append(run.uid, loaded, [submitted]);
      const dying = createRunLog(dyingAfter(bus, 1), 2);
      await expect(dying.append(run.uid, loaded, large)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
      const next = await log.load(run.uid, { fence });
      expect(next.state.labels).toEqual({});
      await log.append(run.uid, next, [suspended]);
      const { state } = await log.load(run.uid);
      expect([state.labels, state.suspended]).toEqual([{}, true]);
    }
  });
});
