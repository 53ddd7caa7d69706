import { ok, type Result } from '@argosy/base';
import { dataText } from '../http/event-data.ts';
import { messageBody } from '../message-body.ts';
import type { MqttBroker } from './settings.ts';

export interface MqttMessage {
  readonly topic: string;
  /** Number of the packet; 0 when the broker does not wait for an acknowledgement; none for Emitter. */
  readonly messageId: number | undefined;
  readonly payload: Uint8Array;
}

/** The event's data as JSON text; the error says why the body is not what the settings promise. */
export function mqttEventData(
  message: MqttMessage,
  broker: Pick<MqttBroker, 'isJson' | 'metadata'>,
): Result<string, string> {
  const body = messageBody(message.payload, broker.isJson);
  if (!body.ok) return body;
  const { topic, messageId } = message;
  const parts = {
    topic: JSON.stringify(topic),
    ...(messageId === undefined ? {} : { messageId: String(messageId) }),
    body: body.value,
  };
  return ok(dataText(parts, broker.metadata));
}
