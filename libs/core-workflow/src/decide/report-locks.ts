import { assertNever, ok, type Refusal, type Result } from '@argosy/base';
import type { Fact } from '../facts.ts';
import type { LockOutcome } from '../locks/messages.ts';
import { nodeOfHolder } from '../lock-holder.ts';
import { contextOf, type LockHold, type RunState } from '../state.ts';
import { startFacts } from './submit.ts';

/** Takes what became of the locks of a node or of the run. What is told twice or too late is no news. */
export function decideLocksReported(
  state: RunState,
  report: { readonly holder: string; readonly outcome: LockOutcome },
  at: number,
): Result<readonly Fact[], Refusal> {
  const { holder, outcome } = report;
  const node = nodeOfHolder(state, holder);
  if (node === undefined) return ok([]);
  const hold = state.holds.get(node);
  if (hold?.holder !== holder) {
    // Nobody would ever give these locks back.
    return ok(outcome.kind === 'Granted' ? [{ kind: 'LocksReturned', at, holder }] : []);
  }
  switch (outcome.kind) {
    case 'Granted':
      return ok(hold.granted ? [] : grantedFacts(state, node, at));
    case 'Waiting':
      return ok(isNews(state, { node, hold, outcome }) ? [waitingFact(node, outcome, at)] : []);
    case 'Refused':
      return ok(hold.granted ? [] : refusedFacts(node, outcome.message, at));
    default:
      return assertNever(outcome);
  }
}

type Waiting = Extract<LockOutcome, { kind: 'Waiting' }>;

function isNews(
  state: RunState,
  {
    node,
    hold,
    outcome,
  }: { readonly node: number; readonly hold: LockHold; readonly outcome: Waiting },
): boolean {
  if (hold.granted) return false;
  const message = node < 0 ? state.message : state.nodes[node]?.message;
  return message !== outcome.message || hold.waitingFor !== outcome.lock;
}

function waitingFact(node: number, outcome: Waiting, at: number): Fact {
  const { message, lock, heldBy } = outcome;
  return { kind: 'LocksWaiting', at, node, message, lock, heldBy };
}

function grantedFacts(state: RunState, node: number, at: number): readonly Fact[] {
  const granted = { kind: 'LocksGranted', at, node } as const;
  return node < 0 ? [granted, ...startFacts(contextOf(state).run, at)] : [granted];
}

function refusedFacts(node: number, reason: string, at: number): readonly Fact[] {
  if (node >= 0) return [{ kind: 'NodeFinished', at, node, phase: 'Error', message: reason }];
  const message = `Failed to acquire the synchronization lock. ${reason}`;
  return [{ kind: 'RunFinished', at, phase: 'Failed', message }];
}
