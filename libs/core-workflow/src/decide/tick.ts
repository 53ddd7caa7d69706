import { ok, type Refusal, type Result } from '@argosy/base';
import type { Fact } from '../facts.ts';
import { isLive } from '../evolve/node-changed.ts';
import { isTaskType, nodeAt, type NodeRecord, type RunState } from '../state.ts';
import { dueTimers } from '../timers.ts';
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
    else facts.push(dueFact(state, nodeAt(state, timer.node), at));
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

function dueFact(state: RunState, node: NodeRecord, at: number): Fact {
  if (node.type === 'Retry') return { kind: 'NodeWoken', at, node: node.index };
  if (isTaskType(node.type)) {
    return {
      kind: 'NodeFinished',
      at,
      node: node.index,
      phase: 'Failed',
      message: 'Pod was active on the node longer than the specified deadline',
      cancel: 'Deadline',
    };
  }
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
