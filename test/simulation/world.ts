import type { Fact, RunHeader, Task } from '@argosy/core-workflow';
import { headerOf } from '@argosy/core-workflow/testing';
import { createAgenda, type Agenda } from './agenda.ts';
import {
  ConflictError,
  createSimulatedBus,
  NotOwnerError,
  UnheardError,
  type Order,
  type SimulatedBus,
} from './bus.ts';
import { compareWithLog, foldOf } from './checks.ts';
import type { Engine } from './engine.ts';
import { createExecutors, type Executors } from './executors.ts';
import { createFaults, type Faults } from './faults.ts';
import { createObserver, type Observer } from './observer.ts';
import { createLockBus, type LockBus } from './lock-bus.ts';
import { createLockKeepers, type KeeperMemory } from './lock-keeper.ts';
import { createLockWatch } from './lock-watch.ts';
import { createRandom } from './random.ts';
import type { Scenario, Violation } from './scenario.ts';
import { createSchedulers, type LoadedRun } from './scheduler.ts';

/** What the parts of a simulation share. */
export interface World {
  readonly scenario: Scenario;
  readonly engine: Engine;
  readonly agenda: Agenda;
  readonly bus: SimulatedBus;
  readonly lockBus: LockBus;
  readonly faults: Faults;
  /** A time about as long as the given one; the same for all in a world without chance. */
  latencyMs(aboutMs: number): number;
  chooseBelow(limit: number): number;
  executors(): Executors;
  /** Ends what goes on with an error that is to be expected. */
  fail(message: string): never;
  /** Throws again what is a bug. */
  expectLost(thrown: unknown): void;
  /** Tells what happens, for whoever looks into one simulation. */
  trace(text: () => string): void;
  onTaskBegun(task: Task): void;
  onActed(uid: string, run: LoadedRun): void;
  /** Somebody has done what an input to the locks led to. */
  onLocksKept(memory: KeeperMemory): void;
}

/** How a simulation went. */
export interface Played {
  readonly violations: readonly Violation[];
  /** Facts of each run, in the order of the workflows. */
  readonly facts: readonly (readonly Fact[])[];
  readonly events: number;
  readonly nodes: number;
  readonly endedAtMs: number;
}

/** 2023-11-14; the same as the headers of the core's own tests. */
const START_MS = 1_700_000_000_000;
/** Things that may happen in one simulation; more is no progress any more. */
const EVENTS_MAX = 200_000;
/** How often somebody resumes what is suspended, in virtual milliseconds. */
const RESUME_INTERVAL_MS = 120_000;
const RESUMES_MAX = 60;
/** Commands come in this time, however late they are; milliseconds. */
const SPAN_MS = 40 * 60_000;
/** Every so many times that an owner has acted, the whole state is compared with the log. */
const COMPARE_EVERY = 16;

/** Plays a scenario to its end, or to the first broken rule. */
export function playScenario(
  scenario: Scenario,
  engine: Engine,
  onTrace?: (line: string) => void,
): Played {
  const violations: Violation[] = [];
  const random = createRandom(scenario.seed, 'world');
  const agenda = createAgenda(START_MS);
  const faults = createFaults(scenario);
  const headers = scenario.workflows.map((workflow, index) => headerFor(workflow, index));
  const observers = new Map<string, Observer>();
  const logs = new Map<string, Fact[]>();
  for (const { uid, manifest } of headers) {
    observers.set(uid, createObserver(manifest));
    logs.set(uid, []);
  }
  const violate = (rule: string, detail: string): void => void violations.push({ rule, detail });
  const { locks } = scenario;
  const lockWatch = locks === undefined ? undefined : createLockWatch(locks.limits);
  let acted = 0;
  let kept = 0;

  const onFacts = (uid: string, facts: readonly Fact[]): void => {
    logs.get(uid)?.push(...facts);
    for (const fact of facts) {
      for (const problem of observers.get(uid)?.observe(fact) ?? []) violate('facts', problem);
      for (const problem of lockWatch?.onRunFact(uid, fact) ?? []) violate('locks', problem);
    }
  };
  const isCalm = scenario.faults.length === 0;
  const bus = createSimulatedBus({
    agenda,
    faults,
    partitions: scenario.partitions,
    isEncoded: scenario.isEncoded,
    onFacts,
    onCommand: (partition) => schedulers.wake(partition),
    onTask: (task) => {
      // An owner of the past may send late what the bus knows already; what is stored counts.
      if (observers.get(task.uid)?.isFinished === true && !bus.isReported(task.taskId)) {
        violate('no task for a finished run', task.taskId);
      }
      executors.wake();
    },
  });
  const lockBus = createLockBus({
    agenda,
    faults,
    scenario,
    onFacts(facts) {
      for (const fact of facts) {
        for (const problem of lockWatch?.onLockFact(fact) ?? []) violate('locks', problem);
      }
    },
    onCommand: () => keepers.wake(),
  });
  const world: World = {
    scenario,
    engine,
    agenda,
    bus,
    lockBus,
    faults,
    latencyMs: (aboutMs) =>
      isCalm ? aboutMs : Math.ceil(aboutMs * (0.5 + 8 * random.next() ** 4)),
    chooseBelow: (limit) => (isCalm ? 0 : random.below(limit)),
    executors: () => executors,
    fail(message) {
      throw new UnheardError(message);
    },
    expectLost(thrown) {
      const isExpected =
        thrown instanceof ConflictError ||
        thrown instanceof UnheardError ||
        thrown instanceof NotOwnerError;
      if (!isExpected) throw thrown;
    },
    trace(text) {
      onTrace?.(`${String(agenda.now - START_MS).padStart(8)} ms  ${text()}`);
    },
    onTaskBegun(task) {
      if (bus.isReported(task.taskId)) violate('nothing runs again that has reported', task.taskId);
    },
    onActed(uid, run) {
      acted += 1;
      if (acted % COMPARE_EVERY === 0 && violations.length === 0) {
        for (const problem of compareWithLog(engine, bus.readFacts(uid), run)) {
          violate('state and log agree', problem);
        }
      }
    },
    onLocksKept(memory) {
      kept += 1;
      if (kept % COMPARE_EVERY === 0) compareLocks(memory);
    },
  };
  const executors: Executors = createExecutors(world, scenario.executors);
  const schedulers = createSchedulers(world, scenario.replicas);
  const keepers = createLockKeepers(world, scenario.replicas);
  schedulers.start();
  if (locks !== undefined) keepers.start();
  for (const { atMs, key, limit } of locks?.changes ?? []) {
    agenda.after(atMs, () => {
      world.trace(() => `the limit of ${key} is ${limit}`);
      lockBus.setLimit(key, limit);
      lockWatch?.onLimit(key, limit);
      keepers.onLimit(key);
    });
  }
  plan(world, headers, observers);

  let events = 0;
  while (violations.length === 0 && events < EVENTS_MAX && nextOf(agenda, violate)) events += 1;
  if (violations.length === 0) checkEnd();
  agenda.clear();
  return {
    violations,
    facts: headers.map(({ uid }) => logs.get(uid) ?? []),
    events,
    nodes: [...observers.values()].reduce((sum, observer) => sum + observer.nodeCount(), 0),
    endedAtMs: agenda.now - START_MS,
  };

  function checkEnd(): void {
    if (events >= EVENTS_MAX) violate('every run ends', `more than ${EVENTS_MAX} events`);
    for (const [uid, observer] of observers) {
      if (!observer.isFinished) violate('every run ends', `${uid} is stuck`);
    }
    if (violations.length > 0) return;
    checkIndex();
    for (const { taskId, uid } of executors.running()) {
      if (observers.get(uid)?.isFinished === true) violate('no task outlives its run', taskId);
    }
    checkMemories();
    for (const holder of lockWatch?.open() ?? []) violate('no lock outlives its holder', holder);
    for (const memory of keepers.memories()) compareLocks(memory);
  }

  function checkIndex(): void {
    for (const { uid, phase, finishedAt } of bus.index.values()) {
      const summary = engine.summarize(foldOf(engine, bus.readFacts(uid).facts));
      if (phase !== summary.phase || finishedAt !== summary.finishedAt) {
        violate('the index says how runs ended', `${uid}: ${phase}, not ${summary.phase}`);
      }
    }
  }

  function compareLocks({ state, sequence }: KeeperMemory): void {
    const log = lockBus.read();
    if (log.sequence !== sequence) return;
    const folded = engine.lockMachine.initial();
    for (const fact of log.facts) engine.lockMachine.evolve(folded, fact);
    const [live, again] = [state, folded].map((each) => {
      return JSON.stringify(engine.lockSnapshot(each, 0));
    });
    if (live !== again) violate('state and log agree', `locks: ${live} is not ${again}`);
  }

  /** What the owners have in memory is what their logs lead to. */
  function checkMemories(): void {
    for (const { memory } of schedulers.replicas) {
      for (const [uid, run] of memory.cache) {
        const log = bus.readFacts(uid);
        if (run.sequence !== log.sequence) continue;
        for (const problem of compareWithLog(engine, log, run)) {
          violate('state and log agree', problem);
        }
      }
    }
  }
}

function nextOf(agenda: Agenda, violate: (rule: string, detail: string) => void): boolean {
  try {
    return agenda.next();
  } catch (thrown) {
    const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    violate('nothing throws', detail);
    return false;
  }
}

/** Submits the workflows, sends the commands, and resumes what is suspended until all have ended. */
function plan(
  { scenario, agenda, bus }: World,
  headers: readonly RunHeader[],
  observers: ReadonlyMap<string, Observer>,
): void {
  const send = (uid: string, id: string, order: Order): void => {
    bus.publishCommand(uid, `${uid}-${id}`, order);
  };
  for (const [index, header] of headers.entries()) {
    agenda.after(index * SUBMIT_INTERVAL_MS, () => {
      send(header.uid, 'submit', { kind: 'Submit', run: header });
    });
  }
  for (const [index, { atMs, workflow, command }] of scenario.commands.entries()) {
    const uid = headers[workflow]?.uid;
    if (uid === undefined) continue;
    agenda.after(atMs, () => send(uid, `control-${index}`, { kind: 'Control', command }));
  }
  /** A run that has ended may be run again by a command that is still on its way. */
  const isRetried = scenario.commands.some(({ command }) => command.kind === 'Retry');
  const mayBegin = (count: number): boolean => isRetried && count * RESUME_INTERVAL_MS < SPAN_MS;
  const resume = (count: number): void => {
    const open = headers.filter(({ uid }) => observers.get(uid)?.isFinished !== true);
    if ((open.length === 0 && !mayBegin(count)) || count >= RESUMES_MAX) return;
    for (const { uid } of open) {
      send(uid, `resume-${count}`, { kind: 'Control', command: { kind: 'Resume' } });
    }
    agenda.after(RESUME_INTERVAL_MS, () => resume(count + 1));
  };
  agenda.after(RESUME_INTERVAL_MS, () => resume(0));
}

const SUBMIT_INTERVAL_MS = 40;

function headerFor(workflow: Scenario['workflows'][number], index: number): RunHeader {
  const uid = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
  return headerOf(workflow, { uid, createdAtMs: START_MS });
}
