import { ok, type Result } from '@argosy/base';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { goTimeText } from '../go-time-text.ts';
import { dataText } from '../http/event-data.ts';
import { messageBody } from '../message-body.ts';
import { stableId } from '../stable-id.ts';
import type { PubSubSettings } from './settings.ts';

/** What is read of a message of Pub/Sub. */
export interface PubSubMessage {
  readonly id: string;
  readonly data: Uint8Array;
  readonly attributes: Readonly<Record<string, string>>;
  readonly publishTime: Date;
}

/** The event of a message: `id`, `body`, `attributes`, `publishTime`, as Argo Events has it. */
export function pubSubEvent(
  message: PubSubMessage,
  settings: Pick<PubSubSettings, 'isJson' | 'metadata' | 'topic' | 'subscriptionId'>,
  context: DriverContext,
): Result<EventToEmit, string> {
  const { id, data, attributes, publishTime } = message;
  const body = messageBody(data, settings.isJson);
  if (!body.ok) return body;
  const text = dataText(
    {
      id: JSON.stringify(id),
      body: body.value,
      attributes: JSON.stringify(attributes),
      publishTime: JSON.stringify(goTimeText(publishTime.getTime())),
    },
    settings.metadata,
  );
  // Google's clients put the trace there.
  const traceparent = attributes['googclient_traceparent'] ?? attributes['traceparent'];
  return ok({
    data: new TextEncoder().encode(text),
    id: stableId(context, settings.topic, settings.subscriptionId, id),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}
