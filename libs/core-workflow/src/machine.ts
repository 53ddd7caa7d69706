import { assertNever, ok, type Machine, type Refusal, type Result } from '@argosy/base';
import { advance, mayAdvance } from './decide/advance.ts';
import { decideControl } from './decide/control.ts';
import type { Blocked } from './decide/draft.ts';
import { decideReport } from './decide/report-task.ts';
import { decideSubmit } from './decide/submit.ts';
import { decideTick } from './decide/tick.ts';
import type { Effect } from './effect.ts';
import { evolve } from './evolve/index.ts';
import { markDirty } from './evolve/mark.ts';
import type { Fact } from './facts.ts';
import type { Input } from './input.ts';
import { owedOf } from './owed/owed.ts';
import { contextOf, initialState, nodeAt, type RunState } from './state.ts';

/*
 * The run:
 *   ''        --(Submit: RunSubmitted, RunStarted)------------------> Running
 *   ''        --(Submit of a rejected run: …, RunFinished)----------> Failed | Error
 *   Running   --(Control Suspend | Resume: RunSuspended)------------> Running, nothing new is started
 *   Running   --(Control Stop | Terminate: RunShutdown)-------------> Running, leaves fail
 *   Running   --(Tick at the deadline: RunDeadlineReached)----------> Running, leaves fail
 *   Running   --(entrypoint and hooks settled: RunFinished)---------> Succeeded | Failed | Error
 *   finished  --(Control Retry: RunRetried)-------------------------> Running
 *
 * A node:
 *   (none)    --(NodeCreated)----> Pending (a leaf for an executor) | Running (container, suspension)
 *   (none)    --(NodeCreated)----> Skipped | Omitted | Error | Failed, never having run
 *   Pending   --(NodeStarted)----> Running; a daemon is settled with it
 *   Running   --(NodeWaiting)----> Running, a Retry node between attempts --(NodeWoken)--> Running
 *   unfinished --(NodeFinished)--> Succeeded | Failed | Error | Skipped | Omitted
 *   finished  --(NodeSettled, or with NodeFinished when it has no hooks)--> settled: its parent goes on
 *   any       --(RunRetried)-----> dropped, or Running again
 *
 * What goes on by itself is decided in passes: `evolve` marks the containers that a fact concerns,
 * the next pass looks at these and no others, and so on until nothing is marked.
 */

/** Passes one input may set off; a run that needs more asks for a Tick and goes on with that. */
const PASSES_MAX = 100_000;

/** The facts that an input leads to, before any of its consequences. */
export function decide(state: RunState, input: Input): Result<readonly Fact[], Refusal> {
  switch (input.kind) {
    case 'Submit':
      return decideSubmit(state, input.run, input.at);
    case 'ReportTask':
      return decideReport(state, input.report, input.at);
    case 'Control':
      return decideControl(state, input.command, input.at);
    case 'Tick':
      return decideTick(state, input.at);
    case 'LocksReported':
    case 'MemoReported':
      return ok([]);
    case 'Advance':
      return ok(advance(state, input.at).facts);
    default:
      return assertNever(input);
  }
}

/**
 * Decides an input and all that follows from it, applying the facts as it goes. When the facts
 * cannot be made durable the caller throws the state away and folds again from what is.
 */
export function step(
  state: RunState,
  input: Input,
): Result<{ readonly facts: readonly Fact[]; readonly state: RunState }, Refusal> {
  const decided = decide(state, input);
  if (!decided.ok) return decided;
  for (const fact of decided.value) evolve(state, fact);
  // Most reports end here: something is done, and others are still to be waited for.
  if (!mayAdvance(state)) return ok({ facts: decided.value, state });
  const facts: Fact[] = [...decided.value];
  for (let pass = 0; pass < PASSES_MAX && mayAdvance(state); pass += 1) {
    const draft = advance(state, input.at);
    clearDirty(state);
    for (const blocked of draft.blocked) enqueue(state, blocked);
    for (const fact of draft.facts) {
      evolve(state, fact);
      facts.push(fact);
    }
    offerCapacity(state);
  }
  return ok({ facts, state });
}

function clearDirty(state: RunState): void {
  for (const index of state.dirty) nodeAt(state, index).dirty = false;
  state.dirty = [];
  state.runDirty = false;
}

/** Remembers who waits for which limit; they are woken one by one as places become free. */
function enqueue(state: RunState, blocked: Blocked): void {
  if (blocked.boundary < 0) {
    state.waiters.push(blocked.manager);
    return;
  }
  const { runtime } = nodeAt(state, blocked.boundary);
  if (runtime?.kind === 'Steps' || runtime?.kind === 'DAG') runtime.waiters.push(blocked.manager);
}

/** Somebody woken for a free place may not have needed it: then the next one is asked. */
function offerCapacity(state: RunState): void {
  if (state.dirty.length > 0 || state.waiters.length === 0) return;
  const limit = contextOf(state).run.spec.parallelism;
  if (limit !== undefined && state.activePods >= limit) return;
  const index = state.waiters.shift();
  if (index === undefined) return;
  if (index < 0) state.runDirty = true;
  else markDirty(state, nodeAt(state, index));
}

/** The state machine of one workflow run. */
export const workflowMachine: Machine<RunState, Input, Fact, Effect> = {
  initial: initialState,
  decide,
  evolve,
  owed: owedOf,
};
