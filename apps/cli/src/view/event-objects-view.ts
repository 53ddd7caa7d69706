import type { EventSource, Sensor } from '@argosy/model';
import { humanDuration } from './duration.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

type Declared = EventSource | Sensor;

/** Fields of an EventSource's spec that are no kinds of sources. */
const NOT_KINDS = new Set(['eventBusName', 'replicas', 'service', 'template']);

interface StatusCondition {
  readonly type: string;
  readonly status: string;
  readonly message: string;
}

/** Columns of a list of EventSources after the name. */
export const eventSourceColumns = ['AGE', 'EVENTS', 'HEALTH'];
export const sensorColumns = ['AGE', 'DEPENDENCIES', 'TRIGGERS', 'HEALTH'];

export function eventSourceRow(source: EventSource, nowMs: number): readonly string[] {
  const events = eventsOf(source).map(({ kind, name }) => `${kind}/${name}`);
  return [ageOf(source, nowMs), events.join(','), healthOf(source).word];
}

export function sensorRow(sensor: Sensor, nowMs: number): readonly string[] {
  const { dependencies, triggers } = partsOf(sensor);
  return [
    ageOf(sensor, nowMs),
    dependencies.map(({ name }) => name).join(','),
    triggers.map(({ name }) => name).join(','),
    healthOf(sensor).word,
  ];
}

/** Everything `argosy event-source get` shows. */
export function eventSourceView(source: EventSource, style: Style): string {
  const events = eventsOf(source).map(({ kind, name }): Row => ['Event:', `${name} (${kind})`]);
  return view(source, events, style);
}

/** What `argosy sensor get` shows of the manifest. */
export function sensorView(sensor: Sensor, style: Style): string {
  const { dependencies, triggers } = partsOf(sensor);
  const rows: Row[] = [
    ...dependencies.map(({ name, event }): Row => ['Dependency:', `${name} (${event})`]),
    ...triggers.map(({ name, kind, when }): Row => ['Trigger:', `${name} (${kind}) on ${when}`]),
  ];
  return view(sensor, rows, style);
}

type Row = readonly [string, string | undefined];

function view(object: Declared, rows: readonly Row[], style: Style): string {
  const { metadata, spec } = object;
  const { word, isOk } = healthOf(object);
  const all: readonly Row[] = [
    ['Name:', style.bold(metadata.name ?? '')],
    ['Namespace:', metadata.namespace],
    ['Created:', metadata.creationTimestamp ?? undefined],
    ['EventBus:', spec.eventBusName || 'default'],
    ...rows,
    ['Health:', style.phase(isOk ? 'Succeeded' : 'Failed', word)],
    ...conditionsOf(object).map(({ type, status, message }): Row => [
      `${type}:`,
      message === '' ? status : `${status}: ${message}`,
    ]),
  ];
  return table(all.flatMap(([label, value]) => (value ? [[label, value]] : [])));
}

/** Of what the service that runs it has written into its status. */
function healthOf(object: Declared): { readonly word: string; readonly isOk: boolean } {
  const conditions = conditionsOf(object);
  if (conditions.length === 0) return { word: 'Unknown (no service has taken it up)', isOk: false };
  const wrong = conditions.filter(({ status }) => status !== 'True');
  if (wrong.length === 0) return { word: 'Healthy', isOk: true };
  return { word: `Trouble (${wrong.map(({ type }) => type).join(', ')})`, isOk: false };
}

function conditionsOf({ status }: Declared): readonly StatusCondition[] {
  const list: unknown = status?.['conditions'];
  return recordsOf(list).map((condition) => ({
    type: textOf(condition['type']),
    status: textOf(condition['status']),
    message: textOf(condition['message']),
  }));
}

function eventsOf({
  spec,
}: EventSource): readonly { readonly kind: string; readonly name: string }[] {
  return Object.entries(spec)
    .filter(([kind, events]) => !NOT_KINDS.has(kind) && typeof events === 'object')
    .flatMap(([kind, events]) => Object.keys(events ?? {}).map((name) => ({ kind, name })));
}

function partsOf({ spec }: Sensor) {
  const dependencies = recordsOf(spec.dependencies).map((dependency) => ({
    name: textOf(dependency['name']),
    event: `${textOf(dependency['eventSourceName'])}/${textOf(dependency['eventName'])}`,
  }));
  const all = dependencies.map(({ name }) => name).join(' && ');
  const triggers = recordsOf(spec.triggers).map((trigger) => {
    const template = recordsOf([trigger['template']])[0] ?? {};
    const { name, conditions, conditionsReset: _reset, ...rest } = template;
    const kind = Object.keys(rest).find((key) => typeof rest[key] === 'object') ?? '?';
    return { name: textOf(name), kind, when: textOf(conditions) || all };
  });
  return { dependencies, triggers };
}

function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((item) => typeof item === 'object' && item !== null) as Record<
    string,
    unknown
  >[];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function ageOf({ metadata }: Declared, nowMs: number): string {
  const createdMs = Date.parse(metadata.creationTimestamp ?? '');
  return Number.isNaN(createdMs) ? '' : humanDuration(nowMs - createdMs);
}
