export type { EventSourceConfig } from './config.ts';
export type {
  CheckpointStore,
  Driver,
  DriverContext,
  DriverHealth,
  EmitOutcome,
  EventToEmit,
  RunningDriver,
  SecretSelector,
} from './drivers/driver.ts';
export { amqpEvent } from './drivers/amqp/message.ts';
export { parseAmqpArguments, parseAmqpSettings } from './drivers/amqp/settings.ts';
export { HTTP_LIMITS, type HttpLimits } from './drivers/http/limits.ts';
export { wantsBitbucketServerHooks } from './drivers/bitbucketserver/settings.ts';
export { publicUrl } from './drivers/http/settings.ts';
export { isSnsCertificateUrl, snsTextToSign } from './drivers/sns/message.ts';
export { passesObjectKeyFilter } from './drivers/storagegrid/notification.ts';
export { clusterConfigOf, type ClusterConfig } from './drivers/resource/cluster/cluster-access.ts';
export { redisEventData } from './drivers/redis/message.ts';
export { parseRedisSettings } from './drivers/redis/settings.ts';
export { redisStreamEventData } from './drivers/redis-stream/entry.ts';
export { parseRedisStreamSettings } from './drivers/redis-stream/settings.ts';
export { natsEventData } from './drivers/nats-message.ts';
export { parseNatsSettings } from './drivers/nats-core/settings.ts';
export { genericEventData } from './drivers/generic/driver.ts';
export { parseGenericSettings } from './drivers/generic/settings.ts';
export { kafkaEvent } from './drivers/kafka/message.ts';
export { parseKafkaSettings } from './drivers/kafka/settings.ts';
export { startEventSource } from './service.ts';
