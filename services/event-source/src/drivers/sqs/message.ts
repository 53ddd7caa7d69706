import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { ok, type Result } from '@argosy/base';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { messageBody } from '../message-body.ts';
import { stableId } from '../stable-id.ts';
import type { SqsSettings } from './settings.ts';

/**
 * The event of a message: `messageId`, `messageAttributes`, `body`, `metadata`, as Argo Events has it. The
 * error, a sentence, says why the message can never be one.
 */
export function sqsEvent(
  message: Message,
  settings: Pick<SqsSettings, 'isJson' | 'metadata' | 'queue'>,
  context: DriverContext,
): Result<EventToEmit, string> {
  const { MessageId = '', MessageAttributes: attributes, Body = '' } = message;
  const body = messageBody(new TextEncoder().encode(Body), settings.isJson);
  if (!body.ok) return body;
  const data = dataText(
    {
      messageId: JSON.stringify(MessageId),
      messageAttributes: JSON.stringify(attributes === undefined ? null : goAttributes(attributes)),
      body: body.value,
    },
    settings.metadata,
  );
  const traceparent = attributes?.['traceparent']?.StringValue;
  return ok({
    data: new TextEncoder().encode(data),
    ...(MessageId === '' ? {} : { id: stableId(context, settings.queue, MessageId) }),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}

/** Attributes as Go writes the type of its AWS client: all fields, bytes in base64. */
function goAttributes(
  attributes: Readonly<Record<string, MessageAttributeValue>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(attributes).map(([name, value]) => [
    name,
    {
      BinaryListValues: null,
      BinaryValue:
        value.BinaryValue === undefined ? null : Buffer.from(value.BinaryValue).toString('base64'),
      DataType: value.DataType ?? null,
      StringListValues: null,
      StringValue: value.StringValue ?? null,
    },
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, unknown>>;
}
