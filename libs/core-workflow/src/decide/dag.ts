import { assertNever } from '@argosy/base';
import type { NodePhase } from '@argosy/model';
import type { CallPlan } from '../plan/call.ts';
import type { DagPlan } from '../plan/dag.ts';
import type { Depends, DependsCondition } from '../plan/depends.ts';
import { isReused } from '../resubmission.ts';
import type { VariableScope } from '../scope/variables.ts';
import {
  dagRuntimeOf,
  groupOf,
  isCompleted,
  isFailedOrError,
  nodeAt,
  type GroupRuntime,
  type NodeRecord,
  type RunState,
} from '../state.ts';
import {
  addSkippedNode,
  placeBelow,
  scopeOfContainer,
  scopeWithItem,
  startRound,
} from './calls.ts';
import { checkReferences, evaluateCondition } from './condition.ts';
import {
  addNode,
  containerPlanOf,
  FAIL_FAST_MESSAGE,
  finishNode,
  stopReason,
  type Draft,
} from './draft.ts';
import { addErrorNode, type InvokeOutcome, type Place } from './invoke.ts';
import { expandLoop, roundLabel } from './loop.ts';
import { finishWithOutputs } from './outputs.ts';

/** Goes on with a DAG node: creates the tasks that have become ready, or ends it. */
export function advanceDag(draft: Draft, node: NodeRecord): void {
  const plan = containerPlanOf(draft.state, node);
  const runtime = dagRuntimeOf(node);
  const { dag } = runtime;
  const failFast = plan.template.failFast === true && runtime.failed;
  if (runtime.settled === dag.reachableCount && !failFast) {
    finishDag(draft, node, dag);
    return;
  }
  const stopped = stopReason(draft.state, node.inExit) !== undefined;
  if (failFast || stopped) {
    if (runtime.open > 0) return;
    const message = failFast ? FAIL_FAST_MESSAGE : '';
    finishNode(draft, node, { phase: 'Failed', message });
    return;
  }
  createReadyTasks(draft, node, dag);
}

function createReadyTasks(draft: Draft, node: NodeRecord, dag: DagPlan): void {
  const runtime = dagRuntimeOf(node);
  let scope: VariableScope | undefined;
  for (let position = runtime.readyHead; position < runtime.ready.length; position += 1) {
    const task = runtime.ready[position] ?? -1;
    if ((runtime.taskNodes[task] ?? -1) >= 0) continue;
    scope ??= scopeOfContainer(draft, node);
    const outcome = createTask(draft, { node, dag, scope }, task);
    if (outcome.kind === 'Created') continue;
    if (outcome.obstacle.kind === 'Full') {
      draft.blocked.push({ manager: node.index, boundary: outcome.obstacle.boundary });
    }
    return;
  }
}

interface DagWork {
  readonly node: NodeRecord;
  readonly dag: DagPlan;
  readonly scope: VariableScope;
}

const CREATED: InvokeOutcome = { kind: 'Created' };

function createTask(draft: Draft, work: DagWork, task: number): InvokeOutcome {
  const { node, dag, scope } = work;
  const call = dag.tasks[task];
  const depends = dag.depends[task];
  if (call === undefined || depends === undefined) return CREATED;
  const position = { relation: 'task', parent: node.index, slot: task } as const;
  const place = placeBelow(draft, node, position);
  if (!evaluateDepends(draft.state, work, depends)) {
    addSkippedNode(draft, place, 'Omitted', 'omitted: depends condition not met');
    return CREATED;
  }
  if (!call.whenNeedsItem) {
    const condition = evaluateCondition(call.when, scope);
    if (!condition.ok) return addErrorNode(draft, place, condition.error, -1);
    if (condition.value.kind === 'Skip') {
      skipTask(draft, call, { place, scope, message: condition.value.message });
      return CREATED;
    }
  }
  const problem = checkReferences(call, scope);
  if (problem !== undefined) return addErrorNode(draft, place, problem, -1);
  if (call.loop === undefined) return startRound(draft, call, scope, place);
  const items = expandLoop(call.loop, scope);
  if (!items.ok) return addErrorNode(draft, place, items.error, -1);
  addTaskGroup(draft, place, items.value);
  return CREATED;
}

/** A loop whose `when` is false still shows its rounds, each skipped, if the loop can be read. */
function skipTask(
  draft: Draft,
  call: CallPlan,
  skip: { readonly place: Place; readonly scope: VariableScope; readonly message: string },
): void {
  const items = call.loop === undefined ? undefined : expandLoop(call.loop, skip.scope);
  if (items === undefined || !items.ok) addSkippedNode(draft, skip.place, 'Skipped', skip.message);
  else addTaskGroup(draft, skip.place, items.value);
}

function addTaskGroup(draft: Draft, place: Place, items: readonly string[]): void {
  if (items.length === 0) {
    addSkippedNode(draft, place, 'Skipped', 'Skipped, empty params');
    return;
  }
  const node = addNode(draft, place, { type: 'TaskGroup', phase: 'Running', plan: -1 });
  draft.facts.push({ kind: 'LoopExpanded', at: draft.at, node, slot: 0, items });
}

/** Goes on with the rounds of a task that is a loop. */
export function advanceTaskGroup(draft: Draft, node: NodeRecord): void {
  const group = groupOf(node);
  if (group.children.length < group.total || group.holes.length > 0) {
    createRounds(draft, node);
    return;
  }
  if (group.open > 0) return;
  let phase: NodePhase = 'Succeeded';
  for (const index of group.children) {
    const child = nodeAt(draft.state, index);
    if (isFailedOrError(child.phase)) phase = child.phase;
  }
  finishNode(draft, node, { phase, message: '' });
}

function createRounds(draft: Draft, node: NodeRecord): void {
  const group = groupOf(node);
  const dagNode = nodeAt(draft.state, node.parent);
  const call = dagRuntimeOf(dagNode).dag.tasks[node.slot];
  if (call === undefined) return;
  const scope = scopeOfContainer(draft, dagNode);
  const condition = call.whenNeedsItem ? undefined : evaluateCondition(call.when, scope);
  const skip =
    condition?.ok === true && condition.value.kind === 'Skip' ? condition.value : undefined;
  for (const round of roundsToCreate(group)) {
    const item = group.loops[0]?.[round] ?? 'null';
    const place = placeBelow(draft, dagNode, {
      relation: 'item',
      parent: node.index,
      slot: node.slot,
      item: round,
      label: roundLabel(call, round, item),
    });
    if (skip !== undefined) {
      addSkippedNode(draft, place, 'Skipped', skip.message);
      continue;
    }
    const outcome = startRound(draft, call, scopeWithItem(scope, item), place);
    if (outcome.kind === 'Created') continue;
    holdRounds(draft, node, outcome);
    return;
  }
}

function* roundsToCreate(group: GroupRuntime): Iterable<number> {
  yield* group.holes;
  for (let round = group.children.length; round < group.total; round += 1) yield round;
}

function holdRounds(
  draft: Draft,
  node: NodeRecord,
  outcome: Extract<InvokeOutcome, { kind: 'Held' }>,
): void {
  if (outcome.obstacle.kind === 'Full') {
    draft.blocked.push({ manager: node.index, boundary: outcome.obstacle.boundary });
  } else if (groupOf(node).open === 0) {
    finishNode(draft, node, { phase: 'Failed', message: FAIL_FAST_MESSAGE });
  }
}

function evaluateDepends(state: RunState, work: DagWork, depends: Depends): boolean {
  switch (depends.kind) {
    case 'True':
      return true;
    case 'And':
      for (const operand of depends.operands) {
        if (!evaluateDepends(state, work, operand)) return false;
      }
      return true;
    case 'Or':
      for (const operand of depends.operands) {
        if (evaluateDepends(state, work, operand)) return true;
      }
      return false;
    case 'Not':
      return !evaluateDepends(state, work, depends.operand);
    case 'Bare':
      return letsFollowersStart(state, work, depends.task);
    case 'Term': {
      const node = taskNode(state, work.node, depends.task);
      return node !== undefined && meets(state, node, depends.condition);
    }
    default:
      return assertNever(depends);
  }
}

function taskNode(state: RunState, dagNode: NodeRecord, task: number): NodeRecord | undefined {
  return state.nodes[dagRuntimeOf(dagNode).taskNodes[task] ?? -1];
}

/** A bare name: succeeded, skipped or daemoned, or failed in a way the task continues on. */
function letsFollowersStart(state: RunState, work: DagWork, task: number): boolean {
  const node = taskNode(state, work.node, task);
  if (node === undefined) return false;
  if (node.phase === 'Succeeded' || node.phase === 'Skipped' || node.daemoned) return true;
  return continuesOn(work.dag.tasks[task], node.phase);
}

function continuesOn(call: CallPlan | undefined, phase: NodePhase): boolean {
  if (phase === 'Failed') return call?.continueOn?.failed === true;
  return phase === 'Error' && call?.continueOn?.error === true;
}

function meets(state: RunState, node: NodeRecord, condition: DependsCondition): boolean {
  switch (condition) {
    case 'Succeeded':
      return hasSucceeded(node);
    case 'Failed':
    case 'Skipped':
    case 'Omitted':
      return node.phase === condition;
    case 'Errored':
      return node.phase === 'Error';
    case 'Daemoned':
      return node.daemoned && node.phase !== 'Pending';
    case 'AnySucceeded':
      return rounds(state, node).some(hasSucceeded);
    case 'AllFailed':
      return (
        node.type === 'TaskGroup' && rounds(state, node).every((round) => round.phase === 'Failed')
      );
    default:
      return assertNever(condition);
  }
}

/** What a former run has done for a node counts like its own success. */
function hasSucceeded(node: NodeRecord): boolean {
  return node.phase === 'Succeeded' || isReused(node);
}

function rounds(state: RunState, node: NodeRecord): readonly NodeRecord[] {
  if (node.type !== 'TaskGroup') return [];
  return groupOf(node).children.map((index) => nodeAt(state, index));
}

/**
 * The DAG ends as its targets do. A target that was skipped or omitted counts as the last task on
 * its branch that ran, failures preferred.
 */
function finishDag(draft: Draft, node: NodeRecord, dag: DagPlan): void {
  const branches: (NodePhase | undefined)[] = [];
  for (const task of dag.topological) {
    if (dag.reachable[task] !== true) continue;
    const own = taskNode(draft.state, node, task);
    const inherited = inheritedPhase(dag, branches, task);
    branches[task] = own !== undefined && isCompleted(own.phase) ? own.phase : inherited;
  }
  const failFast = dagFailFast(draft, node);
  let result: NodePhase = 'Succeeded';
  for (const target of dag.targets) {
    const phase = branches[target] ?? 'Succeeded';
    if (!isFailedOrError(phase) || continuesOn(dag.tasks[target], phase)) continue;
    result = phase;
    if (failFast) break;
  }
  if (result === 'Succeeded') finishWithOutputs(draft, node, scopeOfContainer(draft, node));
  else finishNode(draft, node, { phase: result, message: '' });
}

function dagFailFast(draft: Draft, node: NodeRecord): boolean {
  return containerPlanOf(draft.state, node).template.dag?.failFast !== false;
}

function inheritedPhase(
  dag: DagPlan,
  branches: readonly (NodePhase | undefined)[],
  task: number,
): NodePhase {
  for (const dependency of dag.dependencies[task] ?? []) {
    const phase = branches[dependency];
    if (phase !== undefined && isFailedOrError(phase)) return phase;
  }
  return 'Succeeded';
}
