import { err, ok, type Refusal, type Result } from '@argosy/base';
import type { Fact } from '../facts.ts';
import type { ControlCommand } from '../input.ts';
import { contextOf, isFailedOrError, nodeAt, type NodeRecord, type RunState } from '../state.ts';
import { parseNodeSelector, selects, type NodeSelector } from './selector.ts';

type RetryCommand = Extract<ControlCommand, { kind: 'Retry' }>;

/** What becomes of a node: it stays, is forgotten, or runs on with some of its children anew. */
type Fate = 'Keep' | 'Drop' | 'Reopen';

/**
 * Runs part of a finished run again: what failed, what a selector names, and all that came after
 * these. What succeeded before them is kept.
 */
export function decideRetry(
  state: RunState,
  command: RetryCommand,
  at: number,
): Result<readonly Fact[], Refusal> {
  const selector = parseNodeSelector(command.nodeFieldSelector ?? '');
  if (!selector.ok) return err({ code: 'InvalidArgument', message: selector.error });
  const { rejection } = contextOf(state).run;
  if (rejection !== undefined) {
    const message = `the workflow never began (${rejection.message}): submit it anew, corrected`;
    return err({ code: 'FailedPrecondition', message });
  }
  const restarts = command.restartSuccessful === true && selector.value.length > 0;
  if (!isRetryable(state, restarts)) {
    return err({
      code: 'FailedPrecondition',
      message:
        'workflow must be Failed/Error to retry; to run parts of a Succeeded workflow again, ' +
        'give restartSuccessful and a node field selector',
    });
  }
  const plan: RetryPlan = {
    state,
    restart: restarts ? selector.value : undefined,
    dropped: new Set(),
    reopened: [],
  };
  if (state.root >= 0) visit(plan, nodeAt(state, state.root));
  for (const index of state.hooks.started.values()) dropTree(plan, index);
  const dropped = [...plan.dropped].sort((left, right) => left - right);
  const parameters = command.parameters ?? {};
  return ok([{ kind: 'RunRetried', at, dropped, reopened: plan.reopened, parameters }]);
}

function isRetryable(state: RunState, restarts: boolean): boolean {
  if (state.finishedAt === 0) return false;
  return state.phase === 'Failed' || state.phase === 'Error' || restarts;
}

interface RetryPlan {
  readonly state: RunState;
  readonly restart: NodeSelector | undefined;
  readonly dropped: Set<number>;
  /** Parents after their children. */
  readonly reopened: number[];
}

function visit(plan: RetryPlan, node: NodeRecord): Fate {
  const selected = plan.restart !== undefined && selects(plan.restart, plan.state, node);
  const failed = isFailedOrError(node.phase);
  if (selected) return drop(plan, node);
  // Below a node that succeeded only a selector finds something to run again.
  const changed = failed || plan.restart !== undefined ? visitChildren(plan, node) : undefined;
  if (changed === undefined) {
    return failed || node.phase === 'Omitted' ? drop(plan, node) : 'Keep';
  }
  if (changed === 'Drop') return drop(plan, node);
  return changed || failed ? reopen(plan, node) : 'Keep';
}

function reopen(plan: RetryPlan, node: NodeRecord): 'Reopen' {
  for (const index of node.hooks?.started.values() ?? []) dropTree(plan, index);
  plan.reopened.push(node.index);
  return 'Reopen';
}

/** Whether something below changes; undefined for a node that has nothing below it. */
function visitChildren(plan: RetryPlan, node: NodeRecord): boolean | 'Drop' | undefined {
  const { runtime } = node;
  switch (runtime?.kind) {
    case undefined:
      return undefined;
    case 'Steps':
      return visitSteps(plan, runtime.groups);
    case 'DAG':
      return visitDag(plan, node);
    case 'Group': {
      const fates = runtime.children.map((index) => visit(plan, nodeAt(plan.state, index)));
      // A loop of which nothing is kept is spread anew.
      if (node.type === 'TaskGroup' && fates.every((fate) => fate === 'Drop')) return 'Drop';
      return fates.some((fate) => fate !== 'Keep');
    }
    case 'Retry': {
      const failed = runtime.attempts.filter((index) => {
        return isFailedOrError(nodeAt(plan.state, index).phase);
      });
      for (const index of failed) dropTree(plan, index);
      return failed.length > 0;
    }
  }
}

/** The first group that changes runs on; the groups after it start over. */
function visitSteps(plan: RetryPlan, groups: readonly number[]): boolean {
  let changed = false;
  for (const index of groups) {
    if (changed) dropTree(plan, index);
    else changed = visit(plan, nodeAt(plan.state, index)) !== 'Keep';
  }
  return changed;
}

/** Tasks that depend on one that changes start over. */
function visitDag(plan: RetryPlan, node: NodeRecord): boolean {
  if (node.runtime?.kind !== 'DAG') return false;
  const { dag } = node.runtime;
  const changed: boolean[] = [];
  for (const task of dag.topological) {
    const index = node.runtime.taskNodes[task] ?? -1;
    const follows = (dag.dependencies[task] ?? []).some((needed) => changed[needed] === true);
    if (index < 0) changed[task] = true;
    else if (follows) {
      dropTree(plan, index);
      changed[task] = true;
    } else changed[task] = visit(plan, nodeAt(plan.state, index)) !== 'Keep';
  }
  return changed.includes(true);
}

function drop(plan: RetryPlan, node: NodeRecord): 'Drop' {
  dropTree(plan, node.index);
  return 'Drop';
}

function dropTree(plan: RetryPlan, index: number): void {
  const stack = [index];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (plan.dropped.has(next)) continue;
    plan.dropped.add(next);
    const node = nodeAt(plan.state, next);
    stack.push(...childrenOf(plan.state, node), ...(node.hooks?.started.values() ?? []));
  }
}

function childrenOf(state: RunState, node: NodeRecord): readonly number[] {
  const { runtime } = node;
  switch (runtime?.kind) {
    case undefined:
      return containersOf(state, node);
    case 'Steps':
      return runtime.groups;
    case 'Group':
      return runtime.children;
    case 'Retry':
      return runtime.attempts;
    case 'DAG':
      return [...runtime.taskNodes].filter((index) => index >= 0);
  }
}

/** The containers of a set lie right behind their pod. */
function containersOf(state: RunState, pod: NodeRecord): readonly number[] {
  const found: number[] = [];
  for (let index = pod.index + 1; index < state.nodes.length; index += 1) {
    const node = nodeAt(state, index);
    if (node.relation !== 'container' || node.parent !== pod.index) break;
    found.push(index);
  }
  return found;
}
