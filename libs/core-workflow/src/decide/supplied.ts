import { err, ok, type Result } from '@argosy/base';
import type { Parameter } from '@argosy/model';
import type { NodeOutputs } from '../facts.ts';
import { displayNameOf, planOf } from '../names.ts';
import type { NodeRecord, RunState } from '../state.ts';

/**
 * The outputs of a suspended node that ends: given now, given before, the declared default, or the
 * value of the input of the same name.
 */
export function suppliedOutputs(
  state: RunState,
  node: NodeRecord,
  given: Readonly<Record<string, string>>,
): Result<NodeOutputs | undefined, string> {
  const parameters: Record<string, string> = {};
  for (const output of planOf(state, node)?.template.outputs?.parameters ?? []) {
    const known = given[output.name] ?? node.outputs?.parameters?.[output.name];
    const value = known ?? declaredValue(output) ?? inputOf(state, node, output.name);
    if (value === undefined) return err(notSet(output.name, displayNameOf(state, node)));
    parameters[output.name] = value;
  }
  return ok(Object.keys(parameters).length === 0 ? undefined : { parameters });
}

function notSet(output: string, node: string): string {
  return (
    `raw output parameter '${output}' of node ${node} has not been set and does not have a ` +
    'default value; supply it when resuming'
  );
}

function inputOf(state: RunState, node: NodeRecord, name: string): string | undefined {
  const index = planOf(state, node)?.inputs.findIndex((input) => input.name === name) ?? -1;
  return node.parameters[index] ?? undefined;
}

function declaredValue(output: Parameter): string | undefined {
  return output.valueFrom?.default ?? output.value ?? output.default;
}
