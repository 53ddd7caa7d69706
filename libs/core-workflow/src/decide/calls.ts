import type { CallPlan } from '../plan/call.ts';
import { nodeNameOf } from '../names.ts';
import { createScope, withItem, type VariableScope } from '../scope/variables.ts';
import type { NodeRecord } from '../state.ts';
import { evaluateCondition } from './condition.ts';
import { addNode, containerPlanOf, type Draft, type NodePosition } from './draft.ts';
import { addErrorNode, invoke, type InvokeOutcome, type Place } from './invoke.ts';

/** What is visible to the steps or tasks of a Steps or DAG node. */
export function scopeOfContainer(draft: Draft, container: NodeRecord): VariableScope {
  const plan = containerPlanOf(draft.state, container);
  return createScope({
    state: draft.state,
    boundary: container,
    inputs: { plan, parameters: container.parameters, artifacts: container.artifacts },
    locals: { 'node.name': nodeNameOf(draft.state, container) },
  });
}

/** The same with a loop's item. */
export function scopeWithItem(scope: VariableScope, item: string | undefined): VariableScope {
  return item === undefined ? scope : withItem(scope, item);
}

/** A child's place below a Steps or DAG node. */
export function placeBelow(draft: Draft, container: NodeRecord, position: NodePosition): Place {
  return {
    relation: position.relation,
    parent: position.parent,
    slot: position.slot,
    item: position.item ?? -1,
    label: position.label ?? '',
    boundary: container,
    inExit: container.inExit,
    depth: container.depth + 1,
    scopeName: containerPlanOf(draft.state, container).scope,
  };
}

/** A node for a call that is passed over. */
export function addSkippedNode(
  draft: Draft,
  place: Place,
  phase: 'Skipped' | 'Omitted',
  message: string,
): void {
  addNode(draft, place, { type: 'Skipped', phase, plan: -1, message });
}

/** Evaluates what is left of `when` for this round, then runs the call. */
export function startRound(
  draft: Draft,
  call: CallPlan,
  scope: VariableScope,
  place: Place,
): InvokeOutcome {
  if (call.whenNeedsItem) {
    const condition = evaluateCondition(call.when, scope);
    if (!condition.ok) return addErrorNode(draft, place, condition.error, -1);
    if (condition.value.kind === 'Skip') {
      addSkippedNode(draft, place, 'Skipped', condition.value.message);
      return { kind: 'Created' };
    }
  }
  return invoke(draft, call, scope, place);
}
