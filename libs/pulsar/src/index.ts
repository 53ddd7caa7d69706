export { createPulsarClient, type PulsarClient } from './client.ts';
export type { PulsarAccess, PulsarTls } from './connection.ts';
export {
  subscribe,
  type PulsarConsumer,
  type ReceivedEntry,
  type SubscribeOptions,
} from './consumer.ts';
export type { PulsarMessage } from './messages.ts';
export { createProducer, type PulsarProducer, type StoredAt } from './producer.ts';
export { parseServiceUrl, type BrokerAddress } from './service-url.ts';
export { topicName } from './topic-name.ts';
