import { ok, type Result } from '@argosy/base';
import type { DriverContext, EventToEmit } from '../driver.ts';
import { goTimeText } from '../go-time-text.ts';
import { dataText } from '../http/event-data.ts';
import { messageBody } from '../message-body.ts';
import type { KafkaSettings } from './settings.ts';

/** One record of a topic. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Uint8Array | undefined;
  /** Absent in a record that deletes its key. */
  readonly value: Uint8Array | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** When it was made or appended, as the topic is set up; Unix milliseconds. */
  readonly timestampMs: number;
}

/** What of the settings shapes an event. */
export type KafkaEventSettings = Pick<KafkaSettings, 'brokers' | 'jsonBody' | 'metadata'>;

/**
 * The event of a record, with the id that Argo Events gives it: event source, event, first broker, topic,
 * partition, offset. The error is a sentence.
 */
export function kafkaEvent(
  record: KafkaRecord,
  settings: KafkaEventSettings,
  { eventSource, eventName }: Pick<DriverContext, 'eventSource' | 'eventName'>,
): Result<EventToEmit, string> {
  const { topic, partition, offset, key, value } = record;
  const body = value === undefined ? ok('null') : messageBody(value, settings.jsonBody);
  if (!body.ok) return body;
  const headers = Object.fromEntries(record.headers);
  const parts = {
    topic: JSON.stringify(topic),
    key: JSON.stringify(key === undefined ? '' : new TextDecoder().decode(key)),
    partition: String(partition),
    timestamp: JSON.stringify(goTimeText(record.timestampMs)),
    headers: JSON.stringify(headers),
    body: body.value,
  };
  const { traceparent } = headers;
  return ok({
    id: [eventSource, eventName, settings.brokers[0], topic, partition, offset].join(':'),
    data: new TextEncoder().encode(dataText(parts, settings.metadata)),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}
