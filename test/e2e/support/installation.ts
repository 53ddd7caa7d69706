import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventService, InfoService, ResourceService, WorkflowService } from '@argosy/api';
import { createRpcClient, type RpcClient } from '@argosy/rpc';
import {
  eventually,
  freePort,
  startTestNats,
  temporaryDirectory,
  type TestNats,
} from '@argosy/testkit';

export const SERVICES = ['gateway', 'event-source', 'sensor', 'scheduler', 'executor'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** An installation of separate processes, each of which can be killed and started again alone. */
export interface Installation extends AsyncDisposable {
  readonly nats: TestNats;
  readonly token: string;
  readonly httpAddress: string;
  /** `host:port` of the gateway's gRPC. */
  readonly rpcAddress: string;
  readonly workflows: RpcClient<typeof WorkflowService>;
  readonly resources: RpcClient<typeof ResourceService>;
  readonly events: RpcClient<typeof EventService>;
  /** kill -9; resolves when the process is gone. */
  kill(service: ServiceName): Promise<void>;
  /** Starts a service that was killed. */
  start(service: ServiceName): Promise<void>;
  /** kill -9 of everything at once, nats-server too. */
  killAll(): Promise<void>;
  /** Starts everything that is not running. */
  startAll(): Promise<void>;
  /** Where the services wrote their logs. */
  readonly logDirectory: string;
}

const ROOT = join(import.meta.dirname, '..', '..', '..');
const TOKEN = 'test-token';

/** Starts nats-server and all services as processes of their own on free ports, and waits until they answer. */
export async function startInstallation(): Promise<Installation> {
  const nats = await startTestNats();
  const directory = await temporaryDirectory('argosy-e2e-');
  const [httpPort, rpcPort] = [await freePort(), await freePort()];
  const children = new Map<ServiceName, ChildProcess>();
  const environment = {
    ...process.env,
    // Five processes strip the types of the same sources: done once, kept for all.
    NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'node-compile'),
    ARGOSY_NATS_URL: nats.url,
    ARGOSY_NATS_TOKEN: nats.token,
    ARGOSY_PARTITIONS: '4',
    ARGOSY_RPC_HOST: '127.0.0.1',
    ARGOSY_ADVERTISE_HOST: '127.0.0.1',
    ARGOSY_HEALTH_HOST: '127.0.0.1',
    ARGOSY_HEALTH_PORT: '0',
    ARGOSY_HTTP_HOST: '127.0.0.1',
    ARGOSY_HTTP_PORT: String(httpPort),
    ARGOSY_TOKENS: TOKEN,
    ARGOSY_SERVER: `127.0.0.1:${rpcPort}`,
    ARGOSY_TOKEN: TOKEN,
    ARGOSY_LEASE_TTL_MS: '2000',
    ARGOSY_DATA: join(directory.path, 'tasks'),
    ARGOSY_WEBHOOK_HOST: '127.0.0.1',
  };

  const start = (service: ServiceName): void => {
    const main = join(ROOT, 'services', service, 'src', 'main.ts');
    const log = createWriteStream(join(directory.path, `${service}.log`), { flags: 'a' });
    const child = spawn(process.execPath, [main], {
      cwd: ROOT,
      env: {
        ...environment,
        ...(service === 'gateway' ? { ARGOSY_RPC_PORT: String(rpcPort) } : {}),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.pipe(log);
    children.set(service, child);
  };

  const kill = async (service: ServiceName): Promise<void> => {
    const child = children.get(service);
    if (child === undefined) return;
    children.delete(service);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };

  const httpAddress = `http://127.0.0.1:${httpPort}`;
  const untilReady = (): Promise<unknown> =>
    eventually(async () => (await fetch(`${httpAddress}/readyz`)).ok, { timeoutMs: 60_000 });
  const rpcAddress = `127.0.0.1:${rpcPort}`;
  const clients = connectClients(rpcAddress);

  const dispose = async (): Promise<void> => {
    clients.close();
    await Promise.all(SERVICES.map(kill));
    await nats.stop();
    await directory.remove();
  };

  for (const service of SERVICES) start(service);
  await untilReady().catch(async (cause: unknown) => {
    const logs = SERVICES.map((service) => lastLines(join(directory.path, `${service}.log`)));
    await dispose();
    throw new Error(`the installation did not come up:\n${logs.join('\n')}`, { cause });
  });
  return {
    nats,
    token: TOKEN,
    httpAddress,
    rpcAddress,
    ...clients.services,
    logDirectory: directory.path,
    kill,
    async start(service) {
      start(service);
      if (service === 'gateway') await untilReady();
    },
    async killAll() {
      await Promise.all([...SERVICES.map(kill), nats.kill()]);
    },
    async startAll() {
      await nats.restart();
      for (const service of SERVICES) if (!children.has(service)) start(service);
      await untilReady();
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** The end of a log, for the message of a failure. */
function lastLines(file: string): string {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '(nothing)';
  return `${file}: ${text.trim().split('\n').slice(-3).join('\n')}`;
}

function connectClients(address: string): {
  readonly services: Pick<Installation, 'workflows' | 'resources' | 'events'>;
  close(): void;
} {
  const options = { token: TOKEN };
  const services = {
    workflows: createRpcClient(WorkflowService, address, options),
    resources: createRpcClient(ResourceService, address, options),
    events: createRpcClient(EventService, address, options),
  };
  const info = createRpcClient(InfoService, address, options);
  return {
    services,
    close() {
      for (const client of [...Object.values(services), info]) client.close();
    },
  };
}
