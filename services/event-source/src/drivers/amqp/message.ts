import { createHash } from 'node:crypto';
import { ok, type Result } from '@argosy/base';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { goTimeText } from '../go-time-text.ts';
import { messageBody } from '../message-body.ts';
import { stableId } from '../stable-id.ts';
import type { AmqpSettings } from './settings.ts';

/** A message as the client library hands it over, as far as events have to do with it. */
export interface AmqpMessage {
  readonly content: Uint8Array;
  readonly fields: { readonly exchange?: string; readonly routingKey?: string };
  readonly properties: object;
}

/** Properties of text, by the name that they have in the event and at the library. */
const TEXTS = [
  'contentType',
  'contentEncoding',
  'correlationId',
  'replyTo',
  'expiration',
  'messageId',
  'type',
  'appId',
] as const;
const SECOND_MS = 1_000;

/**
 * The event of a message. Its id is stable when the publisher gave the message one; the body is part of it, as
 * some publishers number anew at each start. The error says why there can be no event.
 */
export function amqpEvent(
  message: AmqpMessage,
  settings: Pick<AmqpSettings, 'jsonBody' | 'metadata'>,
  context: Pick<DriverContext, 'namespace' | 'eventSource' | 'eventName'>,
): Result<EventToEmit, string> {
  const { content, fields } = message;
  const properties: Readonly<Record<string, unknown>> = { ...message.properties };
  const body = messageBody(content, settings.jsonBody);
  if (!body.ok) return body;
  const { exchange = '', routingKey = '' } = fields;
  const texts = Object.fromEntries(TEXTS.map((name) => [name, textOf(properties[name])]));
  const seconds = numberOf(properties['timestamp']);
  const values = {
    ...texts,
    deliveryMode: numberOf(properties['deliveryMode']) ?? 0,
    priority: numberOf(properties['priority']) ?? 0,
    timestamp: goTimeText(seconds === undefined ? undefined : seconds * SECOND_MS),
    exchange,
    routingKey,
  };
  const parts = Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]);
  const json = Object.fromEntries([...parts, ['body', body.value]]) as Record<string, string>;
  const messageId = texts['messageId'] ?? '';
  const digest = createHash('sha256').update(content).digest('hex');
  const { traceparent } = (properties['headers'] ?? {}) as { readonly traceparent?: unknown };
  return ok({
    data: new TextEncoder().encode(dataText(json, settings.metadata)),
    ...(messageId === '' ? {} : { id: stableId(context, exchange, routingKey, messageId, digest) }),
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
