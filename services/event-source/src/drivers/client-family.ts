import { createAmqpDriver } from './amqp/driver.ts';
import { createAzureEventsHubDriver } from './azure-events-hub/driver.ts';
import { createAzureQueueStorageDriver } from './azure-queue-storage/driver.ts';
import { createAzureServiceBusDriver } from './azure-service-bus/driver.ts';
import { createCalendarDriver } from './calendar/driver.ts';
import type { Driver } from './driver.ts';
import { createEmitterDriver } from './emitter/driver.ts';
import { createFileDriver } from './file/driver.ts';
import { createGenericDriver } from './generic/driver.ts';
import { createHdfsDriver } from './hdfs/driver.ts';
import { createJetStreamDriver } from './jetstream/driver.ts';
import { createKafkaDriver } from './kafka/driver.ts';
import { createMinioDriver } from './minio/driver.ts';
import { createMnsDriver } from './mns/driver.ts';
import { createMqttDriver } from './mqtt/driver.ts';
import { createNatsDriver } from './nats-core/driver.ts';
import { createNsqDriver } from './nsq/driver.ts';
import { createPubSubDriver } from './pubsub/driver.ts';
import { createPulsarDriver } from './pulsar/driver.ts';
import { createRedisStreamDriver } from './redis-stream/driver.ts';
import { createRedisDriver } from './redis/driver.ts';
import { createSftpDriver } from './sftp/driver.ts';
import { createSqsDriver } from './sqs/driver.ts';
import { createSseDriver } from './sse/driver.ts';
import { createWebSocketDriver } from './websocket/driver.ts';

/** The drivers that go to where things happen by themselves: one line each, in the order of the alphabet. */
export function clientFamilyDrivers(): readonly Driver[] {
  return [
    createAmqpDriver(),
    createAzureEventsHubDriver(),
    createAzureQueueStorageDriver(),
    createAzureServiceBusDriver(),
    createCalendarDriver(),
    createEmitterDriver(),
    createFileDriver(),
    createGenericDriver(),
    createHdfsDriver(),
    createJetStreamDriver(),
    createKafkaDriver(),
    createMinioDriver(),
    createMnsDriver(),
    createMqttDriver(),
    createNatsDriver(),
    createNsqDriver(),
    createPubSubDriver(),
    createPulsarDriver(),
    createRedisStreamDriver(),
    createRedisDriver(),
    createSftpDriver(),
    createSqsDriver(),
    createSseDriver(),
    createWebSocketDriver(),
  ];
}
