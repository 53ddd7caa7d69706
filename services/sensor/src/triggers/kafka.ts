import { innermostReason } from '@argosy/base';
import type { Producer } from '@platformatic/kafka';
import { createIdleConnections } from './idle-connections.ts';
import { kafkaProblems, kafkaRecordOf, type KafkaConnectionSettings } from './kafka-settings.ts';
import type { TriggerKind } from './trigger.ts';

type TextProducer = Producer<string, string, string, string>;

/** Further attempts belong to the trigger's `retryStrategy`; the client looks for a moved leader once. */
const RETRIES = 1;
const RETRY_DELAY_MS = 300;
const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * Sends a JSON payload as a record to a topic. Done when the broker has answered that it has it. The
 * firing's id goes along as the header `idempotency-key`, the same at each attempt.
 */
export function createKafkaTrigger(): TriggerKind {
  const producers = createIdleConnections<TextProducer>(async (producer) => {
    await producer.close().catch(() => undefined);
  });
  return {
    kind: 'kafka',
    problems: kafkaProblems,
    async run(call, environment) {
      const record = kafkaRecordOf(call, environment.values);
      if (!record.ok) return { kind: 'Refused', reason: record.error };
      const { connection, headers, key, partition, topic, value } = record.value;
      const name = JSON.stringify(connection);
      try {
        const producer = await producers.use(name, () => openProducer(connection));
        const message = {
          topic,
          value,
          headers: { ...headers, traceparent: call.traceparent, 'idempotency-key': call.firingId },
          ...(key === undefined ? {} : { key }),
          ...(partition === undefined ? {} : { partition }),
        };
        await producer.send({ messages: [message], acks: connection.acks });
        return { kind: 'Done' };
      } catch (error) {
        await producers.drop(name);
        return { kind: 'Failed', reason: `${topic}: ${innermostReason(error)}` };
      }
    },
    close: () => producers.closeAll(),
  };
}

async function openProducer(connection: KafkaConnectionSettings): Promise<TextProducer> {
  const { acks, brokers, isCompressed, sasl, tls } = connection;
  const { Producer, stringSerializers } = await import('@platformatic/kafka');
  return new Producer({
    clientId: 'argosy-sensor',
    bootstrapBrokers: [...brokers],
    serializers: stringSerializers,
    acks,
    // Whether a missing topic is made is for the broker to say.
    autocreateTopics: true,
    retries: RETRIES,
    retryDelay: RETRY_DELAY_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    ...(isCompressed ? { compression: 'snappy' as const } : {}),
    ...(tls === undefined ? {} : { tls }),
    ...(sasl === undefined ? {} : { sasl }),
  });
}
