import { unwrap } from '@argosy/base';
import { azureBodyBytes, traceparentOf } from '../azure-body.ts';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { dataText } from '../http/event-data.ts';
import { messageBody } from '../message-body.ts';
import { stableId } from '../stable-id.ts';
import type { AzureEventsHubSettings } from './settings.ts';

/** An event as the client library hands it over, as far as events have to do with it. */
export interface HubEvent {
  readonly body: unknown;
  readonly messageId?: unknown;
  readonly partitionKey?: string | null;
  readonly sequenceNumber: number;
  readonly enqueuedTimeUtc: Date;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The event for an event of a partition; its id is made of the number that it has there. */
export function eventsHubEvent(
  event: HubEvent,
  partitionId: string,
  scope: {
    readonly settings: Pick<AzureEventsHubSettings, 'hubName' | 'metadata'>;
    readonly context: Pick<DriverContext, 'namespace' | 'eventSource' | 'eventName'>;
  },
): EventToEmit {
  const { settings, context } = scope;
  const { body, messageId = '', partitionKey, sequenceNumber, enqueuedTimeUtc } = event;
  const parts = {
    id: JSON.stringify(String(messageId)),
    partitionKey: JSON.stringify(partitionKey ?? ''),
    // Bytes always, as Argo Events has it.
    body: unwrap(messageBody(azureBodyBytes(body), false)),
  };
  const traceparent = traceparentOf(event.properties);
  const number = `${sequenceNumber}@${enqueuedTimeUtc.getTime()}`;
  return {
    id: stableId(context, settings.hubName, partitionId, number),
    data: new TextEncoder().encode(dataText(parts, settings.metadata)),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
