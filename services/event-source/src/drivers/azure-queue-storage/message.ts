import { err, ok, timeText, type Result } from '@argosy/base';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { messageBody } from '../message-body.ts';
import { stableId } from '../stable-id.ts';
import type { AzureQueueStorageSettings } from './settings.ts';

/** A message as the client library hands it over, as far as events have to do with it. */
export interface AzureQueueMessage {
  readonly messageId: string;
  readonly insertedOn: Date;
  readonly messageText: string;
}

/** The event of a message; its id is stable. The error says why there can be no event. */
export function azureQueueEvent(
  message: AzureQueueMessage,
  settings: AzureQueueStorageSettings,
  context: Pick<DriverContext, 'namespace' | 'eventSource' | 'eventName'>,
): Result<EventToEmit, string> {
  const { messageId, insertedOn, messageText } = message;
  const { decodesBase64, jsonBody, metadata, queueName } = settings;
  const bytes = decodesBase64 ? base64Bytes(messageText) : Buffer.from(messageText);
  if (bytes === undefined) return err('decodeMessage is set and the message is not base64');
  const body = messageBody(bytes, jsonBody);
  if (!body.ok) return body;
  const parts = {
    body: body.value,
    messageID: JSON.stringify(messageId),
    insertionTime: JSON.stringify(timeText(insertedOn.getTime())),
  };
  return ok({
    id: stableId(context, queueName, messageId),
    data: new TextEncoder().encode(dataText(parts, metadata)),
  });
}

/** Both alphabets, with padding, as Argo Events takes them. */
function base64Bytes(text: string): Uint8Array | undefined {
  const packed = text.replace(/[\r\n]/g, '');
  const isBase64 =
    /^([A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/.test(packed) && packed.length % 4 === 0;
  return isBase64 ? Buffer.from(packed, 'base64') : undefined;
}
