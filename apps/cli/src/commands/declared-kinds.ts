import type { ClusterWorkflowTemplate, WorkflowTemplate } from '@argosy/model';
import { cronColumns, cronRow, cronView } from '../view/cron-view.ts';
import { table } from '../view/table.ts';
import { ageOf, type DeclaredCommands } from './declared.ts';

/** `argosy cron …` */
export const CRON_COMMANDS: DeclaredCommands<'CronWorkflow'> = {
  kind: 'CronWorkflow',
  noun: 'cron workflow',
  isCluster: false,
  columns: cronColumns,
  row: cronRow,
  view: (cron, { style }) => cronView(cron, { nowMs: Date.now(), style }),
};

type Template = WorkflowTemplate | ClusterWorkflowTemplate;

const templateRow = (template: Template, nowMs: number): readonly string[] => [
  ageOf(template, nowMs),
  template.spec.entrypoint ?? '',
  (template.spec.templates ?? []).map(({ name }) => name).join(','),
];

function templateView(template: Template): string {
  const { metadata, spec } = template;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Name:', metadata.name],
    ['Namespace:', metadata.namespace],
    ['Created:', metadata.creationTimestamp],
    ['Entrypoint:', spec.entrypoint],
    ['Templates:', (spec.templates ?? []).map(({ name }) => name).join(', ')],
    ['Parameters:', (spec.arguments?.parameters ?? []).map(({ name }) => name).join(', ')],
  ];
  return table(rows.flatMap(([label, value]) => (value ? [[label, value]] : [])));
}

const TEMPLATE_COLUMNS = ['AGE', 'ENTRYPOINT', 'TEMPLATES'];

/** `argosy template …` */
export const TEMPLATE_COMMANDS: DeclaredCommands<'WorkflowTemplate'> = {
  kind: 'WorkflowTemplate',
  noun: 'workflow template',
  isCluster: false,
  columns: TEMPLATE_COLUMNS,
  row: templateRow,
  view: templateView,
};

/** `argosy cluster-template …` */
export const CLUSTER_TEMPLATE_COMMANDS: DeclaredCommands<'ClusterWorkflowTemplate'> = {
  kind: 'ClusterWorkflowTemplate',
  noun: 'cluster workflow template',
  isCluster: true,
  columns: TEMPLATE_COLUMNS,
  row: templateRow,
  view: templateView,
};
