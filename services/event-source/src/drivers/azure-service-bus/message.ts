import { ok, type Result } from '@argosy/base';
import { azureBodyBytes, traceparentOf } from '../azure-body.ts';
import { goRfc3339Text } from '../go-time-text.ts';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { messageBody } from '../message-body.ts';
import { stableId } from '../stable-id.ts';
import type { AzureServiceBusSettings } from './settings.ts';

/** A message as the client library hands it over, as far as events have to do with it. */
export interface ServiceBusMessage {
  readonly body: unknown;
  readonly applicationProperties?: Readonly<Record<string, unknown>>;
  readonly contentType?: string;
  readonly correlationId?: unknown;
  readonly enqueuedTimeUtc?: Date;
  readonly messageId?: unknown;
  readonly replyTo?: string;
  /** A whole number of 64 bits. */
  readonly sequenceNumber?: { toString(): string };
  readonly subject?: string;
}

/**
 * The event of a message. Its id is made of the number that the entity gave the message. The error says why
 * there can be no event.
 */
export function serviceBusEvent(
  message: ServiceBusMessage,
  settings: Pick<AzureServiceBusSettings, 'jsonBody' | 'metadata' | 'entity'>,
  context: Pick<DriverContext, 'namespace' | 'eventSource' | 'eventName'>,
): Result<EventToEmit, string> {
  const body = messageBody(azureBodyBytes(message.body), settings.jsonBody);
  if (!body.ok) return body;
  const { applicationProperties, enqueuedTimeUtc, sequenceNumber, messageId = '' } = message;
  const number = sequenceNumber?.toString();
  const enqueuedTime = enqueuedTimeUtc && goRfc3339Text(enqueuedTimeUtc.getTime());
  const parts = {
    applicationProperties: goMapText(applicationProperties),
    body: body.value,
    contentType: orNull(message.contentType),
    correlationID: orNull(message.correlationId),
    enqueuedTime: orNull(enqueuedTime),
    messageID: JSON.stringify(String(messageId)),
    replyTo: orNull(message.replyTo),
    sequenceNumber: number ?? 'null',
    subject: orNull(message.subject),
  };
  const traceparent = traceparentOf(applicationProperties);
  return ok({
    data: new TextEncoder().encode(dataText(parts, settings.metadata)),
    ...(number === undefined
      ? {}
      : { id: stableId(context, JSON.stringify(settings.entity), number, enqueuedTime ?? '') }),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}

function orNull(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** A map as Go writes it: bytes in base64, times in RFC 3339. */
function goMapText(map: Readonly<Record<string, unknown>> | undefined): string {
  if (map === undefined) return 'null';
  const entries = Object.entries(map).map(([name, value]) => [name, goValueOf(value)]);
  return JSON.stringify(Object.fromEntries(entries));
}

function goValueOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return goRfc3339Text(value.getTime());
  return value;
}
