import { randomUUID } from 'node:crypto';
import { eventSubject, type EventAddress } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { Logger, Tracing } from '@argosy/telemetry';
import type { EmitOutcome, EventToEmit } from './drivers/driver.ts';
import type { EventMetrics } from './event-metrics.ts';
import type { EventFilter } from './event-filter.ts';

export interface EmitterOptions {
  readonly address: EventAddress;
  /** The event source kind: the type of the CloudEvents. */
  readonly kind: string;
  readonly filter: EventFilter | undefined;
  readonly bus: Bus;
  readonly tracing: Tracing;
  readonly metrics: EventMetrics;
  readonly logger: Logger;
}

/**
 * Makes CloudEvents as Argo Events does (source = event source, subject = event name, type = kind) and
 * stores them. A filter that is false or in error drops the event; the origin is told that all is well.
 */
export function createEmitter(
  options: EmitterOptions,
): (event: EventToEmit, signal?: AbortSignal) => Promise<EmitOutcome> {
  const { address, kind, filter, bus, tracing, metrics, logger } = options;
  const subject = eventSubject(address);
  const labels = {
    namespace: address.namespace,
    eventsource_name: address.eventSource,
    event_name: address.eventName,
  };
  return async function emit(event, signal) {
    const startedMs = performance.now();
    const verdict = filter?.(event.data);
    if (verdict !== undefined && verdict.kind !== 'Pass') {
      logger.debug({ reason: verdict.reason }, 'an event was dropped by its filter');
      return { kind: 'Filtered' };
    }
    const span = tracing.startSpan(`event ${address.eventSource}/${address.eventName}`, {
      parent: event.traceparent,
      attributes: { 'argosy.namespace': address.namespace, 'cloudevents.event_type': kind },
    });
    const id = event.id ?? randomUUID().replaceAll('-', '');
    span.setAttribute('cloudevents.event_id', id);
    try {
      const receipt = await bus.publish(
        {
          subject,
          traceparent: span.traceparent,
          event: {
            subject: address.eventName,
            time: new Date(event.timeMs ?? Date.now()).toISOString(),
            ...(event.attributes ?? {
              source: address.eventSource,
              type: kind,
              datacontenttype: 'application/json',
            }),
            id,
            data: event.data,
          },
        },
        {
          messageId: messageId(address, id, event.attributes?.source),
          ...(signal === undefined ? {} : { signal }),
        },
      );
      metrics.sent(labels);
      span.end();
      return { kind: 'Stored', duplicate: receipt.duplicate };
    } catch (error) {
      metrics.sentFailed(labels);
      span.end(error);
      throw error;
    } finally {
      metrics.processed(labels, performance.now() - startedMs);
    }
  };
}

/**
 * The source of two namespaces' events may have one name, so the namespace is part of the key; an event that has
 * a source of its own has its id within that.
 */
function messageId(address: EventAddress, id: string, ownSource?: string): string {
  const { namespace, eventBus, eventSource, eventName } = address;
  const own = ownSource === undefined ? [] : [ownSource];
  return [namespace, eventBus, eventSource, eventName, ...own, id].join('|');
}
