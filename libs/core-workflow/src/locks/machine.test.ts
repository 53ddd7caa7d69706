// Covers the rules of the locks of an installation, and that a history or a snapshot of it leads to the same locks. Leaves
// out when runs ask for locks: see locks.test.ts one folder up.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lockName, type LockKey } from './lock-key.ts';
import { lockMachine, lockSnapshot, owedByLocks, stepLocks } from './machine.ts';
import type { LockEffect, LockFact, LockInput, LockOutcome, LockRequest } from './messages.ts';
import { initialLocks, type LockState } from './state.ts';

const mutex = (name: string): LockKey => ({ kind: 'Mutex', namespace: 'ns', name, key: '' });
const semaphore = (key: string): LockKey => ({
  kind: 'ConfigMap',
  namespace: 'ns',
  name: 'map',
  key,
});

function requestOf(
  holder: string,
  locks: readonly LockKey[],
  more: Partial<LockRequest> = {},
): LockRequest {
  const [uid = ''] = holder.split('_');
  return {
    holder,
    uid,
    namespace: 'ns',
    workflow: uid,
    locks,
    priority: 0,
    createdAtMs: 0,
    ...more,
  };
}

/** Locks with what their runs were told last. */
function createBook() {
  const state = initialLocks();
  const facts: LockFact[] = [];
  const told = new Map<string, LockOutcome>();
  const lookUps: string[] = [];
  const give = (input: LockInput): readonly LockEffect[] => {
    const stepped = stepLocks(state, input);
    if (!stepped.ok) throw new Error(stepped.error.message);
    facts.push(...stepped.value.facts);
    for (const effect of stepped.value.effects) {
      if (effect.kind === 'LookUpLimit') lookUps.push(lockName(effect.lock));
      else told.set(effect.holder, effect.outcome);
    }
    return stepped.value.effects;
  };
  return {
    state,
    facts,
    lookUps,
    give,
    told: (holder: string): string => told.get(holder)?.kind ?? 'nothing',
    outcome: (holder: string): LockOutcome | undefined => told.get(holder),
    acquire: (holder: string, locks: readonly LockKey[], more: Partial<LockRequest> = {}) =>
      give({ kind: 'Acquire', at: 0, request: requestOf(holder, locks, more) }),
    release: (holder: string) => give({ kind: 'Release', at: 0, holder }),
    limit: (lock: LockKey, limit: number) => give({ kind: 'LimitChanged', at: 0, lock, limit }),
  };
}

test('a mutex lets one holder in, and the next one when it is given back', () => {
  const book = createBook();
  book.acquire('a_1_0', [mutex('m')]);
  book.acquire('b_1_0', [mutex('m')], { nodeId: 'b-7' });
  expect(book.told('a_1_0')).toBe('Granted');
  expect(book.outcome('b_1_0')).toEqual({
    kind: 'Waiting',
    message: 'Waiting for ns/Mutex/m lock. Lock status: 0/1',
    lock: 'ns/Mutex/m',
    heldBy: ['ns/a'],
  });
  book.release('a_1_0');
  expect(book.told('b_1_0')).toBe('Granted');
});

test('a semaphore lets in as many as its limit, which is looked up when it is first asked for', () => {
  const book = createBook();
  book.acquire('a_1_0', [semaphore('k')]);
  expect(book.told('a_1_0')).toBe('nothing');
  expect(book.lookUps).toEqual(['ns/ConfigMap/map/k']);
  book.limit(semaphore('k'), 2);
  expect(book.told('a_1_0')).toBe('Granted');
  book.acquire('b_1_0', [semaphore('k')]);
  book.acquire('c_1_0', [semaphore('k')]);
  expect(book.told('b_1_0')).toBe('Granted');
  expect(book.outcome('c_1_0')).toMatchObject({
    message: 'Waiting for ns/ConfigMap/map/k lock. Lock status: 0/2',
  });
});

test('a database lock is named with its key and counts holders', () => {
  const book = createBook();
  const lock: LockKey = { kind: 'Database', namespace: 'ns', name: 'key', key: '' };
  book.acquire('a_1_0', [lock]);
  book.limit(lock, 1);
  book.acquire('b_1_0', [lock]);
  expect(book.outcome('b_1_0')).toMatchObject({
    message: 'Waiting for ns/Database/key lock (ns/key). Lock status: 1/1',
    lock: 'ns/Database/key',
  });
});

test('a mutex and a semaphore of the sync API with the same name are two locks', () => {
  const book = createBook();
  book.acquire('a_1_0', [{ kind: 'DatabaseMutex', namespace: 'ns', name: 'key', key: '' }]);
  book.acquire('b_1_0', [{ kind: 'Database', namespace: 'ns', name: 'key', key: '' }]);
  book.limit({ kind: 'Database', namespace: 'ns', name: 'key', key: '' }, 1);
  expect([book.told('a_1_0'), book.told('b_1_0')]).toEqual(['Granted', 'Granted']);
});

test('all locks of a request are got together or none of them', () => {
  const book = createBook();
  book.acquire('a_1_0', [mutex('x')]);
  book.acquire('b_1_0', [mutex('y'), mutex('x')]);
  expect(book.outcome('b_1_0')).toMatchObject({ kind: 'Waiting', lock: 'ns/Mutex/x' });
  book.release('a_1_0');
  expect(book.told('b_1_0')).toBe('Granted');
});

test('who waits for two locks is not overtaken at the one that is free', () => {
  const book = createBook();
  book.acquire('a_1_0', [mutex('x')]);
  book.acquire('b_1_0', [mutex('y'), mutex('x')]);
  book.acquire('c_1_0', [mutex('y')]);
  expect(book.told('c_1_0')).toBe('Waiting');
  book.release('a_1_0');
  expect(book.told('b_1_0')).toBe('Granted');
  expect(book.told('c_1_0')).toBe('Waiting');
  book.release('b_1_0');
  expect(book.told('c_1_0')).toBe('Granted');
});

test('the queue goes by priority, then by creation of the run, then by node', () => {
  const book = createBook();
  const waiting = [
    ['e_12_0', 0, 5],
    ['e_9_0', 0, 5],
    ['d_1_0', 0, 4],
    ['b_1_0', 7, 9],
    ['c_1_0', 7, 10],
  ] as const;
  book.acquire('a_1_0', [mutex('m')]);
  for (const [holder, priority, createdAtMs] of waiting) {
    book.acquire(holder, [mutex('m')], { priority, createdAtMs });
  }
  const order: string[] = [];
  for (let last = 'a_1_0'; order.length < waiting.length; last = order.at(-1) ?? '') {
    for (const effect of book.release(last)) {
      if (effect.kind === 'ReportLocks') order.push(effect.holder);
    }
  }
  expect(order).toEqual(['b_1_0', 'c_1_0', 'd_1_0', 'e_9_0', 'e_12_0']);
});

test('a holder that asks again is told its present outcome, without a fact', () => {
  const book = createBook();
  book.acquire('a_1_0', [mutex('m')]);
  book.acquire('b_1_0', [mutex('m')]);
  const before = book.facts.length;
  const again = [...book.acquire('a_1_0', [mutex('m')]), ...book.acquire('b_1_0', [mutex('m')])];
  expect(book.facts).toHaveLength(before);
  expect(again.map((each) => each.kind === 'ReportLocks' && each.outcome.kind)).toEqual([
    'Granted',
    'Waiting',
  ]);
});

test('a lowered limit throws nobody out; the next one waits until there are fewer holders', () => {
  const book = createBook();
  book.acquire('a_1_0', [semaphore('k')]);
  book.limit(semaphore('k'), 2);
  book.acquire('b_1_0', [semaphore('k')]);
  book.limit(semaphore('k'), 1);
  book.acquire('c_1_0', [semaphore('k')]);
  book.release('a_1_0');
  expect(book.told('c_1_0')).toBe('Waiting');
  book.release('b_1_0');
  expect(book.told('c_1_0')).toBe('Granted');
});

test('a raised limit lets in those who wait, and tells the others the new numbers', () => {
  const book = createBook();
  for (const holder of ['a_1_0', 'b_1_0', 'c_1_0', 'd_1_0']) book.acquire(holder, [semaphore('k')]);
  book.limit(semaphore('k'), 1);
  expect(['a_1_0', 'b_1_0'].map(book.told)).toEqual(['Granted', 'Waiting']);
  book.limit(semaphore('k'), 3);
  expect(['b_1_0', 'c_1_0'].map(book.told)).toEqual(['Granted', 'Granted']);
  expect(book.outcome('d_1_0')).toMatchObject({
    message: 'Waiting for ns/ConfigMap/map/k lock. Lock status: 0/3',
  });
});

test('a semaphore without a limit refuses those who ask, and others of their locks are free', () => {
  const book = createBook();
  book.acquire('a_1_0', [mutex('m'), semaphore('k')]);
  book.give({ kind: 'LimitMissing', at: 0, lock: semaphore('k'), message: 'no such ConfigMap' });
  expect(book.outcome('a_1_0')).toEqual({
    kind: 'Refused',
    message: 'failed to initialize semaphore ns/ConfigMap/map/k with limit: no such ConfigMap',
  });
  book.acquire('b_1_0', [mutex('m')]);
  expect(book.told('b_1_0')).toBe('Granted');
});

test('a limit of 0 counts as missing', () => {
  const book = createBook();
  book.acquire('a_1_0', [semaphore('k')]);
  book.limit(semaphore('k'), 0);
  expect(book.told('a_1_0')).toBe('Refused');
});

test('who was refused may ask again, and gets in when there is a limit by then', () => {
  const book = createBook();
  book.acquire('a_1_0', [semaphore('k')]);
  book.limit(semaphore('k'), 0);
  book.acquire('a_1_0', [semaphore('k')]);
  book.limit(semaphore('k'), 1);
  expect(book.told('a_1_0')).toBe('Granted');
});

test('when the limit goes while there are holders, the others wait for it to come back', () => {
  const book = createBook();
  book.acquire('a_1_0', [semaphore('k')]);
  book.limit(semaphore('k'), 1);
  book.acquire('b_1_0', [semaphore('k')]);
  book.give({ kind: 'LimitMissing', at: 0, lock: semaphore('k'), message: 'gone' });
  expect(book.outcome('b_1_0')).toMatchObject({
    kind: 'Waiting',
    message: 'Failed to get semaphore limit for ns/ConfigMap/map/k',
  });
  book.release('a_1_0');
  expect(book.told('b_1_0')).toBe('Waiting');
  book.limit(semaphore('k'), 1);
  expect(book.told('b_1_0')).toBe('Granted');
});

test('giving back takes a request out of the queue as well', () => {
  const book = createBook();
  book.acquire('a_1_0', [mutex('m')]);
  book.acquire('b_1_0', [mutex('m')]);
  book.acquire('c_1_0', [mutex('m')]);
  book.release('b_1_0');
  book.release('a_1_0');
  expect([book.told('b_1_0'), book.told('c_1_0')]).toEqual(['Waiting', 'Granted']);
});

test('a deleted run gives everything back, and only its own', () => {
  const book = createBook();
  book.acquire('a_1_0', [mutex('x')]);
  book.acquire('a_2_0', [mutex('y')]);
  book.acquire('b_1_0', [mutex('z')]);
  book.acquire('c_1_0', [mutex('x'), mutex('y')]);
  book.acquire('d_1_0', [mutex('z')]);
  book.give({ kind: 'ReleaseRun', at: 0, uid: 'a' });
  expect([book.told('c_1_0'), book.told('d_1_0')]).toEqual(['Granted', 'Waiting']);
});

test('locks that nobody uses are forgotten, with their limits', () => {
  const book = createBook();
  book.acquire('a_1_0', [mutex('m'), semaphore('k')]);
  book.limit(semaphore('k'), 1);
  book.release('a_1_0');
  expect(book.state.locks.size + book.state.requests.size + book.state.byRun.size).toBe(0);
  book.limit(semaphore('k'), 5);
  expect(book.state.locks.size).toBe(0);
});

test('a request without a holder, without locks or with too many is refused', () => {
  const { state } = createBook();
  const locks = Array.from({ length: 101 }, (_, index) => mutex(`m${index}`));
  const requests = [requestOf('', [mutex('m')]), requestOf('a_1_0', []), requestOf('a_1_0', locks)];
  for (const request of requests) {
    expect(stepLocks(state, { kind: 'Acquire', at: 0, request }).ok).toBe(false);
  }
});

const keys = [mutex('x'), mutex('y'), semaphore('k'), semaphore('l')];
const holders = ['a_1_0', 'a_2_0', 'b_1_0', 'c_1_0', 'd_1_0'];
const anyLocks = fc.subarray(keys, { minLength: 1 });
const anyInput: fc.Arbitrary<LockInput> = fc.oneof(
  fc.record({
    kind: fc.constant('Acquire' as const),
    at: fc.constant(0),
    request: fc
      .tuple(fc.constantFrom(...holders), anyLocks)
      .map(([holder, locks]) => requestOf(holder, locks)),
  }),
  fc.record({
    kind: fc.constant('Release' as const),
    at: fc.constant(0),
    holder: fc.constantFrom(...holders),
  }),
  fc.record({
    kind: fc.constant('ReleaseRun' as const),
    at: fc.constant(0),
    uid: fc.constantFrom('a', 'b'),
  }),
  fc.record({
    kind: fc.constant('LimitChanged' as const),
    at: fc.constant(0),
    lock: fc.constantFrom(semaphore('k'), semaphore('l')),
    limit: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({
    kind: fc.constant('LimitMissing' as const),
    at: fc.constant(0),
    lock: fc.constantFrom(semaphore('k'), semaphore('l')),
    message: fc.constant('gone'),
  }),
);

/** What must hold whatever happened. */
function checkInvariants(state: LockState): void {
  for (const { lock, holders: inside, limit } of state.locks.values()) {
    if (lock.kind === 'Mutex') expect(inside.size).toBeLessThanOrEqual(1);
    expect(limit === undefined ? inside.size : 0).toBe(0);
  }
  for (const { request, standing } of state.requests.values()) {
    for (const lock of request.locks) {
      const record = [...state.locks.values()].find(
        (each) => lockName(each.lock) === lockName(lock),
      );
      expect(record?.holders.has(request.holder) === true).toBe(standing === 'Holding');
      const queued = record?.queue.some(({ holder }) => holder === request.holder) === true;
      expect(queued).toBe(standing === 'Queued');
    }
  }
  // Nobody waits who could go in: the foremost of all whose locks all have places for it.
  const again = lockMachine.decide(
    { ...state, dirty: new Set(state.locks.keys()) },
    { kind: 'Advance', at: 0 },
  );
  expect(again).toEqual({ ok: true, value: [] });
}

test('whatever is asked: no lock has too many, all or none are held, nobody waits in vain', () => {
  fc.assert(
    fc.property(fc.array(anyInput, { maxLength: 60 }), (inputs) => {
      const book = createBook();
      for (const input of inputs) {
        book.give(input);
        checkInvariants(book.state);
      }
    }),
    { numRuns: 200 },
  );
});

test('facts folded again, and a snapshot, lead to the same locks and owe the same', () => {
  fc.assert(
    fc.property(fc.array(anyInput, { maxLength: 40 }), (inputs) => {
      const book = createBook();
      for (const input of inputs) book.give(input);
      const owed = textOf([...owedByLocks(book.state)]);
      const folded = book.facts.reduce(lockMachine.evolve, lockMachine.initial());
      expect(textOf([...owedByLocks(folded)])).toEqual(owed);
      const fromSnapshot = lockSnapshot(book.state, 1).reduce(lockMachine.evolve, folded);
      expect(textOf([...owedByLocks(fromSnapshot)])).toEqual(owed);
      expect(fromSnapshot.locks.size).toBe(book.state.locks.size);
    }),
    { numRuns: 200 },
  );
});

function textOf(effects: readonly LockEffect[]): readonly string[] {
  return effects.map((effect) => JSON.stringify(effect)).sort();
}
