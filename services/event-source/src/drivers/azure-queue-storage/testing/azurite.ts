import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { freePort, startServerProcess, temporaryDirectory } from '@argosy/testkit';

/** Azurite's queue service with its well-known account. */
export interface Azurite extends AsyncDisposable {
  readonly connectionString: string;
  /** kill -9; `start` begins again with what was on disk. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

const SERVERS = process.env['ARGOSY_SERVERS'] ?? join(homedir(), '.cache/argosy/servers');
const PREFIX = 'azurite-';
/** The account that every Azurite has; its key is in Azurite's documentation. */
const ACCOUNT = 'devstoreaccount1';
const KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Such as `3.37.0`; undefined where Azurite is not installed. */
export function azuriteVersion(): string | undefined {
  if (!existsSync(SERVERS)) return undefined;
  const [name] = readdirSync(SERVERS).filter((entry) => entry.startsWith(PREFIX));
  return name?.slice(PREFIX.length);
}

export async function startAzurite(): Promise<Azurite> {
  const directory = await temporaryDirectory('azurite');
  const port = await freePort();
  const program = join(
    SERVERS,
    `${PREFIX}${azuriteVersion() ?? ''}`,
    'node_modules/azurite/dist/src/queue/main.js',
  );
  const options = ['--queueHost', '127.0.0.1', '--queuePort', String(port)];
  const startServer = () =>
    startServerProcess({
      command: process.execPath,
      args: [program, ...options, '--location', directory.path, '--skipApiVersionCheck'],
      port,
    });
  let server = await startServer();
  const endpoint = `http://127.0.0.1:${port}/${ACCOUNT}`;
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};QueueEndpoint=${endpoint};`,
    kill: () => server.stop(),
    async start() {
      server = await startServer();
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await directory.remove();
    },
  };
}
