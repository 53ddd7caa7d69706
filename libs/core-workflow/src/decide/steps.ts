import { err, ok, type Result } from '@argosy/base';
import { idOf, nodeNameOf } from '../names.ts';
import type { CallPlan } from '../plan/call.ts';
import { stepsOf } from '../plan/template.ts';
import { renderText } from '../plan/text.ts';
import { widthOf } from '../scope/node-reference.ts';
import type { VariableScope } from '../scope/variables.ts';
import {
  groupOf,
  isFailedOrError,
  isFulfilled,
  nodeAt,
  stepsRuntimeOf,
  type GroupRuntime,
  type NodeRecord,
} from '../state.ts';
import {
  addSkippedNode,
  placeBelow,
  scopeOfContainer,
  scopeWithItem,
  startRound,
} from './calls.ts';
import { checkReferences, evaluateCondition } from './condition.ts';
import { addNode, containerPlanOf, FAIL_FAST_MESSAGE, finishNode, type Draft } from './draft.ts';
import { expandLoop, roundLabel } from './loop.ts';
import { finishWithOutputs } from './outputs.ts';

/** Goes on with a Steps node: the next group, or the end. */
export function advanceSteps(draft: Draft, node: NodeRecord): void {
  const plan = containerPlanOf(draft.state, node);
  const { groups } = stepsRuntimeOf(node);
  const last = groups.at(-1);
  const current = last === undefined ? undefined : nodeAt(draft.state, last);
  if (current !== undefined && !isFulfilled(current.phase)) return;
  if (current !== undefined && isFailedOrError(current.phase)) {
    finishNode(draft, node, { phase: 'Failed', message: current.message });
    return;
  }
  if (groups.length < stepsOf(plan).groups.length) {
    const position = { relation: 'group', parent: node.index, slot: groups.length } as const;
    addNode(draft, position, { type: 'StepGroup', phase: 'Running', plan: -1 });
    return;
  }
  finishWithOutputs(draft, node, scopeOfContainer(draft, node));
}

/** Goes on with a step group: creates the steps that have no node yet, or ends it. */
export function advanceGroup(draft: Draft, node: NodeRecord): void {
  const group = groupOf(node);
  if (group.error >= 0) {
    if (group.open === 0) finishErrored(draft, node, nodeAt(draft.state, group.error));
    return;
  }
  if (group.children.length < group.total || group.holes.length > 0) {
    createSteps(draft, node);
    return;
  }
  if (group.open > 0) return;
  finishGroup(draft, node);
}

function finishErrored(draft: Draft, node: NodeRecord, child: NodeRecord): void {
  const name = nodeNameOf(draft.state, child);
  const message = `step group deemed errored due to child ${name} error: ${child.message}`;
  finishNode(draft, node, { phase: 'Error', message });
}

function finishGroup(draft: Draft, node: NodeRecord): void {
  const steps = nodeAt(draft.state, node.parent);
  const plan = containerPlanOf(draft.state, steps);
  if (plan.template.failFast === true && stepsRuntimeOf(steps).failed) {
    finishNode(draft, node, { phase: 'Failed', message: FAIL_FAST_MESSAGE });
    return;
  }
  const calls = stepsOf(plan).groups[node.slot] ?? [];
  for (const index of groupOf(node).children) {
    const child = nodeAt(draft.state, index);
    if (!isFailedOrError(child.phase)) continue;
    const { continueOn } = calls[child.slot] ?? {};
    const passes = child.phase === 'Failed' ? continueOn?.failed : continueOn?.error;
    if (passes === true) continue;
    const message = `child '${idOf(draft.state, child)}' failed`;
    finishNode(draft, node, { phase: 'Failed', message });
    return;
  }
  finishNode(draft, node, { phase: 'Succeeded', message: '' });
}

/** What is known of a step before its nodes are made. */
interface PreparedStep {
  /** The message of the skipped node, when the step is not run at all. */
  readonly skip: string | undefined;
  readonly items: readonly string[] | undefined;
}

function createSteps(draft: Draft, node: NodeRecord): void {
  const group = groupOf(node);
  const steps = nodeAt(draft.state, node.parent);
  const calls = stepsOf(containerPlanOf(draft.state, steps)).groups[node.slot] ?? [];
  const scope = scopeOfContainer(draft, steps);
  // All steps are resolved before the first is created: an error leaves the group without children.
  const first = group.children.length === 0;
  const prepared: PreparedStep[] = [];
  let skipped = 0;
  for (const [slot, call] of calls.entries()) {
    const known = group.loops[slot];
    const width = widthOf(group, slot);
    const done = !first && isComplete(group, skipped, skipped + width);
    skipped += width;
    const step = done ? ok({ skip: undefined, items: known }) : prepareStep(call, scope, known);
    if (!step.ok) {
      finishNode(draft, node, { phase: 'Error', message: step.error });
      return;
    }
    prepared.push(step.value);
    if (first && step.value.items !== undefined && known === undefined) {
      const { items } = step.value;
      draft.facts.push({ kind: 'LoopExpanded', at: draft.at, node: node.index, slot, items });
    }
  }
  createChildren(draft, { node, steps, calls, prepared, scope });
}

function prepareStep(
  call: CallPlan,
  scope: VariableScope,
  known: readonly string[] | undefined,
): Result<PreparedStep, string> {
  let skip: string | undefined;
  if (!call.whenNeedsItem) {
    const condition = evaluateCondition(call.when, scope);
    if (!condition.ok) return condition;
    if (condition.value.kind === 'Skip') skip = condition.value.message;
  }
  // Before the first round is made: afterwards the group could not end for it any more.
  const problem = skip === undefined ? checkReferences(call, scope) : undefined;
  if (problem !== undefined) return err(problem);
  if (known !== undefined || call.loop === undefined) return ok({ skip, items: known });
  const items = expandLoop(call.loop, scope);
  // A loop that is skipped anyway need not be readable.
  if (!items.ok) return skip === undefined ? items : ok({ skip, items: undefined });
  return ok({ skip, items: items.value });
}

/** Whether the positions of a step all have their node. */
function isComplete(group: GroupRuntime, start: number, end: number): boolean {
  if (end > group.children.length) return false;
  return !group.holes.some((hole) => hole >= start && hole < end);
}

interface GroupWork {
  readonly node: NodeRecord;
  readonly steps: NodeRecord;
  readonly calls: readonly CallPlan[];
  readonly prepared: readonly PreparedStep[];
  readonly scope: VariableScope;
}

function createChildren(draft: Draft, work: GroupWork): void {
  let before = 0;
  const { children, holes } = groupOf(work.node);
  for (const [slot, prepared] of work.prepared.entries()) {
    const width = Math.max(1, prepared.items?.length ?? 1);
    for (const hole of holes) {
      const inside = hole >= before && hole < before + width;
      if (inside && !createChild(draft, work, slot, hole - before)) return;
    }
    for (let round = Math.max(0, children.length - before); round < width; round += 1) {
      if (!createChild(draft, work, slot, round)) return;
    }
    before += width;
  }
}

/** Creates one child; false when a limit stands in the way. */
function createChild(draft: Draft, work: GroupWork, slot: number, round: number): boolean {
  const call = work.calls[slot];
  const prepared = work.prepared[slot];
  if (call === undefined || prepared === undefined) return true;
  const item = prepared.items?.[round];
  const scope = scopeWithItem(work.scope, item);
  const place = placeBelow(draft, work.steps, {
    relation: 'step',
    parent: work.node.index,
    slot,
    item: item === undefined ? -1 : round,
    label: labelOf(call, round, item, scope),
  });
  if (prepared.skip !== undefined) addSkippedNode(draft, place, 'Skipped', prepared.skip);
  else if (prepared.items?.length === 0) {
    addSkippedNode(draft, place, 'Skipped', 'Skipped, empty params');
  } else {
    const outcome = startRound(draft, call, scope, place);
    if (outcome.kind === 'Held') {
      hold(draft, work.node, outcome.obstacle);
      return false;
    }
  }
  return true;
}

function hold(
  draft: Draft,
  node: NodeRecord,
  obstacle: { readonly kind: 'Full'; readonly boundary: number } | { readonly kind: 'FailFast' },
): void {
  if (obstacle.kind === 'Full') {
    draft.blocked.push({ manager: node.index, boundary: obstacle.boundary });
    return;
  }
  if (groupOf(node).open > 0) return;
  finishNode(draft, node, { phase: 'Failed', message: FAIL_FAST_MESSAGE });
}

/** Empty when the name follows from the call. */
export function labelOf(
  call: CallPlan,
  round: number,
  item: string | undefined,
  scope: VariableScope,
): string {
  if (item !== undefined) return roundLabel(call, round, item);
  if (call.nameText === undefined) return '';
  const name = renderText(call.nameText, scope);
  return name.ok ? name.value : call.name;
}
