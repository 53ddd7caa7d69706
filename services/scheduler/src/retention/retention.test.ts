// Covers when finished runs are deleted (ttlStrategy, retentionPolicy) and what is deleted with them, also after a
// restart and after a deletion that was cut short. Leaves out deletions that people ask for (services/gateway).
import { factSubject, logSubject, STREAMS } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHarness, oneTask, type Harness } from '../testing/harness.ts';

let harness: Harness;

beforeEach(() => {
  harness = createHarness();
});

afterEach(() => harness.stop());

function gone(name: string): Promise<void> {
  return eventually(
    async () => {
      expect(await harness.summary(name)).toBeUndefined();
    },
    { timeoutMs: 10_000 },
  );
}

function factsOf(uid: string): Promise<unknown> {
  return harness.bus.last(STREAMS.facts, factSubject(partitionOf(uid, 2), uid));
}

function withTtl(ttlStrategy: object): object {
  return { ...oneTask, ttlStrategy };
}

describe('ttlStrategy', () => {
  it('deletes a run with its history and its logs, and its name is free again', async () => {
    await harness.start('one');
    harness.answerTasks(() => undefined);
    await harness.submit('u1', 'wf', withTtl({ secondsAfterCompletion: 0 }));
    const subject = logSubject('default', 'u1', 'wf');
    const chunk = { id: '1', source: '/x', type: 'x', data: new Uint8Array([1]) };
    await harness.bus.publish({ subject, event: chunk });
    const task = await eventually(() => {
      const [first] = harness.ran;
      if (first === undefined) throw new Error('no task yet');
      return first;
    });
    await harness.finish(task);
    await gone('wf');
    expect(await factsOf('u1')).toBeUndefined();
    expect(await harness.bus.last(STREAMS.logs, subject)).toBeUndefined();
    expect(await harness.submit('u2', 'wf', oneTask)).toBe('accepted');
  });

  it('of the way it ended wins over the general one', async () => {
    await harness.start('one');
    const ttl = { secondsAfterCompletion: 0, secondsAfterSuccess: 3_600, secondsAfterFailure: 0 };
    await harness.submit('u1', 'good', withTtl(ttl));
    const kept = await harness.ended('good');
    expect(Date.parse(kept.deleteAt ?? '') - Date.parse(kept.finishedAt ?? '')).toBe(3_600_000);
    harness.answerTasks(() => ({ phase: 'Failed' }));
    await harness.submit('u2', 'bad', withTtl({ ...ttl, secondsAfterCompletion: 3_600 }));
    await gone('bad');
    expect(await harness.summary('good')).toBeDefined();
  });

  it('is kept by the next scheduler when the first one stops before the time', async () => {
    const first = await harness.start('one');
    await harness.submit('u1', 'wf', withTtl({ secondsAfterCompletion: 1 }));
    await harness.ended('wf');
    await first.stop(1_000);
    expect(await harness.summary('wf')).toBeDefined();
    await harness.start('two');
    await gone('wf');
    expect(await factsOf('u1')).toBeUndefined();
  });

  it('leaves a run alone that was retried in time', async () => {
    await harness.start('one');
    harness.answerTasks(() => ({ phase: 'Failed' }));
    await harness.submit('u1', 'wf', withTtl({ secondsAfterFailure: 1 }));
    await harness.ended('wf');
    harness.answerTasks(() => undefined);
    expect(await harness.control('u1', { kind: 'Retry' })).toBe('accepted');
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(await harness.summary('wf')).toMatchObject({ phase: 'Running' });
  });
});

describe('retentionPolicy', () => {
  it('keeps the given number of finished runs of each phase, the latest ones', async () => {
    await harness.start('one');
    for (const number of [1, 2, 3]) {
      await harness.submit(`u${number}`, `good-${number}`, oneTask);
      await harness.ended(`good-${number}`);
    }
    harness.answerTasks(() => ({ phase: 'Failed' }));
    await harness.submit('u4', 'bad', oneTask);
    await harness.ended('bad');
    await harness.declare({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'workflow-controller-configmap' },
      data: { retentionPolicy: 'completed: 1' },
    });
    await gone('good-1');
    await gone('good-2');
    expect(await harness.summary('good-3')).toBeDefined();
    expect(await harness.summary('bad')).toBeDefined();
    expect(await factsOf('u1')).toBeUndefined();
  });
});
