import { resolveInputs } from '../decide/inputs.ts';
import { callOf, nodeNameOf, planOf } from '../names.ts';
import { createScope, withItem, type VariableScope } from '../scope/variables.ts';
import { groupOf, nodeAt, type NodeRecord, type RunState } from '../state.ts';

/**
 * The inputs of a container that runs again by a manual retry with other parameters: resolved anew, so that what is made
 * below it sees the new values. Its parents come first. Inputs that cannot be resolved any more stay.
 */
export function renewInputs(state: RunState, node: NodeRecord): void {
  const plan = planOf(state, node);
  const call = callOf(state, node);
  const boundary = state.nodes[node.boundary];
  if (plan === undefined || call === undefined || boundary === undefined) return;
  if (node.relation !== 'step' && node.relation !== 'task' && node.relation !== 'item') return;
  const scope = scopeBelow(state, boundary);
  const item = itemOf(state, node);
  if (scope === undefined) return;
  const inputs = resolveInputs(
    state,
    plan,
    call,
    item === undefined ? scope : withItem(scope, item),
  );
  if (!inputs.ok) return;
  node.parameters = inputs.value.parameters;
  node.artifacts = inputs.value.artifacts;
}

function scopeBelow(state: RunState, boundary: NodeRecord): VariableScope | undefined {
  const plan = planOf(state, boundary);
  if (plan === undefined) return undefined;
  const { parameters, artifacts } = boundary;
  const locals = { 'node.name': nodeNameOf(state, boundary) };
  return createScope({ state, boundary, inputs: { plan, parameters, artifacts }, locals });
}

/** The item of a loop's round. */
function itemOf(state: RunState, node: NodeRecord): string | undefined {
  if (node.item < 0) return undefined;
  const group = groupOf(nodeAt(state, node.parent));
  return group.loops[node.relation === 'item' ? 0 : node.slot]?.[node.item];
}
