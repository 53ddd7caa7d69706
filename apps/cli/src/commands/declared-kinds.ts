import type { ClusterWorkflowTemplate, Sensor, WorkflowTemplate } from '@argosy/model';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import {
  eventSourceColumns,
  eventSourceRow,
  eventSourceView,
  sensorColumns,
  sensorRow,
  sensorView,
} from '../view/event-objects-view.ts';
import { cronColumns, cronRow, cronView } from '../view/cron-view.ts';
import { table } from '../view/table.ts';
import type { Connection } from '../client/connection.ts';
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

/** `argosy event-source …` */
export const EVENT_SOURCE_COMMANDS: DeclaredCommands<'EventSource'> = {
  kind: 'EventSource',
  noun: 'event source',
  isCluster: false,
  columns: eventSourceColumns,
  row: eventSourceRow,
  view: (source, { style }) => eventSourceView(source, style),
};

/** `argosy sensor …` */
export const SENSOR_COMMANDS: DeclaredCommands<'Sensor'> = {
  kind: 'Sensor',
  noun: 'sensor',
  isCluster: false,
  columns: sensorColumns,
  row: sensorRow,
  view: (sensor, { style }) => sensorView(sensor, style),
  more: sensorStateText,
};

/** What the sensor keeps between events. */
async function sensorStateText(sensor: Sensor, { events }: Connection): Promise<string> {
  const { namespace = '', name = '' } = sensor.metadata;
  const { pending, firingsOwed } = await events.getSensorState({ namespace, name });
  const rows = pending.map(({ trigger, dependency, eventId, arrivedAt }) => {
    const since = arrivedAt === undefined ? '' : timestampDate(arrivedAt).toISOString();
    return ['Pending:', `${trigger} has ${dependency} since ${since} (event ${eventId})`];
  });
  if (firingsOwed > 0) rows.push(['Firings at work:', String(firingsOwed)]);
  return rows.length === 0 ? '' : `\n${table(rows)}`;
}
