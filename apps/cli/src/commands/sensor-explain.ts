import { existsSync } from 'node:fs';
import { ArgosyError } from '@argosy/base';
import {
  explainEvent,
  type EventExplanation,
  type ExplainRequest,
  type PendingEvent,
  type SensorDefinition,
  type SensorEvent,
} from '@argosy/core-events';
import { parseManifests, type Sensor } from '@argosy/model';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { explanationView } from '../view/explanation-view.ts';
import { formatObject, parseJsonBytes } from '../view/output.ts';
import { EXIT, withConnection, type CommandContext, type GlobalOptions } from './context.ts';
import { fetchOne } from './declared.ts';
import { readManifestTexts } from './files.ts';

export interface ExplainFlags extends GlobalOptions {
  readonly event: string;
  readonly dependency?: string;
  readonly output?: 'json' | 'yaml';
}

type Pending = NonNullable<ExplainRequest['pending']>;
type Given = Pick<ExplainRequest, 'event' | 'address'>;

/** `argosy sensor explain SENSOR --event FILE`; ends with 0 whatever is explained. */
export async function explainSensorCommand(
  context: CommandContext,
  name: string,
  options: ExplainFlags,
): Promise<number> {
  const [text] = await readManifestTexts(context, [options.event]);
  const { sensor, pending } = await readSensor(context, name, options);
  const { namespace = options.namespace ?? 'default', name: sensorName = '' } = sensor.metadata;
  const definition = {
    ...sensor.spec,
    dependencies: sensor.spec.dependencies ?? [],
    triggers: sensor.spec.triggers ?? [],
  } as unknown as SensorDefinition;
  checkDependency(definition, options.dependency);
  const explanation = explainEvent({
    sensor: { namespace, name: sensorName },
    definition,
    ...readEvent(text?.text ?? '', definition, options),
    dependency: options.dependency,
    pending,
    nowMs: Date.now(),
  });
  context.stdout.write(`${textOf(explanation, context, options)}\n`);
  return EXIT.ok;
}

function textOf(
  explanation: EventExplanation,
  context: CommandContext,
  { output }: ExplainFlags,
): string {
  if (output !== undefined) return formatObject(explanation, output);
  return explanationView(explanation, context.style);
}

/** A file if there is one of that name, else what is declared, with the events that wait there. */
async function readSensor(
  context: CommandContext,
  name: string,
  options: ExplainFlags,
): Promise<{ readonly sensor: Sensor; readonly pending: Pending }> {
  if (existsSync(name) || /[./]/.test(name)) {
    const [text] = await readManifestTexts(context, [name]);
    const { manifests } = parseManifests(text?.text ?? '', { file: name, strict: false });
    const sensor = manifests.map(({ manifest }) => manifest).find(({ kind }) => kind === 'Sensor');
    if (sensor === undefined) {
      throw new ArgosyError('INVALID_ARGUMENT', `there is no Sensor in ${name}`);
    }
    return { sensor: sensor as Sensor, pending: {} };
  }
  return withConnection(context, options, async (connection) => {
    const { namespace = '' } = options;
    const target = { namespace, name };
    const sensor = await fetchOne(connection, 'Sensor', target);
    const state = await connection.events.getSensorState(target);
    const pending: Record<string, Record<string, PendingEvent>> = {};
    for (const { trigger, dependency, eventJson, arrivedAt } of state.pending) {
      const event = parseJsonBytes<SensorEvent>(eventJson);
      const arrivedMs = arrivedAt === undefined ? 0 : timestampMs(arrivedAt);
      pending[trigger] = { ...pending[trigger], [dependency]: { event, arrivedMs } };
    }
    return { sensor, pending };
  });
}

/** A CloudEvent as JSON, also as `events tail -o json` prints it, or data alone. */
function readEvent(text: string, definition: SensorDefinition, options: ExplainFlags): Given {
  const parsed = parseJson(text, options.event);
  return isRecord(parsed) && typeof parsed['specversion'] === 'string'
    ? cloudEvent(parsed)
    : { event: eventAround(text, definition, options) };
}

function cloudEvent(given: Readonly<Record<string, unknown>>): Given {
  const attribute = (name: string): string => (typeof given[name] === 'string' ? given[name] : '');
  const { data, data_base64: base64, eventSource, eventName } = given;
  const dataText =
    typeof base64 === 'string'
      ? Buffer.from(base64, 'base64').toString('utf8')
      : JSON.stringify(data ?? {});
  const event = {
    id: attribute('id'),
    source: attribute('source'),
    type: attribute('type'),
    subject: attribute('subject'),
    time: attribute('time') || new Date().toISOString(),
    datacontenttype: attribute('datacontenttype') || 'application/json',
    dataText,
  };
  if (typeof eventSource !== 'string' || typeof eventName !== 'string') return { event };
  return { event, address: { eventSource, eventName } };
}

/** @throws ArgosyError INVALID_ARGUMENT when the sensor has no such dependency. */
function checkDependency({ dependencies }: SensorDefinition, wanted: string | undefined): void {
  if (wanted === undefined || dependencies.some(({ name }) => name === wanted)) return;
  const names = dependencies.map(({ name }) => name).join(', ');
  const message = `--dependency: there is no "${wanted}"; there are ${names}`;
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

/** Data alone comes from what its dependency waits for. */
function eventAround(
  dataText: string,
  { dependencies }: SensorDefinition,
  { dependency }: ExplainFlags,
): SensorEvent {
  const [only] = dependencies;
  const meant =
    dependency === undefined && dependencies.length === 1
      ? only
      : dependencies.find(({ name }) => name === dependency);
  if (meant === undefined) {
    const names = dependencies.map(({ name }) => name).join(', ');
    const message = `name with --dependency what data without attributes comes for; there are ${names}`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  return {
    id: 'explained',
    source: meant.eventSourceName,
    type: 'webhook',
    subject: meant.eventName,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    dataText,
  };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `${file} is not JSON: ${(cause as Error).message}`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
