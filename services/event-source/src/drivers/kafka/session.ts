import { innermostReason } from '@argosy/base';
import type { DriverContext } from '../driver.ts';
import { refuseMessage, storePatiently } from '../patient-store.ts';
import type { Trouble } from '../trouble.ts';
import { closeConsumer, kafkaClientOptions } from './connection.ts';
import type { KafkaConsumer, KafkaConsumerOptions } from './connection.ts';
import { kafkaEvent, type KafkaRecord } from './message.ts';
import type { Pacer } from './pacer.ts';
import type { KafkaSettings } from './settings.ts';

/** What one event of `spec.kafka` is made of while it runs. */
export interface KafkaSource {
  readonly settings: KafkaSettings;
  readonly context: DriverContext;
  readonly trouble: Trouble;
  readonly pacer: Pacer;
  /** How often the topic is looked at for new partitions. */
  readonly partitionsCheckMs: number;
}

/** The clients of one connection, and how it is told that they work no more. */
export interface KafkaSession {
  /** @param changes what this client has besides the settings' brokers and credentials */
  client(changes?: Partial<KafkaConsumerOptions>): KafkaConsumer;
  readonly lost: Promise<string>;
  /** Something failed that only another connection can put right; the first reason counts. */
  lose(error: unknown): void;
  /** Closes all clients. */
  close(): Promise<void>;
}

/** @throws ArgosyError when a secret is missing */
export async function openSession({ settings, context }: KafkaSource): Promise<KafkaSession> {
  const { Consumer } = await import('@platformatic/kafka');
  const options = kafkaClientOptions(settings, context);
  const lost = Promise.withResolvers<string>();
  const clients: KafkaConsumer[] = [];
  const lose = (error: unknown): void => lost.resolve(innermostReason(error));
  return {
    client(changes = {}) {
      const client: KafkaConsumer = new Consumer({ ...options, ...changes });
      // The client goes on by itself where it can; without a listener this would end the process.
      client.on('error', lose);
      client.topics.track(settings.topic);
      clients.push(client);
      return client;
    },
    lost: lost.promise,
    lose,
    async close() {
      await Promise.all(clients.map(closeConsumer));
    },
  };
}

/**
 * Stores the event of one record, however long the bus is away. A record that can never be an event is
 * refused and counts as taken. @returns false when the signal came first
 */
export async function takeRecord(
  source: KafkaSource,
  record: KafkaRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const { settings, context, trouble, pacer } = source;
  const event = kafkaEvent(record, settings, context);
  if (!event.ok) {
    const place = `${record.topic}, partition ${record.partition}, offset ${record.offset}`;
    refuseMessage(context, `${event.error} (${place})`);
    return true;
  }
  if (!(await pacer.turn(signal))) return false;
  const outcome = await storePatiently(event.value, { context, trouble, signal });
  return outcome.kind !== 'Stopped';
}

/** One line when records were deleted before they were read. */
export function tellSkipped(source: KafkaSource) {
  return (partition: number, from: bigint, to: bigint): void => {
    const { eventName, logger } = source.context;
    const fields = { eventName, partition, from: String(from), to: String(to) };
    logger.warn(fields, 'the topic has no such offset any more; reading goes on with its oldest');
  };
}
