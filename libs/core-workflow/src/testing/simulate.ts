import type { Refusal } from '@argosy/base';
import type { Effect, Task } from '../effect.ts';
import type { Fact } from '../facts.ts';
import type { Input, RunHeader, TaskReport } from '../input.ts';
import { step, workflowMachine } from '../machine.ts';
import { takeOwed } from '../owed/owed.ts';
import type { MetricSample } from '../metric.ts';
import { initialState, type RunState } from '../state.ts';
import {
  createInstallation,
  performShared,
  type Installation,
  type Message,
} from './installation.ts';

/** How a task ends; absent fields are filled in: succeeded at once. */
export type TaskOutcome = Omit<TaskReport, 'taskId' | 'kind'> & {
  /** How long the task takes in virtual time; default 0. */
  readonly durationMs?: number;
  /** Never started, or started and never ended. */
  readonly stays?: 'Pending' | 'Running';
};

export interface SimulationOptions {
  /** Inputs given at the start of the virtual time they carry. */
  readonly inputs?: readonly Input[];
  /** Virtual milliseconds after which the simulation stops; default 30 days. */
  readonly untilMs?: number;
  /** The owner is lost before every input: the state is folded anew from the facts. */
  readonly crashes?: boolean;
  /** Answers facts, each once and in order, with inputs to come: what people would do. */
  readonly react?: (fact: Fact, state: RunState) => readonly Input[];
  /** Is told of an input that the machine refuses; without it a refusal is thrown as an error. */
  readonly onRefused?: (input: Input, refusal: Refusal) => void;
  /** Locks and caches, to look at afterwards or to share with later runs; by default there are none yet. */
  readonly installation?: Installation;
}

export interface Simulation {
  readonly state: RunState;
  readonly facts: readonly Fact[];
  /** Tasks in the order in which they were handed out. */
  readonly tasks: readonly Task[];
  readonly cancelled: readonly string[];
  /** Most tasks that ran at the same time. */
  readonly maxParallel: number;
  /** All that was told of metrics, in order. */
  readonly metrics: readonly MetricSample[];
}

/** One of several runs that share an installation and its time. */
export interface SimulatedRun {
  readonly header: RunHeader;
  readonly outcomes: (task: Task) => TaskOutcome;
  readonly inputs?: readonly Input[];
}

const DURATION_MS_DEFAULT = 30 * 24 * 3_600_000;

/** Inputs after which a simulation is given up. */
const INPUTS_MAX = 1_000_000;

/** Drives a run to its end in virtual time; `outcomes` says how each task ends. */
export function simulateRun(
  header: RunHeader,
  outcomes: (task: Task) => TaskOutcome,
  options: SimulationOptions = {},
): Simulation {
  const { inputs = [] } = options;
  const [simulation] = simulateRuns([{ header, outcomes, inputs }], options);
  if (simulation === undefined) throw new Error('the run is missing');
  return simulation;
}

/** Drives several runs, each submitted when it was created, until all are at their end or have nothing to do. */
export function simulateRuns(
  runs: readonly SimulatedRun[],
  options: Omit<SimulationOptions, 'inputs'> = {},
): readonly Simulation[] {
  const world: World = {
    options,
    installation: options.installation ?? createInstallation(),
    players: new Map(),
    agenda: [],
  };
  for (const run of runs) addRun(world, run);
  const start = Math.min(...runs.map(({ header }) => header.createdAtMs));
  const until = start + (options.untilMs ?? DURATION_MS_DEFAULT);
  for (let count = 0; count < INPUTS_MAX; count += 1) {
    const next = world.agenda.shift();
    if (next === undefined || next.input.at > until) break;
    const player = world.players.get(next.uid);
    if (player === undefined || isOver(world, player, next)) continue;
    if (options.crashes === true) recover(world, player, next.input);
    offer(world, player, next.input);
  }
  return [...world.players.values()].map(
    ({ state, facts, tasks, cancelled, maxParallel, metrics }) => {
      return { state, facts, tasks, cancelled, maxParallel, metrics };
    },
  );
}

function addRun(world: World, { header, outcomes, inputs = [] }: SimulatedRun): void {
  const { uid } = header;
  world.players.set(uid, createPlayer(uid, outcomes));
  schedule(world, { uid, input: { kind: 'Submit', at: header.createdAtMs, run: header } });
  for (const input of inputs) schedule(world, { uid, input });
}

/** Whether a run has come to its end and will not be retried. */
function isOver(world: World, { uid, state }: Player, next: Message): boolean {
  if (state.finishedAt === 0) return false;
  return ![next, ...world.agenda].some((message) => message.uid === uid && isRetry(message.input));
}

/** The one thing that may happen to a run after its end. */
function isRetry(input: Input): boolean {
  return input.kind === 'Control' && input.command.kind === 'Retry';
}

/** What a new owner does: fold the facts, then do everything that is owed, as if never done. */
function recover(world: World, player: Player, { kind, at }: Input): void {
  // An answer that is asked for again with each answer would never end.
  const isAnswer = kind === 'LocksReported' || kind === 'MemoReported';
  let state = initialState();
  for (const fact of player.facts) state = workflowMachine.evolve(state, fact);
  player.state = state;
  const owed = [...workflowMachine.owed(state)];
  takeOwed(state);
  for (const effect of owed) {
    // The input at hand comes at once anyway; a Tick for each crash would never end.
    if (effect.kind === 'WakeAt' && effect.at <= at) continue;
    if (isAnswer && (effect.kind === 'AcquireLocks' || effect.kind === 'LookUpMemo')) continue;
    const isKnown =
      effect.kind === 'RunTask' && player.tasks.some(({ taskId }) => taskId === effect.task.taskId);
    // A task that was handed out is known by its id and not run again.
    if (!isKnown && effect.kind !== 'CancelTask') perform(world, player, { effect, at });
  }
}

interface World {
  readonly options: Omit<SimulationOptions, 'inputs'>;
  readonly installation: Installation;
  /** By uid. */
  readonly players: Map<string, Player>;
  /** Inputs to come, earliest first. */
  readonly agenda: Message[];
}

interface Player {
  readonly uid: string;
  readonly outcomes: (task: Task) => TaskOutcome;
  state: RunState;
  readonly facts: Fact[];
  readonly tasks: Task[];
  readonly cancelled: string[];
  readonly metrics: MetricSample[];
  readonly running: Set<string>;
  maxParallel: number;
}

function createPlayer(uid: string, outcomes: (task: Task) => TaskOutcome): Player {
  return {
    uid,
    outcomes,
    state: initialState(),
    facts: [],
    tasks: [],
    cancelled: [],
    metrics: [],
    running: new Set(),
    maxParallel: 0,
  };
}

/** @throws Error as a rule: a simulation gives only what fits. */
function refuse(input: Input, refusal: Refusal): never {
  throw new Error(`${input.kind} was refused: ${refusal.message}`);
}

function offer(world: World, player: Player, input: Input): void {
  const stepped = step(player.state, input);
  if (!stepped.ok) {
    (world.options.onRefused ?? refuse)(input, stepped.error);
    return;
  }
  if (input.kind === 'ReportTask' && input.report.kind === 'Finished') {
    player.running.delete(input.report.taskId);
  }
  player.state = stepped.value.state;
  const { uid } = player;
  for (const fact of stepped.value.facts) {
    player.facts.push(fact);
    const answers = world.options.react?.(fact, player.state) ?? [];
    for (const answer of answers) schedule(world, { uid, input: answer });
  }
  for (const effect of takeOwed(player.state)) perform(world, player, { effect, at: input.at });
}

function perform(
  world: World,
  player: Player,
  { effect, at }: { readonly effect: Effect; readonly at: number },
): void {
  const { uid } = player;
  switch (effect.kind) {
    case 'WakeAt':
      schedule(world, { uid, input: { kind: 'Tick', at: Math.max(effect.at, at) } });
      return;
    case 'CancelTask':
      player.cancelled.push(effect.taskId);
      player.running.delete(effect.taskId);
      return;
    case 'RunTask':
      runTask(world, player, { task: effect.task, at });
      return;
    case 'EmitMetrics':
      player.metrics.push(...effect.samples);
      return;
    default:
      for (const message of performShared(world.installation, effect, { uid, at })) {
        schedule(world, message);
      }
  }
}

function runTask(
  world: World,
  player: Player,
  { task, at }: { readonly task: Task; readonly at: number },
): void {
  player.tasks.push(task);
  const { durationMs = 0, stays, ...outcome } = player.outcomes(task);
  const { taskId } = task;
  const { uid } = player;
  if (stays === 'Pending') return;
  player.running.add(taskId);
  player.maxParallel = Math.max(player.maxParallel, player.running.size);
  const started = { taskId, kind: 'Started', podIP: outcome.podIP ?? '' } as const;
  schedule(world, { uid, input: { kind: 'ReportTask', at, report: started } });
  if (stays === 'Running') return;
  const report: TaskReport = { ...outcome, taskId, kind: 'Finished' };
  schedule(world, { uid, input: { kind: 'ReportTask', at: at + durationMs, report } });
}

/** Keeps the agenda sorted; inputs of the same instant stay in the order they came. */
function schedule({ agenda }: World, message: Message): void {
  let low = 0;
  let high = agenda.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((agenda[middle]?.input.at ?? 0) <= message.input.at) low = middle + 1;
    else high = middle;
  }
  agenda.splice(low, 0, message);
}
