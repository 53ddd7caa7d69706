import { freePort, startServerProcess, versionOf, type ServerProcess } from '@argosy/testkit';
import { Redis } from 'ioredis';

/** The server's name and version for a suite's title; undefined where it is not installed. */
export function redisVersion(): string | undefined {
  const line = versionOf('redis-server');
  return line === undefined ? undefined : `Redis ${/v=([\d.]+)/.exec(line)?.[1] ?? line}`;
}

/** A real redis-server on a free port, which may be killed and started again. */
export interface TestRedis extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** A client of the tests' own; closed with the server. */
  client(password?: string): Redis;
  kill(): Promise<void>;
  /** On the same port and data; what was written before is there. */
  restart(): Promise<void>;
}

/** @param args further arguments of redis-server */
export async function startTestRedis(
  directory: string,
  args: readonly string[] = [],
): Promise<TestRedis> {
  const port = await freePort();
  const start = (): Promise<ServerProcess> =>
    startServerProcess({
      command: 'redis-server',
      args: [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory],
        ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
        ...args,
      ],
      port,
    });
  let server = await start();
  const clients: Redis[] = [];
  return {
    port,
    address: `127.0.0.1:${port}`,
    client(password) {
      const client = new Redis(port, '127.0.0.1', password === undefined ? {} : { password });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
    kill: () => server.stop(),
    async restart() {
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.disconnect();
      await server.stop();
    },
  };
}
