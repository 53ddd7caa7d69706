// The scheduler's shell as services/scheduler has it, in virtual time: decide, append, answer, act, acknowledge last. Every
// `yield` stands for waiting on the network; there the process may die, or another one take over.
import type { LockCommand } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import type { Effect, Fact, Input, State } from '@argosy/core-workflow';
import { ConflictError, LATENCY_MS, NotOwnerError, type StoredCommand } from './bus.ts';
import type { World } from './world.ts';

/** A run as its owner holds it. */
export interface LoadedRun {
  state: State;
  /** Sequence of the last message in the log that the state holds; 0 for none. */
  sequence: number;
  isBegun: boolean;
  /** The ownership under which it was loaded; under a later one it is loaded again. */
  readonly epoch: number;
}

/** One process of the scheduler. All of it but the name is lost when it dies. */
export interface Replica {
  readonly name: string;
  isUp: boolean;
  memory: Memory;
}

interface Memory {
  /** Partitions, each with the number of the ownership: every later one, of anybody, has a higher number. */
  readonly owned: Map<number, number>;
  /** Partitions that somebody else has by now, which is not noticed yet. */
  readonly leaving: Set<number>;
  readonly cache: Map<string, LoadedRun>;
  /** Jobs by run, one after the other. */
  readonly queues: Map<string, Job[]>;
  /** Instants by run. */
  readonly timers: Map<string, number>;
  readonly cancelling: Set<string>;
  /** Batches of commands at work, by partition. */
  readonly batches: Map<number, number>;
  appends: number;
}

type Work = Generator<undefined, void>;

interface Job {
  readonly uid: string;
  readonly work: Work;
  readonly onEnd: () => void;
}

const BATCH_COMMANDS_MAX = 256;
const BATCHES_AT_ONCE_MAX = 4;
const CANCEL_REPEAT_MS = 1_000;
const COMMAND_RETRY_MS_MIN = 500;
const COMMAND_RETRY_MS_MAX = 30_000;
const RELOAD_DELAY_MS = 1_000;
const LEASE_TTL_MS = 5_000;

export interface Schedulers {
  readonly replicas: readonly Replica[];
  start(): void;
  /** Commands may have come. */
  wake(partition: number): void;
}

export function createSchedulers(world: World, count: number): Schedulers {
  const { agenda, bus, engine, faults, scenario } = world;
  const { workflowMachine, step, takeOwed, isFinished } = engine;
  const replicas = Array.from({ length: count }, (_, index): Replica => {
    return { name: `scheduler-${index}`, isUp: true, memory: emptyMemory() };
  });
  /** Who has the lease of each partition. */
  const leases = new Map<number, Replica>();
  const polls = new Map<number, number>();
  const epochOf = ({ memory }: Replica, uid: string): number | undefined => {
    return memory.owned.get(partitionOfRun(uid));
  };
  const partitionOfRun = (uid: string): number => partitionOf(uid, scenario.partitions);

  // --- ownership

  let epochs = 0;

  const claim = (partition: number, replica: Replica): void => {
    leases.set(partition, replica);
    epochs += 1;
    const epoch = epochs;
    world.trace(() => `${replica.name} takes partition ${partition} (${epoch})`);
    const { memory } = replica;
    memory.leaving.delete(partition);
    agenda.after(world.latencyMs(LATENCY_MS), () => {
      if (memory !== replica.memory || leases.get(partition) !== replica) return;
      memory.owned.set(partition, epoch);
      takeOver(replica, partition);
      wake(partition);
    });
  };

  /** Somebody who is up takes the partition, if nobody has it. */
  const reassign = (partition: number, except?: Replica): void => {
    const free = replicas.filter((replica) => {
      // Who has not noticed yet that the partition was lost cannot ask for it.
      const { owned, leaving } = replica.memory;
      const isFree = !owned.has(partition) && !leaving.has(partition);
      return replica.isUp && replica !== except && isFree;
    });
    if (free.length === 0) {
      agenda.after(LEASE_TTL_MS, () => reassign(partition, except));
      return;
    }
    claim(partition, free[world.chooseBelow(free.length)] as Replica);
  };

  const crash = (replica: Replica, downMs: number): void => {
    world.trace(() => `${replica.name} dies for ${downMs} ms`);
    replica.isUp = false;
    replica.memory = emptyMemory();
    agenda.after(downMs, () => {
      replica.isUp = true;
    });
    for (const [partition, owner] of leases) {
      if (owner !== replica) continue;
      leases.delete(partition);
      agenda.after(LEASE_TTL_MS, () => {
        if (!leases.has(partition)) reassign(partition);
      });
    }
  };

  const loseLease = (replica: Replica, partition: number, noticeMs: number): void => {
    if (leases.get(partition) !== replica || replicas.length < 2) return;
    world.trace(() => `${replica.name} loses partition ${partition}, notices after ${noticeMs} ms`);
    leases.delete(partition);
    reassign(partition, replica);
    const { memory } = replica;
    agenda.after(noticeMs, () => {
      if (memory !== replica.memory || leases.get(partition) === replica) return;
      memory.leaving.add(partition);
      memory.owned.delete(partition);
      leaveIfIdle(replica, partition);
    });
  };

  /** Somebody else writes these runs from here on: what is in memory would grow stale. */
  const leaveIfIdle = ({ memory }: Replica, partition: number): void => {
    if (!memory.leaving.has(partition) || (memory.batches.get(partition) ?? 0) > 0) return;
    memory.leaving.delete(partition);
    for (const uid of memory.cache.keys()) {
      if (partitionOfRun(uid) === partition) memory.cache.delete(uid);
    }
    for (const uid of memory.timers.keys()) {
      if (partitionOfRun(uid) === partition) memory.timers.delete(uid);
    }
    for (const taskId of memory.cancelling) {
      if (partitionOfRun(uidOf(taskId)) === partition) memory.cancelling.delete(taskId);
    }
  };

  const takeOver = (replica: Replica, partition: number): void => {
    for (const [uid, { finishedAt, isCancelling }] of bus.index) {
      if (finishedAt !== undefined && !isCancelling) continue;
      if (partitionOfRun(uid) !== partition) continue;
      enqueue(replica, uid, guarded(replica, uid, resumeRun(replica, uid)));
    }
  };

  // --- jobs

  const enqueue = (replica: Replica, uid: string, work: Work, onEnd = nothing): void => {
    const { queues } = replica.memory;
    const queue = queues.get(uid);
    const job: Job = { uid, work, onEnd };
    if (queue !== undefined) {
      queue.push(job);
      return;
    }
    queues.set(uid, [job]);
    advanceJob(replica, replica.memory, job);
  };

  const advanceJob = (replica: Replica, memory: Memory, job: Job): void => {
    if (memory !== replica.memory) return;
    const died = faults.at('Crash');
    if (died !== undefined) {
      crash(replica, died.downMs);
      return;
    }
    const lost = faults.at('LoseLease');
    if (lost !== undefined) {
      loseLease(replica, partitionOfRun(job.uid), lost.noticeMs);
      // Most often it is lost by a process that stands still for a while.
      agenda.after(lost.pauseMs, () => continueJob(replica, memory, job));
      return;
    }
    continueJob(replica, memory, job);
  };

  const continueJob = (replica: Replica, memory: Memory, job: Job): void => {
    if (memory !== replica.memory) return;
    if (job.work.next().done !== true) {
      agenda.after(world.latencyMs(LATENCY_MS), () => advanceJob(replica, memory, job));
      return;
    }
    job.onEnd();
    const queue = memory.queues.get(job.uid);
    queue?.shift();
    const next = queue?.[0];
    if (next === undefined) memory.queues.delete(job.uid);
    else advanceJob(replica, memory, next);
  };

  /** A run that could not be moved on is loaded again in a while. */
  const guarded = function* (replica: Replica, uid: string, work: Work): Work {
    try {
      yield* work;
    } catch (thrown) {
      world.expectLost(thrown);
      world.trace(() => `${replica.name} gives ${uid} up: ${String(thrown)}`);
      replica.memory.cache.delete(uid);
      if (thrown instanceof NotOwnerError) return;
      setTimer(replica, uid, agenda.now + RELOAD_DELAY_MS);
    }
  };

  // --- commands

  const wake = (partition: number): void => {
    const next = bus.nextCommandAt(partition);
    if (next === undefined) return;
    const planned = polls.get(partition);
    const at = Math.max(next, agenda.now);
    if (planned !== undefined && planned <= at) return;
    polls.set(partition, at);
    agenda.after(at - agenda.now, () => {
      polls.delete(partition);
      // Several may believe that the partition is theirs; who has enough to do asks again when it is done.
      const owners = replicas.filter(({ memory }) => {
        const busy = memory.batches.get(partition) ?? 0;
        return memory.owned.has(partition) && busy < BATCHES_AT_ONCE_MAX;
      });
      const owner = owners[world.chooseBelow(owners.length)];
      if (owner === undefined) return;
      poll(owner, partition);
      wake(partition);
    });
  };

  const poll = (replica: Replica, partition: number): void => {
    const { batches } = replica.memory;
    const commands = bus.fetchCommands(partition, BATCH_COMMANDS_MAX);
    if (commands.length === 0) return;
    const byRun = new Map<string, StoredCommand[]>();
    for (const command of commands) {
      const known = byRun.get(command.uid);
      if (known === undefined) byRun.set(command.uid, [command]);
      else known.push(command);
    }
    batches.set(partition, (batches.get(partition) ?? 0) + 1);
    let open = byRun.size;
    for (const [uid, orders] of byRun) {
      enqueue(replica, uid, carryOut(replica, uid, orders), () => {
        open -= 1;
        if (open > 0) return;
        batches.set(partition, (batches.get(partition) ?? 1) - 1);
        leaveIfIdle(replica, partition);
        wake(partition);
      });
    }
  };

  const carryOut = function* (
    replica: Replica,
    uid: string,
    commands: readonly StoredCommand[],
  ): Work {
    try {
      const run = yield* loadRun(replica, uid);
      const facts: Fact[] = [];
      for (const command of commands) {
        const input = inputOf(run, uid, command);
        if (input === undefined) continue;
        if (command.order.kind === 'Submit') yield* reserve(uid);
        const decided = step(run.state, input);
        if (!decided.ok) continue;
        run.state = decided.value.state;
        facts.push(...decided.value.facts);
      }
      if (facts.length === 0) yield* confirm(uid, run);
      yield* append(replica, uid, run, facts);
      for (const { order } of commands) settle(replica, order);
      yield* act(replica, uid, run);
      yield;
      for (const command of commands) {
        if (faults.at('LoseCommandAck') === undefined) command.isAcked = true;
      }
    } catch (thrown) {
      world.expectLost(thrown);
      world.trace(() => `${replica.name} gives ${uid} up: ${String(thrown)}`);
      replica.memory.cache.delete(uid);
      for (const command of commands) {
        const doubled = COMMAND_RETRY_MS_MIN * 2 ** Math.min(command.deliveries - 1, 16);
        command.visibleAt = agenda.now + Math.min(doubled, COMMAND_RETRY_MS_MAX);
      }
    }
  };

  const inputOf = (run: LoadedRun, uid: string, { order }: StoredCommand): Input | undefined => {
    const at = agenda.now;
    switch (order.kind) {
      case 'Submit':
        if (run.isBegun) return undefined;
        run.isBegun = true;
        return { kind: 'Submit', at, run: order.run };
      case 'Report':
        return run.isBegun ? { kind: 'ReportTask', at, report: order.report } : undefined;
      case 'Control':
        return run.isBegun ? { kind: 'Control', at, command: order.command } : undefined;
      case 'Locks': {
        const { holder, outcome } = order;
        return run.isBegun ? { kind: 'LocksReported', at, holder, outcome } : undefined;
      }
    }
  };

  const reserve = function* (uid: string): Work {
    yield;
    if (!bus.index.has(uid)) bus.index.set(uid, { ...UNBEGUN, uid });
  };

  const settle = ({ memory }: Replica, order: StoredCommand['order']): void => {
    if (order.kind === 'Report' && order.report.kind === 'Finished') {
      memory.cancelling.delete(order.report.taskId);
    }
  };

  // --- runs

  const loadRun = function* (replica: Replica, uid: string): Generator<undefined, LoadedRun> {
    const known = replica.memory.cache.get(uid);
    if (known !== undefined && known.epoch === epochOf(replica, uid)) return known;
    yield;
    const epoch = epochOf(replica, uid);
    const { facts, sequence, epoch: lastEpoch } = bus.readFacts(uid);
    if (epoch === undefined || lastEpoch > epoch) throw new NotOwnerError(uid);
    let state = workflowMachine.initial();
    for (const fact of facts) state = workflowMachine.evolve(state, fact);
    const run: LoadedRun = { state, sequence, isBegun: sequence > 0, epoch };
    if (sequence === 0) return run;
    const effects = [...workflowMachine.owed(state)];
    // What became owed while folding is part of all that is owed, and is not to be done twice.
    takeOwed(state);
    // From here on whoever owned the run before can append nothing that we would not know of.
    if (lastEpoch < epoch) yield* store(replica, uid, run, []);
    replica.memory.cache.set(uid, run);
    // Tasks of a finished run may still have to be ended.
    yield* perform(replica, uid, effects, true);
    return run;
  };

  const resumeRun = function* (replica: Replica, uid: string): Work {
    const run = yield* loadRun(replica, uid);
    if (run.sequence > 0) yield* advance(replica, uid, run, { kind: 'Advance', at: agenda.now });
  };

  const tickRun = function* (replica: Replica, uid: string): Work {
    const run = yield* loadRun(replica, uid);
    if (run.sequence > 0) yield* advance(replica, uid, run, { kind: 'Tick', at: agenda.now });
  };

  const reportNeverRan = function* (replica: Replica, uid: string, taskId: string): Work {
    const run = yield* loadRun(replica, uid);
    replica.memory.cancelling.delete(taskId);
    if (run.sequence > 0) {
      const message = 'ended before it started';
      const report = { taskId, kind: 'Finished', phase: 'Failed', message } as const;
      yield* advance(replica, uid, run, { kind: 'ReportTask', at: agenda.now, report });
    }
  };

  const advance = function* (replica: Replica, uid: string, run: LoadedRun, input: Input): Work {
    const decided = step(run.state, input);
    if (!decided.ok) return;
    run.state = decided.value.state;
    yield* append(replica, uid, run, decided.value.facts);
    yield* act(replica, uid, run);
  };

  const append = function* (
    replica: Replica,
    uid: string,
    run: LoadedRun,
    facts: readonly Fact[],
  ): Work {
    if (facts.length > 0) yield* store(replica, uid, run, facts);
    if (run.sequence > 0) replica.memory.cache.set(uid, run);
  };

  /** That nothing is to be done may only be said by who knows all: appending would have shown it. */
  const confirm = function* (uid: string, run: LoadedRun): Work {
    yield;
    const { sequence } = bus.readFacts(uid);
    if (sequence !== run.sequence) throw new ConflictError(`${uid} is at ${sequence}`);
  };

  const store = function* (
    replica: Replica,
    uid: string,
    run: LoadedRun,
    facts: readonly Fact[],
  ): Work {
    yield;
    const { memory } = replica;
    const epoch = epochOf(replica, uid);
    if (epoch !== run.epoch) throw new NotOwnerError(uid);
    if (faults.at('FailAppend') !== undefined) world.fail('the append did not arrive');
    memory.appends += 1;
    const messageId = `${replica.name}-${agenda.now}-${memory.appends}`;
    run.sequence = bus.append(uid, { expected: run.sequence, messageId, epoch, facts });
    world.trace(() => `${replica.name} appends to ${uid}: ${facts.map(shown).join(', ')}`);
    yield;
    if (faults.at('LoseAppendAnswer') !== undefined) world.fail('the answer was lost');
  };

  const act = function* (replica: Replica, uid: string, run: LoadedRun): Work {
    if (run.sequence === 0) return;
    yield* perform(replica, uid, takeOwed(run.state), false);
    // A finished run whose tasks are not all ended yet is taken over as one that goes on.
    const isCancelling = [...replica.memory.cancelling].some((taskId) => uidOf(taskId) === uid);
    const summary = { ...engine.summarize(run.state), sequence: run.sequence, isCancelling };
    yield;
    // What somebody else wrote meanwhile may be newer.
    if ((bus.index.get(uid)?.sequence ?? 0) <= summary.sequence) bus.index.set(uid, summary);
    if (isFinished(run.state)) replica.memory.timers.delete(uid);
    world.onActed(uid, run);
  };

  const perform = function* (
    replica: Replica,
    uid: string,
    effects: readonly Effect[],
    isRepeated: boolean,
  ): Work {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'RunTask':
          yield;
          world.trace(() => `${replica.name} sends ${effect.task.taskId}`);
          bus.publishTask(effect.task, isRepeated);
          break;
        case 'CancelTask':
          cancel(replica, uid, effect.taskId);
          break;
        case 'WakeAt':
          setTimer(replica, uid, effect.at);
          break;
        case 'AcquireLocks':
          yield;
          askForLocks({ kind: 'Acquire', request: effect.request });
          break;
        case 'ReleaseLocks':
          yield;
          askForLocks({ kind: 'Release', holder: effect.holder });
          break;
        default:
          throw new Error(`workflows of the simulation owe no ${effect.kind}`);
      }
    }
  };

  const askForLocks = (command: LockCommand): void => {
    if (faults.at('LoseLockCommand') !== undefined) world.fail('the command did not arrive');
    world.lockBus.publish(command);
  };

  // --- timers and cancellations

  const setTimer = (replica: Replica, uid: string, at: number): void => {
    const { memory } = replica;
    memory.timers.set(uid, at);
    const fire = (isLast: boolean): void => {
      if (memory !== replica.memory || memory.timers.get(uid) !== at) return;
      if (isLast) memory.timers.delete(uid);
      enqueue(replica, uid, guarded(replica, uid, tickRun(replica, uid)));
    };
    const delayMs = Math.max(0, at - agenda.now) + (faults.at('TimerLate')?.byMs ?? 0);
    const twice = faults.at('TimerTwice');
    agenda.after(delayMs, () => fire(twice === undefined));
    if (twice !== undefined) agenda.after(delayMs + twice.byMs, () => fire(true));
  };

  const cancel = (replica: Replica, uid: string, taskId: string): void => {
    const { memory } = replica;
    if (memory.cancelling.has(taskId)) return;
    memory.cancelling.add(taskId);
    const attempt = (): void => {
      if (memory !== replica.memory || !memory.cancelling.has(taskId)) return;
      if (!world.executors().cancel(taskId)) {
        bus.removeTask(taskId);
        enqueue(replica, uid, guarded(replica, uid, reportNeverRan(replica, uid, taskId)));
      }
      agenda.after(CANCEL_REPEAT_MS, attempt);
    };
    agenda.after(world.latencyMs(LATENCY_MS), attempt);
  };

  return {
    replicas,
    wake,
    start() {
      for (let partition = 0; partition < scenario.partitions; partition += 1) {
        claim(partition, replicas[partition % replicas.length] as Replica);
      }
    },
  };
}

/** What the index says of a run before it begins. */
const UNBEGUN = { phase: '', progress: '0/0', sequence: 0, isCancelling: false } as const;

function nothing(): void {}

function shown(fact: Fact): string {
  return 'node' in fact ? `${fact.kind} ${fact.node}` : fact.kind;
}

function uidOf(taskId: string): string {
  return taskId.split('_')[0] ?? '';
}

function emptyMemory(): Memory {
  return {
    owned: new Map(),
    leaving: new Set(),
    cache: new Map(),
    queues: new Map(),
    timers: new Map(),
    cancelling: new Set(),
    batches: new Map(),
    appends: 0,
  };
}
