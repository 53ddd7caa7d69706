import { createHmac, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { serverFolder } from './server-folder.ts';
import { startServerProcess, versionOf, type ServerProcess } from './server-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import type { TestCertificate } from './test-certificate.ts';

const VERSION = '3.0.0';
const READY_MS = 120_000;
const HEAP = ['-Xmx700m', '-XX:TieredStopAtLevel=1'];
/** What the broker reaches into of Java's own modules. */
const OPENED = ['sun.net', 'java.lang', 'java.nio', 'jdk.internal.misc'].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
);

/** A real Apache Pulsar broker (standalone) for one test file, on data of its own. */
export interface TestPulsar extends AsyncDisposable {
  /** `pulsar://127.0.0.1:port`. */
  readonly url: string;
  /** The same with TLS. */
  readonly secureUrl: string;
  /** `http://127.0.0.1:port`, for administration, and for the service of WebSockets. */
  readonly adminUrl: string;
  /** Without it, the broker takes nobody. */
  readonly token: string;
  /** Its broker is killed (-9); the data stays. */
  kill(): Promise<void>;
  /** Starts the broker again on the same data and ports. */
  start(): Promise<void>;
}

/** What the tests' titles say. */
export const TEST_PULSAR_NAME = `Apache Pulsar ${VERSION} (standalone)`;

/** The folder with the broker's jars, or undefined where it or Java is missing. */
export function testPulsarJars(): string | undefined {
  return versionOf('java') === undefined ? undefined : serverFolder(`pulsar-${VERSION}`);
}

/**
 * Starts a broker with its own storage, which takes those who have its token.
 * @param certificate of its TLS port; for 127.0.0.1
 * @throws Error when it is not installed; see `testPulsarJars`
 */
export async function startTestPulsar(certificate: TestCertificate): Promise<TestPulsar> {
  const jars = testPulsarJars();
  if (jars === undefined) throw new Error('Apache Pulsar is not installed');
  const temporary = await temporaryDirectory('argosy-pulsar-');
  const inside = (name: string): string => join(temporary.path, name);
  const ports = { plain: await freePort(), secure: await freePort(), admin: await freePort() };
  const storagePort = await freePort();
  const secret = randomBytes(32);
  const token = tokenOf(secret);
  await writeFile(inside('cert.pem'), certificate.cert);
  await writeFile(inside('key.pem'), certificate.key);
  const properties = propertiesOf({ ports, secret, token, inside });
  await writeFile(inside('standalone.conf'), properties);
  let running: ServerProcess | undefined;
  const pulsar: TestPulsar = {
    url: `pulsar://127.0.0.1:${ports.plain}`,
    secureUrl: `pulsar+ssl://127.0.0.1:${ports.secure}`,
    adminUrl: `http://127.0.0.1:${ports.admin}`,
    token,
    async start() {
      running = await startServerProcess({
        command: 'java',
        args: [
          ...[...HEAP, ...OPENED, '-cp', join(jars, '*')],
          'org.apache.pulsar.PulsarStandaloneStarter',
          ...['--config', inside('standalone.conf')],
          ...['--no-functions-worker', '--no-stream-storage'],
          ...['--metadata-dir', inside('metadata'), '--bookkeeper-dir', inside('entries')],
          ...['--bookkeeper-port', String(storagePort)],
        ],
        port: ports.plain,
        readyMs: READY_MS,
        cwd: temporary.path,
      });
    },
    async kill() {
      await running?.stop();
      running = undefined;
    },
    async [Symbol.asyncDispose]() {
      await pulsar.kill();
      await temporary.remove();
    },
  };
  await pulsar.start();
  return pulsar;
}

/** A JSON Web Token that has no end. */
function tokenOf(secret: Buffer): string {
  const encoded = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encoded({ alg: 'HS256' })}.${encoded({ sub: 'test' })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function propertiesOf(options: {
  readonly ports: { readonly plain: number; readonly secure: number; readonly admin: number };
  readonly secret: Buffer;
  readonly token: string;
  readonly inside: (name: string) => string;
}): string {
  const { ports, secret, token, inside } = options;
  return Object.entries({
    clusterName: 'standalone',
    brokerServicePort: ports.plain,
    brokerServicePortTls: ports.secure,
    webServicePort: ports.admin,
    advertisedAddress: '127.0.0.1',
    bindAddress: '127.0.0.1',
    managedLedgerDefaultEnsembleSize: 1,
    managedLedgerDefaultWriteQuorum: 1,
    managedLedgerDefaultAckQuorum: 1,
    loadBalancerEnabled: false,
    webSocketServiceEnabled: true,
    tlsCertificateFilePath: inside('cert.pem'),
    tlsKeyFilePath: inside('key.pem'),
    authenticationEnabled: true,
    authenticationProviders: 'org.apache.pulsar.broker.authentication.AuthenticationProviderToken',
    tokenSecretKey: `data:;base64,${secret.toString('base64')}`,
    brokerClientAuthenticationPlugin: 'org.apache.pulsar.client.impl.auth.AuthenticationToken',
    brokerClientAuthenticationParameters: `token:${token}`,
  })
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}
