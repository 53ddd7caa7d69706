import { createHash } from 'node:crypto';
import { ArgosyError } from '@argosy/base';
import type { ServiceContext } from '@argosy/shell';
import type { CheckpointStore, Driver, RunningDriver, SecretSelector } from './drivers/driver.ts';
import { createEmitter } from './emitter.ts';
import { compileEventFilter } from './event-filter.ts';
import type { EventMetrics } from './event-metrics.ts';
import type { WantedEvent } from './event-source-spec.ts';
import { onOneReplica } from './one-replica.ts';
import { unreadFields } from './unread-fields.ts';

/** One event of one event source, wanted on this replica. */
export interface EventIdentity {
  readonly namespace: string;
  readonly eventSource: string;
  readonly eventBus: string;
}

export interface RunningEvent {
  /** Changes when the event must be started anew. */
  readonly fingerprint: string;
  readonly driver: RunningDriver;
}

export interface EventStarter {
  readonly context: ServiceContext;
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly metrics: EventMetrics;
  readonly secret: (namespace: string, selector: SecretSelector) => string | undefined;
  readonly checkpoint: (identity: EventIdentity, eventName: string) => CheckpointStore;
}

/** What is wrong with a wanted event, as sentences that name the field. */
export function eventProblems(
  event: WantedEvent,
  drivers: ReadonlyMap<string, Driver>,
): readonly string[] {
  const driver = drivers.get(event.kind);
  if (driver === undefined) {
    const known = Array.from(drivers.keys()).join(', ');
    return [`spec.${event.kind}: there is no such event source here; there are: ${known}`];
  }
  const problems = [...driver.problems(event.settings)];
  if (event.filter !== undefined) {
    const filter = compileEventFilter(event.filter);
    if (!filter.ok) problems.push(`filter.expression: ${filter.error}`);
  }
  return problems.map((problem) => `spec.${event.kind}.${event.eventName}: ${problem}`);
}

/** The fields of an event without problems that its driver does not look at, as paths in the manifest. */
export function fieldsWithoutEffect(
  event: WantedEvent,
  drivers: ReadonlyMap<string, Driver>,
): readonly string[] {
  const driver = drivers.get(event.kind);
  const unread = unreadFields(event.settings, (settings) => driver?.problems(settings));
  // The filter's expression is for all drivers, and metadata is copied as it is.
  const isRead = (path: string): boolean =>
    path.startsWith('metadata.') ||
    (event.filter !== undefined && (path === 'filter' || path === 'filter.expression'));
  return unread
    .filter((path) => !isRead(path))
    .map((path) => `spec.${event.kind}.${event.eventName}.${path}`);
}

export function fingerprintOf(event: WantedEvent, identity: EventIdentity): string {
  return createHash('sha256')
    .update(JSON.stringify([event, identity.eventBus]))
    .digest('hex');
}

/**
 * Starts an event that has no problems.
 * @throws ArgosyError when it cannot be started now.
 */
export async function startEvent(
  starter: EventStarter,
  identity: EventIdentity,
  event: WantedEvent,
  healthChanged: () => void,
): Promise<RunningEvent> {
  const { context, metrics } = starter;
  const { namespace, eventSource } = identity;
  const driver = starter.drivers.get(event.kind);
  if (driver === undefined) throw new ArgosyError('INTERNAL', `no driver for ${event.kind}`);
  const filter = event.filter === undefined ? undefined : compileEventFilter(event.filter);
  if (filter?.ok === false) throw new ArgosyError('INVALID_ARGUMENT', filter.error);
  const logger = context.logger.child({ namespace, eventSource, eventName: event.eventName });
  const emit = createEmitter({
    address: { ...identity, eventName: event.eventName },
    kind: event.kind,
    filter: filter?.value,
    bus: context.bus,
    tracing: context.tracing,
    metrics,
    logger,
  });
  const start = (): Promise<RunningDriver> =>
    driver.start(event.settings, {
      namespace,
      eventSource,
      eventName: event.eventName,
      emit,
      refused: () =>
        metrics.processingFailed({
          namespace,
          eventsource_name: eventSource,
          event_name: event.eventName,
        }),
      checkpoint: starter.checkpoint(identity, event.eventName),
      secret: (selector) => starter.secret(namespace, selector),
      healthChanged,
      logger,
    });
  const leaseName = [namespace, eventSource, event.eventName];
  const { runsOn } = driver;
  const place = typeof runsOn === 'function' ? runsOn(event.settings) : runsOn;
  const running =
    place === 'EveryReplica'
      ? await start()
      : onOneReplica({ context, leaseName, start, healthChanged, logger });
  metrics.begin({
    namespace,
    eventsource_name: eventSource,
    event_name: event.eventName,
  });
  metrics.running(namespace, eventSource, 1);
  return {
    fingerprint: fingerprintOf(event, identity),
    driver: {
      health: () => running.health(),
      async stop(ending) {
        await running.stop(ending);
        metrics.running(namespace, eventSource, -1);
      },
    },
  };
}
