export { eventually, type EventuallyOptions } from './eventually.ts';
export { fakeClock, type FakeClock } from './fake-clock.ts';
export { freePort } from './free-port.ts';
export { temporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';
export { testCertificate, type TestCertificate } from './test-certificate.ts';
export {
  startServerProcess,
  tellSkipped,
  versionOf,
  type ServerProcess,
  type ServerProcessOptions,
} from './server-process.ts';
export { motoVersion, startTestMoto, type TestMoto } from './test-moto.ts';
export { natsServerProgram, startTestNats, type TestNats } from './test-nats.ts';
export { serverFolder } from './server-folder.ts';
export {
  startTestKafka,
  TEST_KAFKA_NAME,
  testKafkaJars,
  type TestKafka,
  type TestKafkaOptions,
} from './test-kafka.ts';
export {
  startTestPulsar,
  TEST_PULSAR_NAME,
  testPulsarJars,
  type TestPulsar,
} from './test-pulsar.ts';
export { startTestAzureMessaging, type TestAzureMessaging } from './azure/test-azure-messaging.ts';
