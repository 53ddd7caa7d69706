import { ArgosyError } from '@argosy/base';
import type Client from 'ssh2-sftp-client';
import type { Directory } from '../directory/follow-directory.ts';
import type { FileEntry, Listing } from '../directory/listing.ts';
import type { DriverContext } from '../driver.ts';
import { secretOf } from '../http/secret-value.ts';
import { equalInConstantTime } from '../http/signature.ts';
import type { SftpSettings } from './settings.ts';

/** How long connecting, and one listing, may take, milliseconds. */
const CONNECT_MS_MAX = 10_000;
const LIST_MS_MAX = 60_000;
const PORT_DEFAULT = 22;

/**
 * A directory at an SFTP server, by one connection that is opened when it is needed and kept. Its files are known
 * by their bare names, as Argo Events has it; what is in directories below it does not count.
 */
export function remoteDirectory(settings: SftpSettings, context: DriverContext): Directory {
  const path = settings.watch.directory;
  let connected: Client | undefined;

  async function close(): Promise<void> {
    const client = connected;
    connected = undefined;
    await client?.end().catch(() => undefined);
  }

  return {
    name: `the SFTP directory ${path}`,
    async list(isMeant, signal) {
      try {
        connected ??= await connect(settings, context);
        const files = await withinTime(connected.list(path), signal);
        const entries = files
          .filter(({ name, type }) => type !== 'd' && isMeant(name))
          .map((file) => [file.name, entryOf(file)] as const);
        return new Map(entries) satisfies Listing;
      } catch (error) {
        // Whatever went wrong, the next look begins with a new connection.
        await close();
        throw error;
      }
    },
    close,
  };
}

async function connect(settings: SftpSettings, context: DriverContext): Promise<Client> {
  const { default: SftpClient } = await import('ssh2-sftp-client');
  const { host, port } = hostAndPort(secretOf(settings.address, context));
  const { password, sshKey, hostKey } = settings;
  // Without these the client writes what happens between two calls to the console.
  const silent = { error: ignore, end: ignore, close: ignore };
  const client = new SftpClient('argosy', silent);
  const isRightServer =
    hostKey === undefined ? undefined : matchesPublicKey(secretOf(hostKey, context));
  await client.connect({
    host,
    port,
    username: secretOf(settings.username, context),
    ...(password === undefined ? {} : { password: secretOf(password, context) }),
    ...(sshKey === undefined ? {} : { privateKey: secretOf(sshKey, context) }),
    ...(isRightServer === undefined ? {} : { hostVerifier: isRightServer }),
    readyTimeout: CONNECT_MS_MAX,
    retries: 0,
  });
  return client;
}

function ignore(): void {
  // The next look finds out by itself.
}

/** `host`, `host:port` or `[address]:port`. */
function hostAndPort(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(address.trim());
  if (match === null) {
    const message = 'the secret that address names must hold host:port';
    throw new ArgosyError('FAILED_PRECONDITION', message);
  }
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3] ?? PORT_DEFAULT) };
}

/** Whether a server's key is that of a line such as `ssh-ed25519 AAAA…`, with or without a host before it. */
function matchesPublicKey(line: string): (key: Buffer) => boolean {
  const known = line.split(/\s+/).find((word) => word.startsWith('AAAA')) ?? '';
  return (key) => equalInConstantTime(key.toString('base64'), known);
}

function entryOf(file: Client.FileInfo): FileEntry {
  const { size, modifyTime } = file;
  return { sizeBytes: size, modifiedMs: modifyTime, identity: '', access: '' };
}

/** A call that is given up when it takes too long or the driver stops. */
function withinTime<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = AbortSignal.timeout(LIST_MS_MAX);
    const giveUp = (): void => reject(new ArgosyError('UNAVAILABLE', 'the listing took too long'));
    const either = AbortSignal.any([signal, late]);
    either.addEventListener('abort', giveUp, { once: true });
    call.then(resolve, reject).finally(() => either.removeEventListener('abort', giveUp));
  });
}
