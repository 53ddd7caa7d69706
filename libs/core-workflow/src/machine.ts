import { assertNever, ok, type Machine, type Refusal, type Result } from '@argosy/base';
import { advance, mayAdvance } from './decide/advance.ts';
import { decideControl } from './decide/control.ts';
import { decideLocksReported } from './decide/report-locks.ts';
import { decideMemoReported } from './decide/report-memo.ts';
import { decideReport } from './decide/report-task.ts';
import { decideSubmit } from './decide/submit.ts';
import { decideTick } from './decide/tick.ts';
import type { Effect } from './effect.ts';
import { evolve } from './evolve/index.ts';
import type { Fact } from './facts.ts';
import type { Input } from './input.ts';
import { owedOf } from './owed/owed.ts';
import { initialState, nodeAt, type RunState } from './state.ts';
import { enqueue, notePlace, offerPlaces, type FreedPlaces } from './waiters.ts';

/*
 * The run:
 *   ''        --(Submit: RunSubmitted, RunStarted)------------------> Running
 *   ''        --(Submit of a rejected run: …, RunFinished)----------> Failed | Error
 *   ''        --(Submit of a run with locks: RunSubmitted, LocksAsked) -> Pending
 *   Pending   --(LocksReported: LocksWaiting)-----------------------> Pending, with a message
 *   Pending   --(LocksReported: LocksGranted, RunStarted)-----------> Running
 *   Pending   --(LocksReported refused | Control Terminate: RunFinished)-> Failed
 *   Running   --(Control Suspend | Resume: RunSuspended)------------> Running, nothing new is started
 *   Running   --(Control Stop | Terminate: RunShutdown)-------------> Running, leaves fail
 *   Running   --(Tick at the deadline: RunDeadlineReached)----------> Running, leaves fail
 *   Running   --(entrypoint and hooks settled: RunFinished)---------> Succeeded | Failed | Error
 *   finished  --(Control Retry: RunRetried)-------------------------> Running
 *
 * A node:
 *   (none)    --(NodeCreated)----> Pending (a leaf for an executor) | Running (container, suspension)
 *   (none)    --(NodeCreated)----> Skipped | Omitted | Error | Failed, never having run
 *   (none)    --(NodeCreated with a gate)-> Pending, waiting for locks (LocksWaiting, LocksGranted), then for
 *                                the cache (MemoAnswered; a hit ends it), then for a place
 *   waiting   --(NodeAdmitted)---> as if it were created now
 *   Pending   --(NodeStarted)----> Running; a daemon is settled with it
 *   Running   --(NodeWaiting)----> Running, a Retry node between attempts --(NodeWoken)--> Running
 *   unfinished --(NodeFinished)--> Succeeded | Failed | Error | Skipped | Omitted
 *   finished  --(NodeSettled, or with NodeFinished when it has no hooks)--> settled: its parent goes on
 *   any       --(RunRetried)-----> dropped, or Running again
 *
 * What goes on by itself is decided in passes: `evolve` marks the containers that a fact concerns,
 * the next pass looks at these and no others, and so on until nothing is marked.
 */

/**
 * What one input may set off; a run that needs more asks for a Tick and goes on with that. So whoever drives it is
 * never kept for long: from others, from the lease of its partition.
 */
const PASSES_MAX = 100_000;
/** Facts after which no further pass begins; one pass may have more. */
const STEP_FACTS_MAX = 20_000;

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
      return decideLocksReported(state, input, input.at);
    case 'MemoReported':
      return decideMemoReported(state, input, input.at);
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
  let freed = applyAll(state, decided.value, undefined);
  // Most reports end here: something is done, and others are still to be waited for.
  if (!mayAdvance(state)) return ok({ facts: decided.value, state });
  let facts: Fact[] | undefined;
  for (let pass = 0; pass < PASSES_MAX && mayAdvance(state); pass += 1) {
    if (facts !== undefined && facts.length >= STEP_FACTS_MAX) break;
    const draft = advance(state, input.at);
    clearDirty(state);
    for (const blocked of draft.blocked) enqueue(state, blocked);
    freed = applyAll(state, draft.facts, freed);
    // Joined at first and appended to later, for nearly every step has one pass.
    if (facts === undefined) facts = [...decided.value, ...draft.facts];
    else for (const fact of draft.facts) facts.push(fact);
    offerPlaces(state, freed);
  }
  return ok({ facts: facts ?? decided.value, state });
}

/** Applies facts; answers the places that were free before with those that became so. */
function applyAll(state: RunState, facts: readonly Fact[], before: FreedPlaces): FreedPlaces {
  let freed = before;
  for (const fact of facts) {
    evolve(state, fact);
    freed = notePlace(state, fact, freed);
  }
  return freed;
}

function clearDirty(state: RunState): void {
  const { dirty } = state;
  // Taken off one by one, so that the list keeps its room for the next pass.
  for (let index = dirty.pop(); index !== undefined; index = dirty.pop()) {
    nodeAt(state, index).dirty = false;
  }
  state.runDirty = false;
}

/** The state machine of one workflow run. */
export const workflowMachine: Machine<RunState, Input, Fact, Effect> = {
  initial: initialState,
  decide,
  evolve,
  owed: owedOf,
};
