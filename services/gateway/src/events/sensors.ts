import { BUCKETS, sensorStateKey } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { SensorEvent, TriggerState } from '@argosy/core-events';
import type { Registry } from '../resources/registry.ts';
import { textOfBytes } from '../text.ts';

const DEFAULT_EVENT_BUS = 'default';

/** A declared Sensor, as far as its events are concerned. */
export interface DeclaredSensor {
  readonly name: string;
  readonly eventBus: string;
  readonly dependencies: readonly {
    readonly name: string;
    readonly eventSourceName: string;
    readonly eventName: string;
  }[];
  readonly triggers: readonly string[];
}

/** The Sensors of a namespace, by name. */
export function sensorsOf(registry: Registry, namespace: string): readonly DeclaredSensor[] {
  return registry.list('Sensor', namespace).map(({ manifest }) => sensorOf(manifest));
}

/** @throws ArgosyError NOT_FOUND */
export async function findSensor(
  registry: Registry,
  namespace: string,
  name: string,
): Promise<DeclaredSensor> {
  return sensorOf((await registry.get({ kind: 'Sensor', namespace, name })).manifest);
}

/** What was declared may lack anything: the sensor service tells that in its status. */
function sensorOf(manifest: { readonly metadata: { readonly name?: string } }): DeclaredSensor {
  const { spec = {} } = manifest as { readonly spec?: Readonly<Record<string, unknown>> };
  const bus = spec['eventBusName'];
  return {
    name: manifest.metadata.name ?? '',
    eventBus: typeof bus === 'string' && bus !== '' ? bus : DEFAULT_EVENT_BUS,
    dependencies: listOf(spec['dependencies']).map((dependency) => ({
      name: String(dependency['name']),
      eventSourceName: String(dependency['eventSourceName']),
      eventName: String(dependency['eventName']),
    })),
    triggers: listOf(spec['triggers']).map(({ template }) =>
      String((template as { readonly name?: unknown } | undefined)?.name),
    ),
  };
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((item) => typeof item === 'object' && item !== null) as Record<
    string,
    unknown
  >[];
}

export interface WaitingEvent {
  readonly trigger: string;
  readonly dependency: string;
  readonly eventId: string;
  readonly event: SensorEvent;
  readonly arrivedMs: number;
}

/**
 * What a sensor keeps between events.
 * @throws ArgosyError INTERNAL when what is stored cannot be read.
 */
export async function sensorState(
  bus: Bus,
  namespace: string,
  name: string,
): Promise<{ readonly pending: readonly WaitingEvent[]; readonly firingsOwed: number }> {
  const bucket = await bus.keyValue(BUCKETS.sensorState);
  const value = (await bucket.get(sensorStateKey(namespace, name)))?.value;
  if (value === undefined) return { pending: [], firingsOwed: 0 };
  const state = readState(textOfBytes(value), name);
  const pending = Object.entries(state.pending ?? {}).flatMap(([trigger, { pending: waiting }]) =>
    Object.entries(waiting ?? {}).map(([dependency, { event, arrivedMs }]) => ({
      trigger,
      dependency,
      eventId: event.id,
      event,
      arrivedMs,
    })),
  );
  return { pending, firingsOwed: state.owed?.length ?? 0 };
}

interface StoredState {
  readonly pending?: Readonly<Record<string, Partial<TriggerState>>>;
  readonly owed?: readonly unknown[];
}

function readState(text: string, name: string): StoredState {
  try {
    return JSON.parse(text) as StoredState;
  } catch (cause) {
    throw new ArgosyError('INTERNAL', `The state of the sensor ${name} is no JSON.`, { cause });
  }
}
