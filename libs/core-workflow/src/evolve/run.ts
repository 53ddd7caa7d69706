import type { Fact } from '../facts.ts';
import { buildPlanTable } from '../plan/table.ts';
import { reusedPods } from '../resubmission.ts';
import { addNamed, initialGlobals } from '../scope/globals.ts';
import { contextOf, nodeAt, type RunState } from '../state.ts';
import { addTimer } from '../timers.ts';
import { releaseLocks } from './gate.ts';
import { tellRun } from './metrics.ts';
import { wakeContainers } from './mark.ts';
import { endDaemon } from './node-changed.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

const SECOND_MS = 1_000;

export function evolveRunSubmitted(state: RunState, fact: FactOf<'RunSubmitted'>): void {
  const { run } = fact;
  state.context = {
    run,
    table: buildPlanTable(run),
    globals: initialGlobals(run),
    reused: reusedPods(run),
    globalsVersion: 0,
  };
  state.suspended = run.spec.suspend === true;
  state.shutdown = run.spec.shutdown ?? '';
  state.phase = 'Pending';
  // A run with locks asks for them now; any other is started by the next fact.
  state.runDirty = true;
}

export function evolveRunStarted(state: RunState, fact: FactOf<'RunStarted'>): void {
  state.phase = 'Running';
  state.startedAt = fact.at;
  if (state.nodes.length === 0) state.runDirty = true;
  else wakeContainers(state);
  tellRun(state, fact.at, false);
  const seconds = contextOf(state).run.spec.activeDeadlineSeconds;
  if (seconds !== undefined) {
    addTimer(state.timers, { at: fact.at + seconds * SECOND_MS, node: -1 });
  }
}

export function evolveRunFinished(state: RunState, fact: FactOf<'RunFinished'>): void {
  state.phase = fact.phase;
  state.message = fact.message;
  state.finishedAt = fact.at;
  state.runDirty = false;
  state.waiters = [];
  // What still runs now are daemons that nothing encloses.
  for (const index of [...state.active]) endDaemon(state, nodeAt(state, index), fact.at);
  tellRun(state, fact.at, true);
  for (const node of [...state.holds.keys()]) releaseLocks(state, node);
  state.gates.clear();
  state.pendingUntil.clear();
  state.timers.entries.length = 0;
}

export function evolveRunSuspended(state: RunState, fact: FactOf<'RunSuspended'>): void {
  state.suspended = fact.suspended;
  // Who was woken meanwhile may not need its place, and whoever waits behind it would not be asked.
  if (!fact.suspended) wakeContainers(state);
}

export function evolveRunShutdown(state: RunState, fact: FactOf<'RunShutdown'>): void {
  state.shutdown = fact.strategy;
  state.shutdownMessage = fact.message;
  // A stopped run is not held back any more: its ends have to be reached.
  state.suspended = false;
  wakeContainers(state);
}

export function evolveRunDeadlineReached(state: RunState): void {
  state.deadlineReached = true;
  wakeContainers(state);
}

export function evolveRunLabelled(state: RunState, fact: FactOf<'RunLabelled'>): void {
  state.labels = { ...state.labels, ...fact.labels };
  const context = contextOf(state);
  addNamed(context.globals, 'workflow.labels', { ...context.run.labels, ...state.labels });
  context.globalsVersion += 1;
  state.runDirty = true;
}
