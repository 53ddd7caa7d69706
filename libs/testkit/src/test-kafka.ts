import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { serverFolder } from './server-folder.ts';
import { startServerProcess, versionOf, type ServerProcess } from './server-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import type { TestCertificate } from './test-certificate.ts';

const VERSION = '3.9.1';
const READY_MS = 90_000;
/** Any identifier; each broker has data of its own. */
const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qg';

/** A real Apache Kafka broker for one test file, on data of its own. */
export interface TestKafka extends AsyncDisposable {
  /** `127.0.0.1:port` without TLS and without users. */
  readonly url: string;
  /** The same with TLS and SASL, for `user`. */
  readonly secureUrl: string;
  /** Its broker is killed (-9); the data stays. */
  kill(): Promise<void>;
  /** Starts the broker again on the same data and ports. */
  start(): Promise<void>;
}

/** What the tests' titles say. */
export const TEST_KAFKA_NAME = `Apache Kafka ${VERSION}`;

/** The folder with the broker's jars, or undefined where it or Java is missing. */
export function testKafkaJars(): string | undefined {
  return versionOf('java') === undefined ? undefined : serverFolder(`kafka-${VERSION}`);
}

export interface TestKafkaOptions {
  /** For SASL PLAIN and SCRAM-SHA-256 at `secureUrl`. */
  readonly user: { readonly name: string; readonly password: string };
  /** Of the listener at `secureUrl`; for 127.0.0.1. */
  readonly certificate: TestCertificate;
}

/**
 * Starts a broker that is its own controller.
 * @throws Error when it is not installed; see `testKafkaJars`
 */
export async function startTestKafka(options: TestKafkaOptions): Promise<TestKafka> {
  const jars = testKafkaJars();
  if (jars === undefined) throw new Error('Apache Kafka is not installed');
  const temporary = await temporaryDirectory('argosy-kafka-');
  const ports = { plain: await freePort(), secure: await freePort(), control: await freePort() };
  const settings = join(temporary.path, 'server.properties');
  await writeFile(settings, propertiesOf(ports, join(temporary.path, 'data'), options));
  const classPath = ['-cp', join(jars, '*')];
  const { name, password } = options.user;
  const scram = `SCRAM-SHA-256=[name=${name},password=${password}]`;
  const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', settings];
  await promisify(execFile)('java', ['-Xmx128m', ...classPath, ...format, '--add-scram', scram]);
  let running: ServerProcess | undefined;
  const kafka: TestKafka = {
    url: `127.0.0.1:${ports.plain}`,
    secureUrl: `127.0.0.1:${ports.secure}`,
    async start() {
      running = await startServerProcess({
        command: 'java',
        args: [...HEAP, ...classPath, 'kafka.Kafka', settings],
        port: ports.plain,
        readyMs: READY_MS,
      });
    },
    async kill() {
      await running?.stop();
      running = undefined;
    },
    async [Symbol.asyncDispose]() {
      await kafka.kill();
      await temporary.remove();
    },
  };
  await kafka.start();
  return kafka;
}

/** Small, and quick to start rather than quick for long. */
const HEAP = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

function propertiesOf(
  ports: { readonly plain: number; readonly secure: number; readonly control: number },
  dataDirectory: string,
  { user, certificate }: TestKafkaOptions,
): string {
  const module = 'org.apache.kafka.common.security';
  const listener = 'listener.name.secure';
  const oneLine = (pem: string): string => pem.trim().replaceAll(/\r?\n/g, '\\n');
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.control}`,
    listeners: [
      `PLAIN://127.0.0.1:${ports.plain}`,
      `SECURE://127.0.0.1:${ports.secure}`,
      `CONTROL://127.0.0.1:${ports.control}`,
    ].join(','),
    'listener.security.protocol.map': 'PLAIN:PLAINTEXT,SECURE:SASL_SSL,CONTROL:PLAINTEXT',
    'inter.broker.listener.name': 'PLAIN',
    'controller.listener.names': 'CONTROL',
    'log.dirs': dataDirectory,
    'num.partitions': '3',
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
    [`${listener}.plain.sasl.jaas.config`]: `${module}.plain.PlainLoginModule required user_${user.name}="${user.password}";`,
    [`${listener}.scram-sha-256.sasl.jaas.config`]: `${module}.scram.ScramLoginModule required;`,
    [`${listener}.ssl.keystore.type`]: 'PEM',
    [`${listener}.ssl.keystore.certificate.chain`]: oneLine(certificate.cert),
    [`${listener}.ssl.keystore.key`]: oneLine(certificate.key),
  })
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}
