import { err, ok, type Result } from '@argosy/base';
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
  const plan = planOf(state, node);
  const parameters: Record<string, string> = {};
  for (const output of plan?.template.outputs?.parameters ?? []) {
    const input = plan?.inputs.findIndex((candidate) => candidate.name === output.name) ?? -1;
    const value =
      given[output.name] ??
      node.outputs?.parameters?.[output.name] ??
      output.valueFrom?.default ??
      output.value ??
      output.default ??
      node.parameters[input] ??
      undefined;
    if (value === undefined) {
      const name = displayNameOf(state, node);
      return err(
        `raw output parameter '${output.name}' of node ${name} has not been set and does not ` +
          'have a default value; supply it when resuming',
      );
    }
    parameters[output.name] = value;
  }
  return ok(Object.keys(parameters).length === 0 ? undefined : { parameters });
}
