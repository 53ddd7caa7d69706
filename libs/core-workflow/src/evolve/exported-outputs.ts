import type { NodeOutputs } from '../facts.ts';
import { planOf } from '../names.ts';
import type { TemplatePlan } from '../plan/template.ts';
import { compileText, renderText } from '../plan/text.ts';
import { createScope } from '../scope/variables.ts';
import { contextOf, isFailedOrError, type NodeRecord, type RunState } from '../state.ts';

/** Outputs with a globalName become outputs of the workflow, and variables. */
export function exportOutputs(state: RunState, node: NodeRecord): void {
  const plan = planOf(state, node);
  if (plan?.hasGlobalOutputs !== true || node.outputs === undefined) return;
  if (isFailedOrError(node.phase) && node.relation === 'attempt') return;
  const { parameters, artifacts } = node;
  const scope = createScope({ state, inputs: { plan, parameters, artifacts } });
  const nameOf = (globalName: string | undefined): string => {
    const rendered = renderText(compileText(globalName ?? ''), scope);
    return rendered.ok ? rendered.value : '';
  };
  exportParameters(state, { plan, outputs: node.outputs, nameOf });
  exportArtifacts(state, { plan, outputs: node.outputs, nameOf });
}

interface Export {
  readonly plan: TemplatePlan;
  readonly outputs: NodeOutputs;
  nameOf(globalName: string | undefined): string;
}

function exportParameters(state: RunState, { plan, outputs, nameOf }: Export): void {
  const context = contextOf(state);
  for (const output of plan.template.outputs?.parameters ?? []) {
    const name = nameOf(output.globalName);
    const value = outputs.parameters?.[output.name];
    if (name === '' || value === undefined) continue;
    state.outputs.parameters.set(name, value);
    context.globals.set(`workflow.outputs.parameters.${name}`, value);
    context.globalsVersion += 1;
  }
}

function exportArtifacts(state: RunState, { plan, outputs, nameOf }: Export): void {
  for (const output of plan.template.outputs?.artifacts ?? []) {
    const name = nameOf(output.globalName);
    const artifact = outputs.artifacts?.find((candidate) => candidate.name === output.name);
    if (name !== '' && artifact !== undefined) {
      state.outputs.artifacts.set(name, { ...artifact, name });
    }
  }
}
