import { ok, type Result } from '@argosy/base';
import type { OutsideMessage } from '@argosy/bus';
import type { EventToEmit } from './driver.ts';
import { dataText } from './http/event-data.ts';
import { messageBody } from './message-body.ts';
import type { NatsBody } from './nats-connection.ts';

/** The event's data as JSON text; the error says why the body is not what the settings promise. */
export function natsEventData(message: OutsideMessage, body: NatsBody): Result<string, string> {
  const text = messageBody(message.data, body.isJson);
  if (!text.ok) return text;
  const { headers, subject } = message;
  const parts = {
    subject: JSON.stringify(subject),
    ...(headers === undefined ? {} : { header: JSON.stringify(headers) }),
    body: text.value,
  };
  return ok(dataText(parts, body.metadata));
}

/** The event of a message; a trace that came with it goes on. */
export function natsEvent(message: OutsideMessage, body: NatsBody): Result<EventToEmit, string> {
  const data = natsEventData(message, body);
  if (!data.ok) return data;
  const traceparent = message.headers?.['traceparent']?.[0];
  return ok({
    data: new TextEncoder().encode(data.value),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}
