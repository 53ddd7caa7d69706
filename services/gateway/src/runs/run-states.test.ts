// Covers the folds of runs: reading on demand, sharing, following, the bound on what is kept. The facts
// are those of real runs; how the core folds them is its own concern.
import { encodeFacts, EVENT_TYPES, factSubject } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import { createMemoryBus, type Bus } from '@argosy/bus';
import { isFinished, summarize, type Fact } from '@argosy/core-workflow';
import { headerOf, simulateRun } from '@argosy/core-workflow/testing';
import type { Workflow } from '@argosy/model';
import { describe, expect, it } from 'vitest';
import { helloWorkflow } from '../testing/harness.ts';
import { createRunStates } from './run-states.ts';

const PARTITIONS = 2;

function factsOf(uid: string): readonly Fact[] {
  const manifest = helloWorkflow({ name: 'run', uid }) as Workflow;
  return simulateRun(headerOf(manifest), () => ({})).facts;
}

async function append(bus: Bus, uid: string, facts: readonly Fact[]): Promise<void> {
  for (const fact of facts) {
    await bus.publish({
      subject: factSubject(partitionOf(uid, PARTITIONS), uid),
      event: {
        id: crypto.randomUUID(),
        source: '/test',
        type: EVENT_TYPES.workflowFacts,
        data: encodeFacts([fact]),
      },
    });
  }
}

/** A bus that counts the messages that are read from it. */
function counting(bus: Bus): { bus: Bus; count: () => number } {
  let count = 0;
  const read: Bus['read'] = async function* (...parameters) {
    for await (const message of bus.read(...parameters)) {
      count += 1;
      yield message;
    }
  };
  return { bus: { ...bus, read }, count: () => count };
}

describe('reading a run', () => {
  it('has sequence 0 before it has facts', async () => {
    const states = createRunStates(createMemoryBus(), { partitions: PARTITIONS });
    expect((await states.current('none')).sequence).toBe(0);
  });

  it('reads only what is new since the last time', async () => {
    const { bus, count } = counting(createMemoryBus());
    const states = createRunStates(bus, { partitions: PARTITIONS });
    const facts = factsOf('u');
    const [head, tail] = [facts.slice(0, 2), facts.slice(2)];
    await append(bus, 'u', head);
    expect(summarize((await states.current('u')).state).phase).toBe('Running');
    await append(bus, 'u', tail);
    const { state } = await states.current('u');
    expect(summarize(state).phase).toBe('Succeeded');
    await Promise.all([states.current('u'), states.current('u')]);
    expect(count()).toBe(facts.length);
  });

  it('keeps no more runs than it is told, and folds a dropped one again', async () => {
    const { bus, count } = counting(createMemoryBus());
    const states = createRunStates(bus, { partitions: PARTITIONS, foldedMax: 2 });
    const length = factsOf('a').length;
    for (const uid of ['a', 'b', 'c']) {
      await append(bus, uid, factsOf(uid));
      await states.current(uid);
    }
    await states.current('c');
    expect(count()).toBe(3 * length);
    expect(isFinished((await states.current('a')).state)).toBe(true);
    expect(count()).toBe(4 * length);
  });

  it('keeps no more nodes than it is told, but the run that was asked for last in any case', async () => {
    const { bus, count } = counting(createMemoryBus());
    const states = createRunStates(bus, { partitions: PARTITIONS, foldedNodesMax: 1 });
    const length = factsOf('a').length;
    for (const uid of ['a', 'b']) {
      await append(bus, uid, factsOf(uid));
      await states.current(uid);
    }
    await states.current('b');
    expect(count()).toBe(2 * length);
    await states.current('a');
    expect(count()).toBe(3 * length);
  });

  it('renders a run once for all who look at the same sequence', async () => {
    const bus = createMemoryBus();
    const states = createRunStates(bus, { partitions: PARTITIONS });
    const facts = factsOf('u');
    await append(bus, 'u', facts.slice(0, 2));
    const first = (await states.current('u')).rendered();
    expect((await states.current('u')).rendered()).toBe(first);
    await append(bus, 'u', facts.slice(2));
    const last = (await states.current('u')).rendered();
    expect(last.status?.phase).toBe('Succeeded');
    expect(first.status?.phase).toBe('Running');
  });
});

describe('following a run', () => {
  it('shows the latest state to a slow reader, not every one', async () => {
    const bus = createMemoryBus();
    const states = createRunStates(bus, { partitions: PARTITIONS });
    const facts = factsOf('u');
    await append(bus, 'u', facts.slice(0, 2));
    const leaving = new AbortController();
    const phases: string[] = [];
    for await (const { state } of states.follow('u', leaving.signal)) {
      phases.push(summarize(state).phase);
      if (isFinished(state)) break;
      await append(bus, 'u', facts.slice(2));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(phases).toEqual(['Running', 'Succeeded']);
  });

  it('shows the end at once to all of several readers', async () => {
    const bus = createMemoryBus();
    const states = createRunStates(bus, { partitions: PARTITIONS, watchIntervalMs: 60_000 });
    const facts = factsOf('u');
    await append(bus, 'u', facts.slice(0, 2));
    const leaving = new AbortController();
    const readers = [1, 2, 3].map(async () => {
      for await (const { state } of states.follow('u', leaving.signal)) {
        if (isFinished(state)) return 'ended';
      }
      return 'left';
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const begunAtMs = Date.now();
    await append(bus, 'u', facts.slice(2));
    expect(await Promise.all(readers)).toEqual(['ended', 'ended', 'ended']);
    expect(Date.now() - begunAtMs).toBeLessThan(3_000);
  });

  it('ends when the reader leaves', async () => {
    const states = createRunStates(createMemoryBus(), { partitions: PARTITIONS });
    const leaving = new AbortController();
    setTimeout(() => {
      leaving.abort();
    }, 20);
    for await (const folded of states.follow('none', leaving.signal)) {
      throw new Error(`nothing was to come, but ${folded.uid} came`);
    }
  });
});
