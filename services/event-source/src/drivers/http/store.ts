import { createHash } from 'node:crypto';
import { ArgosyError } from '@argosy/base';
import { traceFields } from '@argosy/telemetry';
import type { DriverContext } from '../driver.ts';
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

/** Stores the events of a request one by one; the answer is 200 only when all of them are stored. */
export async function storeEvents(
  events: readonly NewEvent[],
  request: HttpRequest,
  context: DriverContext,
): Promise<HttpAnswer> {
  const traceparent = headerValue(request.headers, 'traceparent');
  try {
    for (const event of events) {
      const id = eventId(event.deliveryKey, context);
      await context.emit(
        {
          data: new TextEncoder().encode(event.data),
          ...(id === undefined ? {} : { id }),
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

function eventId(deliveryKey: string | undefined, context: DriverContext): string | undefined {
  if (deliveryKey === undefined || deliveryKey === '') return undefined;
  const parts = [context.namespace, context.eventSource, context.eventName, deliveryKey];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
