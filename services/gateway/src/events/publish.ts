import { randomUUID } from 'node:crypto';
import {
  cloudEventProblem,
  eventSubject,
  isReservedEventSource,
  type CloudEvent,
  type EventAddress,
} from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { Sender } from '../submission/commands.ts';

/** A CloudEvent whose attributes may be left to the gateway. */
export type PartialEvent = Partial<Omit<CloudEvent, 'data'>> & { readonly data: Uint8Array };

export interface PublishedEvent {
  readonly id: string;
  readonly sequence: number;
  /** The same source and id were stored before. */
  readonly duplicate: boolean;
}

const ADDRESS_LENGTH_MAX = 253;

/**
 * Stores an event where sensors look for it. Missing attributes: a new id, a source that names the
 * address, the event's name as type, now as time.
 * @throws ArgosyError INVALID_ARGUMENT; RESOURCE_EXHAUSTED when it is too large; UNAVAILABLE.
 */
export async function publishEvent(
  bus: Bus,
  address: EventAddress,
  options: { readonly event: PartialEvent; readonly sender: Sender },
): Promise<PublishedEvent> {
  checkAddress(address);
  const event = completed(options.event, address);
  const problem = cloudEventProblem(event);
  if (problem !== undefined)
    throw new ArgosyError('INVALID_ARGUMENT', `The event is not valid: ${problem}.`);
  const { traceparent } = options.sender;
  const message = {
    subject: eventSubject(address),
    event,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  const { sequence, duplicate } = await bus.publish(message);
  return { id: event.id, sequence, duplicate };
}

function checkAddress(address: EventAddress): void {
  for (const [part, value] of Object.entries(address)) {
    if (value !== '' && value.length <= ADDRESS_LENGTH_MAX) continue;
    const message = `The event's ${part} must have 1 to ${ADDRESS_LENGTH_MAX} characters.`;
    throw new ArgosyError('INVALID_ARGUMENT', message);
  }
  if (!isReservedEventSource(address.eventSource)) return;
  const message = `The event source "${address.eventSource}" cannot be: names do not begin with "_".`;
  throw new ArgosyError('INVALID_ARGUMENT', message);
}

function completed(event: PartialEvent, address: EventAddress): CloudEvent {
  return {
    ...event,
    id: event.id ?? randomUUID(),
    source: event.source ?? `/${address.namespace}/eventsource/${address.eventSource}`,
    type: event.type ?? address.eventName,
    subject: event.subject ?? address.eventName,
    time: event.time ?? new Date().toISOString(),
    datacontenttype: event.datacontenttype ?? 'application/json',
  };
}
