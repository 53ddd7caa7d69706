import type { Workflow } from '@argosy/model';
import { elapsed } from './duration.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { workflowTree } from './tree.ts';

/** Everything `argosy get` shows of a run: facts, parameters, outputs, the tree. */
export function workflowView(
  workflow: Workflow,
  options: { readonly nowMs: number; readonly style: Style },
): string {
  const { style, nowMs } = options;
  const { metadata, status, spec } = workflow;
  const phase = status?.phase === undefined || status.phase === '' ? 'Pending' : status.phase;
  const facts = [
    ['Name:', style.bold(metadata.name ?? '')],
    ['Namespace:', metadata.namespace ?? ''],
    ['Status:', style.phase(phase, phase)],
    ['Message:', status?.message ?? ''],
    ['Started:', status?.startedAt ?? ''],
    ['Duration:', elapsed(status?.startedAt, status?.finishedAt, nowMs)],
    ['Progress:', status?.progress ?? ''],
  ].filter(([, value]) => value !== '');
  const parts = [table(facts)];
  const parameters = (spec.arguments?.parameters ?? []).map((parameter) => [
    `  ${parameter.name}:`,
    oneLine(parameter.value ?? ''),
  ]);
  if (parameters.length > 0) parts.push(`Parameters:\n${table(parameters)}`);
  const outputs = (status?.outputs?.parameters ?? []).map((parameter) => [
    `  ${parameter.name}:`,
    oneLine(parameter.value ?? ''),
  ]);
  if (outputs.length > 0) parts.push(`Outputs:\n${table(outputs)}`);
  const tree = workflowTree(workflow, options);
  if (tree !== '') parts.push(`\n${tree}`);
  return parts.join('\n');
}

/** Longest value printed in a list of parameters, in characters. */
const VALUE_LENGTH_MAX = 200;

function oneLine(value: unknown): string {
  const text = String(value).replaceAll('\n', '⏎');
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text;
}
