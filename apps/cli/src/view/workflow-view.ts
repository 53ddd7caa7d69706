import type { Parameter, Workflow } from '@argosy/model';
import { elapsed } from './duration.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { workflowTree } from './tree.ts';

/** How a run is shown. */
export interface ViewOptions {
  readonly nowMs: number;
  readonly style: Style;
  /** Also the ids of nodes. */
  readonly wide?: boolean;
  /** Of a view of the past: which moment it shows. */
  readonly then?: string | undefined;
}

/** Everything `argosy get` shows of a run: facts, parameters, outputs, the tree. */
export function workflowView(workflow: Workflow, options: ViewOptions): string {
  const { status, spec } = workflow;
  const parts = [
    table(facts(workflow, options)),
    section('Parameters', spec.arguments?.parameters),
    section('Outputs', status?.outputs?.parameters),
  ];
  const tree = workflowTree(workflow, options);
  if (tree !== '') parts.push(`\n${tree}`);
  return parts.filter((part) => part !== '').join('\n');
}

function facts(
  workflow: Workflow,
  { style, nowMs, then }: ViewOptions,
): readonly (readonly string[])[] {
  const { metadata, status = {} } = workflow;
  const phase = status.phase || 'Pending';
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    ['Name:', style.bold(metadata.name ?? '')],
    ['Namespace:', metadata.namespace],
    ['Shown:', then],
    ['Status:', style.phase(phase, phase)],
    ['Message:', status.message],
    ['Started:', status.startedAt],
    ['Duration:', elapsed(status.startedAt, status.finishedAt, nowMs)],
    ['Progress:', status.progress],
  ];
  return rows.flatMap(([label, value]) => (value ? [[label, value]] : []));
}

function section(title: string, parameters: readonly Parameter[] | undefined): string {
  if (parameters === undefined || parameters.length === 0) return '';
  const rows = parameters.map(({ name, value }) => [`  ${name}:`, oneLine(value ?? '')]);
  return `${title}:\n${table(rows)}`;
}

/** Longest value printed in a list of parameters, in characters. */
const VALUE_LENGTH_MAX = 200;

function oneLine(value: unknown): string {
  const text = String(value).replaceAll('\n', '⏎');
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text;
}
