import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  freePort,
  startServerProcess,
  temporaryDirectory,
  type ServerProcess,
} from '@argosy/testkit';

/** A RabbitMQ of its own: node name, ports, files, port mapper. */
export interface Rabbit extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** kill -9. What is durable is there again after `start`. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Debian's own program; the command `rabbitmq-server` would change the user and the folder. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';

const VERSIONS = '/usr/lib/rabbitmq/lib';
/** Erlang on a machine that does other things besides. */
const READY_MS = 150_000;

/** Such as `3.10.8`; undefined where RabbitMQ is not installed. */
export function rabbitVersion(): string | undefined {
  if (!existsSync(SERVER) || !existsSync(VERSIONS)) return undefined;
  const [name] = readdirSync(VERSIONS).filter((entry) => entry.startsWith('rabbitmq_server-'));
  return name?.slice('rabbitmq_server-'.length);
}

/** @param settings lines for `rabbitmq.conf`, besides the port */
export async function startRabbit(settings: readonly string[] = []): Promise<Rabbit> {
  const directory = await temporaryDirectory('rabbitmq');
  const [port, mapperPort, distributionPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const configuration = join(directory.path, 'rabbitmq.conf');
  await mkdir(join(directory.path, 'home'));
  await writeFile(
    configuration,
    [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      'log.console = true',
      'log.console.level = warning',
      'log.file = false',
      ...settings,
      '',
    ].join('\n'),
  );
  // In the foreground, so that it ends with the test and none is left behind.
  const mapper = await startServerProcess({
    command: 'epmd',
    args: ['-address', '127.0.0.1', '-port', String(mapperPort)],
    port: mapperPort,
  });
  const env = {
    HOME: join(directory.path, 'home'),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(mapperPort),
    RABBITMQ_NODENAME: `argosy${port}@localhost`,
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_CONFIG_FILE: configuration,
    RABBITMQ_MNESIA_BASE: join(directory.path, 'data'),
    RABBITMQ_LOG_BASE: join(directory.path, 'log'),
    RABBITMQ_PID_FILE: join(directory.path, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory.path, 'plugins'),
    RABBITMQ_PLUGINS_EXPAND_DIR: join(directory.path, 'plugins-expanded'),
    // The server takes the place of the shell that starts it, so that it is the process that is killed.
    RABBITMQ_ALLOW_INPUT: 'true',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-noinput',
  };
  const startServer = (): Promise<ServerProcess> =>
    startServerProcess({ command: SERVER, args: [], port, env, readyMs: READY_MS });
  let server = await startServer();
  return {
    port,
    url: `amqp://127.0.0.1:${port}`,
    kill: () => server.stop(),
    async start() {
      server = await startServer();
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await mapper.stop();
      await directory[Symbol.asyncDispose]();
    },
  };
}
