import { createHash } from 'node:crypto';
import { ArgosyError } from '@argosy/base';
import { traceFields } from '@argosy/telemetry';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { headerValue, type HttpAnswer, type HttpRequest } from './endpoint.ts';

/** How long the bus may take to store an event before the sender is told that it failed. */
const STORE_TIMEOUT_MS = 10_000;

/** An event that a request makes. */
export interface NewEvent {
  /** JSON text of an object. */
  readonly data: string;
  /** The same for every delivery of the same thing; without it each request is a new event. */
  readonly deliveryKey?: string | undefined;
}

/** The same, or an event that is stored as it came. */
export type EventToStore = NewEvent | Pick<EventToEmit, 'id' | 'data' | 'attributes'>;

/** Stores the events of a request one by one; the answer is 200 only when all of them are stored. */
export async function storeEvents(
  events: readonly EventToStore[],
  request: HttpRequest,
  context: DriverContext,
): Promise<HttpAnswer> {
  const traceparent = headerValue(request.headers, 'traceparent');
  try {
    for (const event of events) {
      await context.emit(
        {
          ...(isNew(event) ? emittable(event, context) : event),
          ...(traceparent === undefined ? {} : { traceparent }),
        },
        AbortSignal.timeout(STORE_TIMEOUT_MS),
      );
    }
    return { status: 200, body: 'success' };
  } catch (error) {
    const { code, message } = ArgosyError.fromUnknown(error);
    const fields = { code, reason: message, ...traceFields(traceparent) };
    context.logger.warn(fields, 'an event was not stored');
    return { status: 500, body: 'failed to record event', isLogged: true };
  }
}

function isNew(event: EventToStore): event is NewEvent {
  return typeof event.data === 'string';
}

function emittable(event: NewEvent, context: DriverContext): EventToEmit {
  const id = eventId(event.deliveryKey, context);
  return { data: new TextEncoder().encode(event.data), ...(id === undefined ? {} : { id }) };
}

function eventId(deliveryKey: string | undefined, context: DriverContext): string | undefined {
  if (deliveryKey === undefined || deliveryKey === '') return undefined;
  const parts = [context.namespace, context.eventSource, context.eventName, deliveryKey];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
