import {
  BUCKETS,
  STREAMS,
  decodeCommand,
  eventSubject,
  resourceKey,
  type RunCommand,
} from '@argosy/api';
import { createMemoryBus, type Bus, type StoredMessage } from '@argosy/bus';
import type { RunningService, ServiceContext } from '@argosy/shell';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import { startSensor } from '../service.ts';

export const PARTITIONS = 4;

/** A sensor service on a bus in memory, with what tests look at. */
export interface Harness extends AsyncDisposable {
  readonly bus: Bus;
  readonly context: ServiceContext;
  readonly service: RunningService;
  /** Log lines as objects. */
  readonly logs: readonly Record<string, unknown>[];
  apply(kind: string, name: string, body: object): Promise<void>;
  /** The message of a condition of a Sensor's status; undefined while there is none. */
  condition(name: string, type: string): Promise<string | undefined>;
  send(event: SentEvent): Promise<void>;
}

export interface SentEvent {
  readonly eventSource: string;
  readonly eventName: string;
  readonly id: string;
  readonly data?: unknown;
  readonly traceparent?: string;
}

export interface Submitted {
  readonly message: StoredMessage;
  readonly uid: string;
  readonly name: string;
  readonly workflow: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: Readonly<Record<string, unknown>>;
  };
}

export async function startHarness(bus: Bus = createMemoryBus()): Promise<Harness> {
  const logs: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => void logs.push(JSON.parse(line) as Record<string, unknown>),
  };
  const context: ServiceContext = {
    bus,
    logger: createLogger({ name: 'sensor', level: 'debug', pretty: false, destination }),
    metrics: createMetrics(),
    tracing: createTracing({ serviceName: 'sensor' }),
    replicaId: 'replica-1',
    advertiseHost: '127.0.0.1',
  };
  const service = await startSensor(context, {
    rpcHost: '127.0.0.1',
    rpcPort: 0,
    partitions: PARTITIONS,
  });
  return {
    bus,
    context,
    service,
    logs,
    apply: (kind, name, body) => applyTo(bus, kind, name, body),
    async condition(name, type) {
      const resources = await bus.keyValue(BUCKETS.resources);
      const entry = await resources.get(resourceKey('Sensor', 'default', name));
      const manifest = JSON.parse(new TextDecoder().decode(entry?.value)) as {
        status?: { conditions?: { type: string; message: string }[] };
      };
      return manifest.status?.conditions?.find((found) => found.type === type)?.message;
    },
    send: (event) => sendTo(bus, event),
    [Symbol.asyncDispose]: () => service.stop(200),
  };
}

export async function applyTo(bus: Bus, kind: string, name: string, body: object): Promise<void> {
  const resources = await bus.keyValue(BUCKETS.resources);
  const manifest = { kind, metadata: { name, namespace: 'default' }, ...body };
  const value = new TextEncoder().encode(JSON.stringify(manifest));
  await resources.put(resourceKey(kind, 'default', name), value);
}

export async function sendTo(bus: Bus, sent: SentEvent): Promise<void> {
  const { eventSource, eventName, id, data, traceparent } = sent;
  const subject = eventSubject({
    namespace: 'default',
    eventBus: 'default',
    eventSource,
    eventName,
  });
  await bus.publish({
    subject,
    ...(traceparent === undefined ? {} : { traceparent }),
    event: {
      id,
      source: eventSource,
      type: 'webhook',
      subject: eventName,
      time: '2026-03-02T10:00:00Z',
      datacontenttype: 'application/json',
      data: new TextEncoder().encode(JSON.stringify(data ?? {})),
    },
  });
}

/** All submit commands on the bus, in their order. */
export async function submittedOn(bus: Bus): Promise<readonly Submitted[]> {
  const found: Submitted[] = [];
  for (const { message, command } of await commandsOn(bus)) {
    if (command?.kind !== 'Submit') continue;
    const { uid, name, workflowJson } = command.submit;
    found.push({ message, uid, name, workflow: JSON.parse(workflowJson) as Submitted['workflow'] });
  }
  return found;
}

export async function commandsOn(
  bus: Bus,
): Promise<
  readonly { readonly message: StoredMessage; readonly command: RunCommand | undefined }[]
> {
  const found = [];
  for await (const message of bus.read(STREAMS.commands, 'cmd.>')) {
    found.push({ message, command: decodeCommand(message.event.data) });
  }
  return found;
}

/** A Sensor on webhook events of the event source `shop`, one dependency per event name. */
export function sensorOf(eventNames: readonly string[], ...triggers: readonly object[]): object {
  const dependencies = eventNames.map((name) => ({
    name,
    eventSourceName: 'shop',
    eventName: name,
  }));
  return { spec: { dependencies, triggers } };
}

/** A trigger that submits a workflow whose parameter `order` is taken from the body's `id`. */
export function submitTrigger(changes: object = {}, metadata: object = {}): object {
  return {
    template: {
      name: 'run',
      argoWorkflow: {
        operation: 'submit',
        source: {
          resource: {
            apiVersion: 'argoproj.io/v1alpha1',
            kind: 'Workflow',
            metadata: { generateName: 'order-', ...metadata },
            spec: {
              workflowTemplateRef: { name: 'order-pipeline' },
              arguments: { parameters: [{ name: 'order', value: 'none' }] },
            },
          },
        },
        parameters: [
          {
            src: { dependencyName: 'orders', dataKey: 'body.id', value: 'none' },
            dest: 'spec.arguments.parameters.0.value',
          },
        ],
      },
      ...changes,
    },
  };
}
