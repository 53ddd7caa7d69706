// Covers locks through the scheduler on the in-memory bus: waiting, granting, limits and their changes, release at every
// end of a run, compaction of the log, and takeover by another keeper. Leaves out the rules of locks and of waiting
// nodes (libs/core-workflow), and processes that die (locks.integration.test.ts).
import {
  BUCKETS,
  decodeLockFacts,
  LOCK_FACTS_SUBJECT,
  runKey,
  STREAMS,
  syncLimitKey,
  type LockCommand,
} from '@argosy/api';
import { createMemoryBus, type Bus } from '@argosy/bus';
import type { LockFact } from '@argosy/core-workflow';
import { createLogger } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHarness, leafTemplate, oneTask, type Harness } from '../testing/harness.ts';
import { sendLockCommands } from './lock-commands.ts';
import { keepLocks } from './lock-keeper.ts';
import { appendLockFacts, loadLocks } from './lock-log.ts';

let harness: Harness;

beforeEach(() => {
  harness = createHarness();
  harness.answerTasks(() => undefined);
});

afterEach(() => harness.stop());

const mutex = { mutexes: [{ name: 'm' }] };
const lockedRun = { ...oneTask, synchronization: mutex };
const lockedLeaf = {
  entrypoint: 'leaf',
  templates: [{ ...leafTemplate, synchronization: mutex }],
};

function semaphore(ref: object): object {
  return {
    entrypoint: 'leaf',
    templates: [{ ...leafTemplate, synchronization: { semaphores: [ref] } }],
  };
}

const byConfigMap = semaphore({ configMapKeyRef: { name: 'limits', key: 'k' } });

function declareLimit(limit: string): Promise<void> {
  return harness.declare({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'limits' },
    data: { k: limit },
  });
}

function ranOf(): readonly string[] {
  return harness.ran.map(({ workflow }) => workflow);
}

async function untilRan(...names: readonly string[]): Promise<void> {
  await eventually(() => expect([...ranOf()].sort()).toEqual([...names].sort()), {
    timeoutMs: 10_000,
  });
}

async function finishTaskOf(name: string): Promise<void> {
  const task = harness.ran.find(({ workflow }) => workflow === name);
  if (task === undefined) throw new Error(`${name} has no task`);
  await harness.finish(task);
}

describe('a mutex', () => {
  it('of a run keeps the next run Pending, with a message, until the first has ended', async () => {
    await harness.start('one');
    await harness.submit('u1', 'first', lockedRun);
    await untilRan('first');
    await harness.submit('u2', 'second', lockedRun);
    const waiting = await harness.when('second', ({ message }) => message !== '');
    expect(waiting).toMatchObject({
      phase: 'Pending',
      message: 'Waiting for default/Mutex/m lock. Lock status: 0/1',
    });
    await finishTaskOf('first');
    await untilRan('first', 'second');
    await harness.when('second', ({ phase }) => phase === 'Running');
  });

  it('of a template lets one node run at a time, the earlier run first', async () => {
    await harness.start('one');
    for (const number of [1, 2, 3]) {
      await harness.submit(`u${number}`, `wf-${number}`, lockedLeaf);
      await eventually(() => expect(harness.ran.length).toBe(1));
    }
    await finishTaskOf('wf-1');
    await untilRan('wf-1', 'wf-2');
    await finishTaskOf('wf-2');
    await untilRan('wf-1', 'wf-2', 'wf-3');
  });

  it('is free again when its holder is stopped, and a waiting node that is stopped leaves the queue', async () => {
    await harness.start('one');
    await harness.submit('u1', 'first', lockedLeaf);
    await untilRan('first');
    await harness.submit('u2', 'second', lockedLeaf);
    await harness.submit('u3', 'third', lockedLeaf);
    await harness.control('u2', { kind: 'Stop' });
    expect(await harness.ended('second')).toMatchObject({ phase: 'Failed' });
    await harness.control('u1', { kind: 'Terminate' });
    await finishTaskOf('first');
    await untilRan('first', 'third');
  });
});

describe('a semaphore', () => {
  it('has the limit of its ConfigMap, and a raised limit lets the next ones in', async () => {
    await harness.start('one');
    await declareLimit('1');
    await harness.submit('u1', 'first', byConfigMap);
    await untilRan('first');
    await harness.submit('u2', 'second', byConfigMap);
    await harness.submit('u3', 'third', byConfigMap);
    await declareLimit('2');
    await untilRan('first', 'second');
    await declareLimit('3');
    await untilRan('first', 'second', 'third');
  });

  it('has the limit of the sync API', async () => {
    await harness.start('one');
    const bucket = await harness.bus.keyValue(BUCKETS.syncLimits);
    const set = (limit: string): Promise<number> =>
      bucket.put(syncLimitKey('default', 'k'), new TextEncoder().encode(limit));
    await set('1');
    const spec = semaphore({ database: { key: 'k' } });
    await harness.submit('u1', 'first', spec);
    await untilRan('first');
    await harness.submit('u2', 'second', spec);
    await set('2');
    await untilRan('first', 'second');
  });

  it('without a limit ends its node in Error, and says what is missing', async () => {
    await harness.start('one');
    await harness.submit('u1', 'no-map', byConfigMap);
    const noMap = await harness.ended('no-map');
    expect(noMap).toMatchObject({ phase: 'Error' });
    expect(noMap.message).toContain('configmaps "limits" not found');
    await harness.declare({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'limits' } });
    await harness.submit('u2', 'no-key', byConfigMap);
    const noKey = await harness.ended('no-key');
    expect(noKey.message).toContain("Sync configuration key 'k' not found in ConfigMap");
    await declareLimit('many');
    await harness.submit('u3', 'no-number', byConfigMap);
    expect((await harness.ended('no-number')).message).toContain('not a whole number');
  });
});

describe('whoever keeps the locks', () => {
  it('knows after a restart who holds and who waits', async () => {
    const first = await harness.start('one');
    await harness.submit('u1', 'first', lockedLeaf);
    await untilRan('first');
    await harness.submit('u2', 'second', lockedLeaf);
    await first.stop(1_000);
    await harness.start('two');
    expect(ranOf()).toEqual(['first']);
    await finishTaskOf('first');
    await untilRan('first', 'second');
  });

  it('releases the locks of runs that are gone', async () => {
    await harness.start('one', { lockAuditIntervalMs: 100 });
    await harness.submit('u1', 'first', lockedLeaf);
    await untilRan('first');
    await harness.submit('u2', 'second', lockedLeaf);
    // As if it had vanished without a word.
    await (await harness.bus.keyValue(BUCKETS.runs)).delete(runKey('default', 'first'));
    await untilRan('first', 'second');
  });

  it('is given locks back that are granted to a run that is gone', async () => {
    await harness.start('one');
    const request = { uid: 'nobody', namespace: 'default', workflow: 'gone', priority: 0 };
    const locks = [{ kind: 'Mutex', namespace: 'default', name: 'm', key: '' } as const];
    await sendLockCommands(harness.bus, [
      { kind: 'Acquire', request: { ...request, holder: 'nobody_0_0', locks, createdAtMs: 1 } },
    ]);
    await harness.submit('u1', 'first', lockedLeaf);
    await untilRan('first');
  });
});

describe('the log of the locks', () => {
  let bus: Bus;
  const stopping = new AbortController();

  it('is described anew after so many messages, and what led to it is removed', async () => {
    bus = createMemoryBus();
    const keeping = keepLocks({
      bus,
      partitions: 2,
      replicaId: 'one',
      leaseTtlMs: 2_000,
      messagesPerSnapshot: 5,
      logger: createLogger({ level: 'silent' }),
      now: () => Date.now(),
      limits: {
        lookUp: () => Promise.resolve({ kind: 'Limit', limit: 1 }),
        follow: (_options, signal) =>
          new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
      },
      signal: stopping.signal,
    });
    const common = { namespace: 'default', workflow: 'wf', priority: 0, createdAtMs: 1 };
    const locks = [{ kind: 'Mutex', namespace: 'default', name: 'm', key: '' } as const];
    for (let number = 0; number < 20; number += 1) {
      const holder = `u${number}_0_0`;
      const request = { ...common, holder, uid: `u${number}`, locks };
      await sendLockCommands(bus, [{ kind: 'Acquire', request }]);
      if (number > 1) await sendLockCommands(bus, [{ kind: 'Release', holder }]);
      await eventually(async () => {
        const { state } = await loadLocks(bus);
        expect([...state.requests.keys()]).toEqual(
          number === 0 ? ['u0_0_0'] : ['u0_0_0', 'u1_0_0'],
        );
      });
    }
    let messages = 0;
    let first = '';
    for await (const message of bus.read(STREAMS.facts, LOCK_FACTS_SUBJECT)) {
      messages += 1;
      if (messages === 1) first = decodeLockFacts(message.event.data)[0]?.kind ?? '';
    }
    expect(messages).toBeLessThan(8);
    expect(first).toBe('LocksReset');
    const { state } = await loadLocks(bus);
    expect(state.requests.get('u0_0_0')?.standing).toBe('Holding');
    stopping.abort();
    await keeping;
  });
});

describe('a keeper of the past', () => {
  it('acknowledges no release of locks that it never heard of', { timeout: 20_000 }, async () => {
    const bus: Bus = createMemoryBus();
    const stopping = new AbortController();
    const keeping = keepLocks({
      bus,
      partitions: 2,
      replicaId: 'one',
      leaseTtlMs: 2_000,
      logger: createLogger({ level: 'silent' }),
      now: () => Date.now(),
      limits: {
        lookUp: () => Promise.resolve({ kind: 'Limit', limit: 1 }),
        follow: (_options, signal) =>
          new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
      },
      signal: stopping.signal,
    });
    const common = { namespace: 'default', workflow: 'wf', priority: 0, createdAtMs: 1 };
    const locks = [{ kind: 'Mutex', namespace: 'default', name: 'm', key: '' } as const];
    const request = (uid: string): object => ({ ...common, uid, holder: `${uid}_0_0`, locks });
    const acquire = { kind: 'Acquire', request: request('u1') } as LockCommand;
    await sendLockCommands(bus, [acquire]);
    await eventually(async () => expect((await loadLocks(bus)).state.requests.size).toBe(1));

    // Somebody else has taken over meanwhile, and has been asked by another run.
    const other = await loadLocks(bus);
    const asked = { kind: 'LockRequested', at: 1, request: request('u2') } as LockFact;
    await appendLockFacts(bus, other, [asked]);
    await sendLockCommands(bus, [{ kind: 'Release', holder: 'u2_0_0' }]);

    await eventually(
      async () => {
        const { state } = await loadLocks(bus);
        expect([...state.requests.keys()]).toEqual(['u1_0_0']);
      },
      { timeoutMs: 15_000 },
    );
    stopping.abort();
    await keeping;
  });
});
