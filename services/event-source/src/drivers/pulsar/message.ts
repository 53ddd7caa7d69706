import { ok, type Result } from '@argosy/base';
import type { PulsarMessage, ReceivedEntry } from '@argosy/pulsar';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { goTimeText } from '../go-time-text.ts';
import { dataText } from '../http/event-data.ts';
import { messageBody } from '../message-body.ts';
import { stableId } from '../stable-id.ts';
import type { PulsarSettings } from './settings.ts';

/**
 * The event of a message: its id is made of the topic and the message's place in it. The error is a
 * sentence.
 */
export function pulsarEvent(
  message: PulsarMessage,
  { topic, ledgerId, entryId }: Pick<ReceivedEntry, 'topic' | 'ledgerId' | 'entryId'>,
  scope: {
    readonly settings: Pick<PulsarSettings, 'jsonBody' | 'metadata'>;
    readonly context: Pick<DriverContext, 'namespace' | 'eventSource' | 'eventName'>;
  },
): Result<EventToEmit, string> {
  const { settings, context } = scope;
  const body = messageBody(message.payload, settings.jsonBody);
  if (!body.ok) return body;
  const parts = {
    key: JSON.stringify(message.key),
    publishTime: JSON.stringify(goTimeText(message.publishTimeMs)),
    body: body.value,
  };
  const { traceparent } = message.properties;
  return ok({
    id: stableId(context, topic, String(ledgerId), String(entryId), message.batchIndex),
    data: new TextEncoder().encode(dataText(parts, settings.metadata)),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}
