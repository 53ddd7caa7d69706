import type { Refusal } from '@argosy/base';
import type { Effect, Task } from '../effect.ts';
import type { Fact } from '../facts.ts';
import type { Input, RunHeader, TaskReport } from '../input.ts';
import { step, workflowMachine } from '../machine.ts';
import { takeOwed } from '../owed/owed.ts';
import { initialState, type RunState } from '../state.ts';

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
}

export interface Simulation {
  readonly state: RunState;
  readonly facts: readonly Fact[];
  /** Tasks in the order in which they were handed out. */
  readonly tasks: readonly Task[];
  readonly cancelled: readonly string[];
  /** Most tasks that ran at the same time. */
  readonly maxParallel: number;
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
  const world = createWorld(outcomes, options);
  const start = header.createdAtMs;
  offer(world, { kind: 'Submit', at: start, run: header });
  for (const input of options.inputs ?? []) schedule(world, input);
  const until = start + (options.untilMs ?? DURATION_MS_DEFAULT);
  for (let count = 0; count < INPUTS_MAX; count += 1) {
    const next = world.agenda.shift();
    if (next === undefined || next.at > until) break;
    if (world.state.finishedAt > 0 && ![next, ...world.agenda].some(isRetry)) break;
    if (options.crashes === true) recover(world, next.at);
    offer(world, next);
  }
  const { state, facts, tasks, cancelled, maxParallel } = world;
  return { state, facts, tasks, cancelled, maxParallel };
}

/** The one thing that may happen to a run after its end. */
function isRetry(input: Input): boolean {
  return input.kind === 'Control' && input.command.kind === 'Retry';
}

/** What a new owner does: fold the facts, then do everything that is owed, as if never done. */
function recover(world: World, at: number): void {
  let state = initialState();
  for (const fact of world.facts) state = workflowMachine.evolve(state, fact);
  world.state = state;
  const owed = [...workflowMachine.owed(state)];
  takeOwed(state);
  for (const effect of owed) {
    // The input at hand comes at once anyway; a Tick for each crash would never end.
    if (effect.kind === 'WakeAt' && effect.at <= at) continue;
    const isKnown =
      effect.kind === 'RunTask' && world.tasks.some(({ taskId }) => taskId === effect.task.taskId);
    // A task that was handed out is known by its id and not run again.
    if (!isKnown && effect.kind !== 'CancelTask') perform(world, effect, at);
  }
}

interface World {
  readonly outcomes: (task: Task) => TaskOutcome;
  readonly react: NonNullable<SimulationOptions['react']>;
  readonly onRefused: NonNullable<SimulationOptions['onRefused']>;
  state: RunState;
  readonly facts: Fact[];
  readonly tasks: Task[];
  readonly cancelled: string[];
  readonly running: Set<string>;
  maxParallel: number;
  /** Inputs to come, earliest first. */
  readonly agenda: Input[];
}

function createWorld(outcomes: (task: Task) => TaskOutcome, options: SimulationOptions): World {
  return {
    outcomes,
    react: options.react ?? (() => []),
    onRefused: options.onRefused ?? refuse,
    state: initialState(),
    facts: [],
    tasks: [],
    cancelled: [],
    running: new Set(),
    maxParallel: 0,
    agenda: [],
  };
}

/** @throws Error as a rule: a simulation gives only what fits. */
function refuse(input: Input, refusal: Refusal): never {
  throw new Error(`${input.kind} was refused: ${refusal.message}`);
}

function offer(world: World, input: Input): void {
  const stepped = step(world.state, input);
  if (!stepped.ok) {
    world.onRefused(input, stepped.error);
    return;
  }
  if (input.kind === 'ReportTask' && input.report.kind === 'Finished') {
    world.running.delete(input.report.taskId);
  }
  world.state = stepped.value.state;
  for (const fact of stepped.value.facts) {
    world.facts.push(fact);
    for (const answer of world.react(fact, world.state)) schedule(world, answer);
  }
  for (const effect of takeOwed(world.state)) perform(world, effect, input.at);
}

function perform(world: World, effect: Effect, at: number): void {
  switch (effect.kind) {
    case 'WakeAt':
      schedule(world, { kind: 'Tick', at: Math.max(effect.at, at) });
      return;
    case 'CancelTask':
      world.cancelled.push(effect.taskId);
      world.running.delete(effect.taskId);
      return;
    case 'RunTask':
      runTask(world, effect.task, at);
  }
}

function runTask(world: World, task: Task, at: number): void {
  world.tasks.push(task);
  const { durationMs = 0, stays, ...outcome } = world.outcomes(task);
  const { taskId } = task;
  if (stays === 'Pending') return;
  world.running.add(taskId);
  world.maxParallel = Math.max(world.maxParallel, world.running.size);
  const started = { taskId, kind: 'Started', podIP: outcome.podIP ?? '' } as const;
  schedule(world, { kind: 'ReportTask', at, report: started });
  if (stays === 'Running') return;
  const report: TaskReport = { ...outcome, taskId, kind: 'Finished' };
  schedule(world, { kind: 'ReportTask', at: at + durationMs, report });
}

/** Keeps the agenda sorted; inputs of the same instant stay in the order they came. */
function schedule(world: World, input: Input): void {
  let low = 0;
  let high = world.agenda.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((world.agenda[middle]?.at ?? 0) <= input.at) low = middle + 1;
    else high = middle;
  }
  world.agenda.splice(low, 0, input);
}
