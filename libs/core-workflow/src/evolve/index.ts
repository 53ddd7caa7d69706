import { assertNever } from '@argosy/base';
import type { Fact } from '../facts.ts';
import type { RunState } from '../state.ts';
import {
  evolveLocksAsked,
  evolveLocksGranted,
  evolveLocksReturned,
  evolveLocksWaiting,
  evolveMemoAnswered,
} from './gate.ts';
import {
  evolveLoopExpanded,
  evolveNodeAmended,
  evolveNodeFinished,
  evolveNodeProgressed,
  evolveNodeSettled,
  evolveNodeStarted,
  evolveNodeWaiting,
  evolveNodeWoken,
} from './node-changed.ts';
import { evolveNodeAdmitted, evolveNodeCreated } from './node-created.ts';
import { evolveRunRetried } from './retried.ts';
import {
  evolveRunDeadlineReached,
  evolveRunFinished,
  evolveRunLabelled,
  evolveRunShutdown,
  evolveRunStarted,
  evolveRunSubmitted,
  evolveRunSuspended,
} from './run.ts';

/** Applies one fact to the state it is given and answers the same object. */
export function evolve(state: RunState, fact: Fact): RunState {
  applyFact(state, fact);
  return state;
}

function applyFact(state: RunState, fact: Fact): void {
  switch (fact.kind) {
    case 'NodeCreated':
      return evolveNodeCreated(state, fact);
    case 'NodeStarted':
      return evolveNodeStarted(state, fact);
    case 'NodeFinished':
      return evolveNodeFinished(state, fact);
    case 'NodeSettled':
      return evolveNodeSettled(state, fact);
    case 'NodeWaiting':
      return evolveNodeWaiting(state, fact);
    case 'NodeWoken':
      return evolveNodeWoken(state, fact);
    case 'NodeProgressed':
      return evolveNodeProgressed(state, fact);
    case 'NodeAmended':
      return evolveNodeAmended(state, fact);
    case 'LoopExpanded':
      return evolveLoopExpanded(state, fact);
    default:
      return applyRareFact(state, fact);
  }
}

type RunFact = Extract<Fact, { kind: `Run${string}` }>;
type GateFact = Extract<Fact, { kind: `Locks${string}` | 'MemoAnswered' | 'NodeAdmitted' }>;

function applyRareFact(state: RunState, fact: RunFact | GateFact): void {
  switch (fact.kind) {
    case 'NodeAdmitted':
      return evolveNodeAdmitted(state, fact);
    case 'LocksAsked':
      return evolveLocksAsked(state, fact);
    case 'LocksWaiting':
      return evolveLocksWaiting(state, fact);
    case 'LocksGranted':
      return evolveLocksGranted(state, fact);
    case 'LocksReturned':
      return evolveLocksReturned(state, fact);
    case 'MemoAnswered':
      return evolveMemoAnswered(state, fact);
    default:
      return applyRunFact(state, fact);
  }
}

function applyRunFact(state: RunState, fact: RunFact): void {
  switch (fact.kind) {
    case 'RunSubmitted':
      return evolveRunSubmitted(state, fact);
    case 'RunStarted':
      return evolveRunStarted(state, fact);
    case 'RunFinished':
      return evolveRunFinished(state, fact);
    case 'RunSuspended':
      return evolveRunSuspended(state, fact);
    case 'RunShutdown':
      return evolveRunShutdown(state, fact);
    case 'RunDeadlineReached':
      return evolveRunDeadlineReached(state);
    case 'RunLabelled':
      return evolveRunLabelled(state, fact);
    case 'RunRetried':
      return evolveRunRetried(state, fact);
    default:
      return assertNever(fact);
  }
}
