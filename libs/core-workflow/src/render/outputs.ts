import type { Outputs } from '@argosy/model';
import type { TemplatePlan } from '../plan/template.ts';
import type { NodeRecord } from '../state.ts';

/** A node's outputs as Argo writes them, the declared ones in the order of the template. */
export function renderOutputs(
  node: NodeRecord,
  plan: TemplatePlan | undefined,
): Outputs | undefined {
  const { outputs } = node;
  if (outputs === undefined) return undefined;
  const declared = plan?.template.outputs?.parameters ?? [];
  const names = Object.keys(outputs.parameters ?? {});
  const order = [
    ...declared.map((parameter) => parameter.name).filter((name) => names.includes(name)),
    ...names.filter((name) => !declared.some((parameter) => parameter.name === name)),
  ];
  const parameters = order.map((name) => ({
    ...(declared.find((parameter) => parameter.name === name) ?? { name }),
    value: outputs.parameters?.[name] ?? '',
  }));
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(outputs.artifacts === undefined ? {} : { artifacts: outputs.artifacts }),
    ...(outputs.result === undefined ? {} : { result: outputs.result }),
    ...(outputs.exitCode === undefined ? {} : { exitCode: outputs.exitCode }),
  };
}
