// Whoever keeps the locks, as services/scheduler/src/locks/lock-keeper.ts does, in virtual time: decide, append, tell, look
// limits up, acknowledge last. Every `yield` stands for waiting on the network; there the process may die, or another one
// take over.
import type { LockEffect, LockFact, LockInput, LockKey, LockState } from '@argosy/core-workflow';
import { ConflictError, LATENCY_MS } from './bus.ts';
import type { StoredLockCommand } from './lock-bus.ts';
import type { World } from './world.ts';

/** All locks as one process holds them. */
export interface KeeperMemory {
  readonly state: LockState;
  /** Sequence of the last message of the log that the state holds. */
  sequence: number;
  readonly jobs: Work[];
  /** It has done what was owed, and takes commands. */
  isReady: boolean;
  /** The lease is known to be lost: what is begun goes on, nothing new is taken. */
  isLeaving: boolean;
}

type Work = Generator<undefined, void>;

interface Keeper {
  readonly name: string;
  isUp: boolean;
  /** There while the process believes that the locks are its own. */
  memory: KeeperMemory | undefined;
}

const BATCH_MAX = 256;
const LEASE_TTL_MS = 5_000;
const RETRY_MS = 500;

export interface LockKeepers {
  start(): void;
  /** Commands may have come. */
  wake(): void;
  /** The limit of the semaphores with this key was set anew. */
  onLimit(key: string): void;
  memories(): readonly KeeperMemory[];
}

export function createLockKeepers(world: World, count: number): LockKeepers {
  const { agenda, bus, engine, faults, lockBus } = world;
  const keepers = Array.from({ length: count }, (_, index): Keeper => {
    return { name: `keeper-${index}`, isUp: true, memory: undefined };
  });
  let lease: Keeper | undefined;
  let pollAt: number | undefined;
  let reports = 0;

  // --- ownership

  const take = (keeper: Keeper): void => {
    world.trace(() => `${keeper.name} takes the locks`);
    lease = keeper;
    const state = engine.lockMachine.initial();
    const memory = { state, sequence: 0, jobs: [], isReady: false, isLeaving: false };
    keeper.memory = memory;
    enqueue(keeper, memory, load(memory));
  };

  /** Somebody who is up takes the locks, if nobody has them. */
  const reassign = (except?: Keeper): void => {
    if (lease !== undefined) return;
    // Who has not noticed yet that the lease was lost cannot ask for it.
    const free = keepers.filter((each) => each.isUp && each.memory === undefined);
    const others = free.filter((each) => each !== except);
    const next = others[world.chooseBelow(others.length)];
    if (next === undefined) agenda.after(LEASE_TTL_MS, () => reassign(except));
    else take(next);
  };

  const crash = (keeper: Keeper, downMs: number): void => {
    world.trace(() => `${keeper.name} dies for ${downMs} ms`);
    keeper.isUp = false;
    keeper.memory = undefined;
    agenda.after(downMs, () => {
      keeper.isUp = true;
    });
    if (lease !== keeper) return;
    lease = undefined;
    agenda.after(LEASE_TTL_MS, () => reassign());
  };

  const loseLease = (keeper: Keeper, memory: KeeperMemory, noticeMs: number): void => {
    if (lease !== keeper || keepers.length < 2) return;
    world.trace(() => `${keeper.name} loses the locks, notices after ${noticeMs} ms`);
    lease = undefined;
    reassign(keeper);
    agenda.after(noticeMs, () => {
      memory.isLeaving = true;
      if (keeper.memory === memory && memory.jobs.length === 0) keeper.memory = undefined;
    });
  };

  /** After a failure all is read again, by whoever gets the lease. */
  const giveUp = (keeper: Keeper, thrown: unknown): void => {
    world.expectLost(thrown);
    world.trace(() => `${keeper.name} gives the locks up: ${String(thrown)}`);
    keeper.memory = undefined;
    if (lease !== keeper) return;
    lease = undefined;
    agenda.after(RETRY_MS, () => reassign());
  };

  // --- jobs, one after the other

  const enqueue = (keeper: Keeper, memory: KeeperMemory, work: Work): void => {
    memory.jobs.push(work);
    if (memory.jobs.length === 1) advance(keeper, memory);
  };

  const advance = (keeper: Keeper, memory: KeeperMemory): void => {
    if (keeper.memory !== memory) return;
    const died = faults.at('KeeperCrash');
    if (died !== undefined) {
      crash(keeper, died.downMs);
      return;
    }
    const lost = faults.at('KeeperLosesLease');
    if (lost === undefined) {
      proceed(keeper, memory);
      return;
    }
    loseLease(keeper, memory, lost.noticeMs);
    agenda.after(lost.pauseMs, () => proceed(keeper, memory));
  };

  const proceed = (keeper: Keeper, memory: KeeperMemory): void => {
    const [work] = memory.jobs;
    if (keeper.memory !== memory || work === undefined) return;
    try {
      if (work.next().done !== true) {
        agenda.after(world.latencyMs(LATENCY_MS), () => advance(keeper, memory));
        return;
      }
    } catch (thrown) {
      giveUp(keeper, thrown);
      return;
    }
    memory.jobs.shift();
    if (memory.jobs.length > 0) advance(keeper, memory);
    else if (memory.isLeaving) keeper.memory = undefined;
    else wake();
  };

  const wake = (): void => {
    const next = lockBus.nextAt();
    const at = Math.max(next ?? 0, agenda.now);
    if (next === undefined || (pollAt !== undefined && pollAt <= at)) return;
    pollAt = at;
    agenda.after(at - agenda.now, () => {
      if (pollAt !== at) return;
      pollAt = undefined;
      poll();
    });
  };

  /** Several may believe that the locks are theirs; who has something to do asks again when it is done. */
  const poll = (): void => {
    const idle = keepers.filter(({ memory }) => {
      return memory?.isReady === true && !memory.isLeaving && memory.jobs.length === 0;
    });
    const keeper = idle[world.chooseBelow(idle.length)];
    const { memory } = keeper ?? {};
    if (keeper === undefined || memory === undefined) return;
    const commands = lockBus.fetch(BATCH_MAX);
    if (commands.length > 0) enqueue(keeper, memory, handle(memory, commands));
    wake();
  };

  // --- work

  const load = function* (memory: KeeperMemory): Work {
    yield;
    const { facts, sequence } = lockBus.read();
    for (const fact of facts) engine.lockMachine.evolve(memory.state, fact);
    memory.sequence = sequence;
    yield* perform(memory, [...engine.owedByLocks(memory.state)]);
    memory.isReady = true;
  };

  const handle = function* (memory: KeeperMemory, commands: readonly StoredLockCommand[]): Work {
    const at = agenda.now;
    yield* decide(
      memory,
      commands.map(({ command }): LockInput => ({ ...command, at })),
    );
    yield;
    for (const command of commands) {
      if (faults.at('LoseLockAck') === undefined) command.isAcked = true;
    }
  };

  const decide = function* (memory: KeeperMemory, inputs: readonly LockInput[]): Work {
    const facts: LockFact[] = [];
    const effects: LockEffect[] = [];
    for (const input of inputs) {
      const decided = engine.stepLocks(memory.state, input);
      if (!decided.ok) throw new Error(`${input.kind} is refused: ${decided.error.message}`);
      facts.push(...decided.value.facts);
      effects.push(...decided.value.effects);
    }
    if (facts.length > 0) yield* append(memory, facts);
    else yield* confirm(memory);
    yield* perform(memory, effects);
    world.onLocksKept(memory);
  };

  /** That nothing is to be done may only be said by who knows all: appending would have shown it. */
  const confirm = function* (memory: KeeperMemory): Work {
    yield;
    const { sequence } = lockBus.read();
    if (sequence !== memory.sequence) throw new ConflictError(`the locks are at ${sequence}`);
  };

  const append = function* (memory: KeeperMemory, facts: readonly LockFact[]): Work {
    yield;
    if (faults.at('FailLockAppend') !== undefined) world.fail('the append did not arrive');
    memory.sequence = lockBus.append(memory.sequence, facts);
    world.trace(() => `locks: ${facts.map(shown).join(', ')}`);
    yield;
    if (faults.at('LoseLockAppendAnswer') !== undefined) world.fail('the answer was lost');
  };

  const perform = function* (memory: KeeperMemory, effects: readonly LockEffect[]): Work {
    // Of several reports to a holder the last one counts.
    const told = new Map<string, Extract<LockEffect, { kind: 'ReportLocks' }>>();
    const unknown: LockKey[] = [];
    for (const effect of effects) {
      if (effect.kind === 'ReportLocks') told.set(effect.holder, effect);
      else unknown.push(effect.lock);
    }
    for (const { uid, holder, outcome } of told.values()) {
      yield;
      if (faults.at('LoseLockReport') !== undefined) world.fail('the report did not arrive');
      reports += 1;
      bus.publishCommand(uid, `locks-${reports}`, { kind: 'Locks', holder, outcome });
    }
    if (unknown.length > 0) yield* lookUp(memory, unknown);
  };

  const lookUp = function* (memory: KeeperMemory, wanted: readonly LockKey[]): Work {
    yield;
    const at = agenda.now;
    const answers = wanted.map((lock): LockInput => {
      return { kind: 'LimitChanged', at, lock, limit: lockBus.limitOf(lock) };
    });
    yield;
    yield* decide(memory, answers);
  };

  return {
    wake,
    start: () => reassign(),
    onLimit(key) {
      for (const keeper of keepers) {
        const { memory } = keeper;
        if (memory?.isReady !== true || memory.isLeaving) continue;
        agenda.after(world.latencyMs(LATENCY_MS), () => {
          if (keeper.memory !== memory) return;
          const meant = Array.from(memory.state.locks.values(), ({ lock }) => lock);
          const changed = meant.filter((lock) => lock.key === key);
          if (changed.length > 0) enqueue(keeper, memory, lookUp(memory, changed));
        });
      }
    },
    memories: () => keepers.flatMap(({ memory }) => (memory === undefined ? [] : [memory])),
  };
}

function shown(fact: LockFact): string {
  if (fact.kind === 'LockRequested') return `${fact.kind} ${fact.request.holder}`;
  return 'holder' in fact ? `${fact.kind} ${fact.holder}` : fact.kind;
}
