import { ok, type Refusal, type Result } from '@argosy/base';
import type { Fact } from '../facts.ts';
import { isPendingEnd } from '../evolve/gate.ts';
import { isLive } from '../evolve/node-changed.ts';
import { isTaskType, nodeAt, type NodeRecord, type RunState } from '../state.ts';
import { dueTimers, type Timer } from '../timers.ts';
import { failActive } from './control.ts';
import { suppliedOutputs } from './supplied.ts';

/** Does what the timers that are due ask for. Cost: the number of due timers. */
export function decideTick(state: RunState, at: number): Result<readonly Fact[], Refusal> {
  const facts: Fact[] = [];
  if (state.finishedAt > 0) return ok(facts);
  let deadline = false;
  const seen = new Set<number>();
  for (const timer of dueTimers(state.timers, at)) {
    if (seen.has(timer.node) || !isLive(state, timer.node, timer.at)) continue;
    seen.add(timer.node);
    if (timer.node < 0) deadline = true;
    else facts.push(dueFact(state, timer, at));
  }
  return ok(deadline ? withDeadline(state, facts, at) : facts);
}

/** The run's deadline ends every leaf outside of exit handlers. */
function withDeadline(state: RunState, facts: readonly Fact[], at: number): readonly Fact[] {
  const how = { at, message: 'Step exceeded its deadline', spareExit: true };
  const failed = failActive(state, how, 'Deadline');
  const ended = new Set(failed.map((fact) => ('node' in fact ? fact.node : -1)));
  const rest = facts.filter((fact) => !('node' in fact) || !ended.has(fact.node));
  return [{ kind: 'RunDeadlineReached', at }, ...failed, ...rest];
}

function dueFact(state: RunState, timer: Timer, at: number): Fact {
  const node = nodeAt(state, timer.node);
  if (state.gates.has(node.index)) {
    return { kind: 'NodeFinished', at, node: node.index, phase: 'Failed', message: 'timeout' };
  }
  if (isPendingEnd(state, node.index, timer.at)) return lateFact(node, PENDING_TOO_LONG, at);
  if (node.type === 'Retry') return { kind: 'NodeWoken', at, node: node.index };
  if (isTaskType(node.type)) return lateFact(node, ACTIVE_TOO_LONG, at);
  const outputs = suppliedOutputs(state, node, {});
  const value = outputs.ok ? outputs.value : node.outputs;
  return {
    kind: 'NodeFinished',
    at,
    node: node.index,
    phase: 'Succeeded',
    message: node.message,
    ...(value === undefined ? {} : { outputs: value }),
  };
}

const ACTIVE_TOO_LONG = 'Pod was active on the node longer than the specified deadline';
const PENDING_TOO_LONG = 'Pod was pending longer than the specified pendingTimeout';

/** Ends a leaf whose time is over, and its task. */
function lateFact(node: NodeRecord, message: string, at: number): Fact {
  return {
    kind: 'NodeFinished',
    at,
    node: node.index,
    phase: 'Failed',
    message,
    cancel: 'Deadline',
  };
}
