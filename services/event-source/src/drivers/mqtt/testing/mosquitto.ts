import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startServerProcess, versionOf, type ServerProcess } from '@argosy/testkit';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';

/** Debian installs it where not every user's PATH leads. */
const PROGRAMS = ['mosquitto', '/usr/sbin/mosquitto'];
const program = PROGRAMS.find((command) => versionOf(command, ['-h']) !== undefined);

/** The broker's name and version for a suite's title; undefined where it is not installed. */
export function mosquittoVersion(): string | undefined {
  if (program === undefined) return undefined;
  return `Mosquitto ${/version ([\d.]+)/.exec(versionOf(program, ['-h']) ?? '')?.[1] ?? ''}`.trim();
}

/** A real mosquitto on a free port, which may be killed and started again. */
export interface TestMosquitto extends AsyncDisposable {
  /** `tcp://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** A client of the tests' own; closed with the broker. */
  client(options?: IClientOptions): Promise<MqttClient>;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** @param config lines of mosquitto.conf beyond the listener; default: everybody may connect */
export async function startTestMosquitto(
  directory: string,
  config: readonly string[] = ['allow_anonymous true'],
): Promise<TestMosquitto> {
  const port = await freePort();
  const file = join(directory, 'mosquitto.conf');
  await writeFile(file, [`listener ${port} 127.0.0.1`, ...config, ''].join('\n'));
  const start = (): Promise<ServerProcess> =>
    startServerProcess({ command: program ?? 'mosquitto', args: ['-c', file], port });
  let server = await start();
  const clients: MqttClient[] = [];
  const url = `tcp://127.0.0.1:${port}`;
  return {
    url,
    port,
    async client(options = {}) {
      const client = await connectAsync(url, { reconnectPeriod: 0, ...options });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
    kill: () => server.stop(),
    async restart() {
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.end(true);
      await server.stop();
    },
  };
}
