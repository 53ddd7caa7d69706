import { BUCKETS, STREAMS, resourceKey } from '@argosy/api';
import { createMemoryBus, type Bus, type StoredMessage } from '@argosy/bus';
import type { RunningService, ServiceContext } from '@argosy/shell';
import { createLogger, createMetrics, createTracing, type Logger } from '@argosy/telemetry';
import type { EventSourceConfig } from '../config.ts';
import { HTTP_LIMITS } from '../drivers/http/limits.ts';
import { startEventSource } from '../service.ts';

/** An event-source service on a bus in memory, with what tests look at. */
export interface Harness extends AsyncDisposable {
  readonly bus: Bus;
  readonly context: ServiceContext;
  readonly service: RunningService;
  apply(kind: string, name: string, body: object): Promise<void>;
  remove(kind: string, name: string): Promise<void>;
  /** The message of a condition of an EventSource's status. */
  condition(name: string, type: string): Promise<string | undefined>;
  events(subject?: string): Promise<readonly StoredMessage[]>;
}

export async function startHarness(
  changes: {
    readonly bus?: Bus;
    readonly replicaId?: string;
    readonly config?: Partial<EventSourceConfig>;
    readonly logger?: Logger;
  } = {},
): Promise<Harness> {
  const bus = changes.bus ?? createMemoryBus();
  const context: ServiceContext = {
    bus,
    logger: changes.logger ?? createLogger({ name: 'event-source', level: 'silent' }),
    metrics: createMetrics(),
    tracing: createTracing({ serviceName: 'event-source' }),
    replicaId: changes.replicaId ?? 'replica-1',
    advertiseHost: '127.0.0.1',
  };
  const service = await startEventSource(context, {
    rpcHost: '127.0.0.1',
    rpcPort: 0,
    webhookHost: '127.0.0.1',
    httpLimits: { ...HTTP_LIMITS, requestTimeoutMs: 300, timeoutCheckMs: 50 },
    ...changes.config,
  });
  const resources = await bus.keyValue(BUCKETS.resources);
  return {
    bus,
    context,
    service,
    async apply(kind, name, body) {
      const manifest = { kind, metadata: { name, namespace: 'default' }, ...body };
      const value = new TextEncoder().encode(JSON.stringify(manifest));
      await resources.put(resourceKey(kind, 'default', name), value);
    },
    remove: (kind, name) => resources.delete(resourceKey(kind, 'default', name)),
    async condition(name, type) {
      const entry = await resources.get(resourceKey('EventSource', 'default', name));
      const manifest = JSON.parse(new TextDecoder().decode(entry?.value)) as {
        status?: { conditions?: { type: string; message: string }[] };
      };
      return manifest.status?.conditions?.find((found) => found.type === type)?.message;
    },
    async events(subject = 'events.>') {
      const found: StoredMessage[] = [];
      for await (const message of bus.read(STREAMS.events, subject)) found.push(message);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await service.stop(1_000);
      if (changes.bus === undefined) await bus[Symbol.asyncDispose]();
    },
  };
}

export function dataOf(message: StoredMessage | undefined): Record<string, unknown> {
  if (message === undefined) throw new Error('there is no such event');
  return JSON.parse(new TextDecoder().decode(message.event.data)) as Record<string, unknown>;
}
