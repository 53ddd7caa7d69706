import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ArgosyError } from '@argosy/base';
import { STOP_TIMEOUT_MS } from './constants.ts';
import { identityOf } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

const POLL_MS = 20;
const PRIVATE_MODE = 0o600;
const PRIVATE_DIRECTORY_MODE = 0o700;

/** The files that a server and its owner keep in a data directory. */
export interface DataDirectory {
  readonly path: string;
  readonly configPath: string;
  readonly logPath: string;
  readonly tokenPath: string;
  readonly pidPath: string;
  readonly storePath: string;
  /** Who owns the directory now: the process that started the server, and the server. */
  readonly ownerPath: string;
}

interface Ownership {
  readonly owner: ProcessIdentity;
  readonly server?: ProcessIdentity;
}

/** The layout of a data directory; makes nothing. */
export function dataDirectoryAt(path: string): DataDirectory {
  return {
    path,
    configPath: join(path, 'nats-server.conf'),
    logPath: join(path, 'nats-server.log'),
    tokenPath: join(path, 'token'),
    pidPath: join(path, 'nats-server.pid'),
    storePath: join(path, 'jetstream'),
    ownerPath: join(path, 'owner.json'),
  };
}

/**
 * Takes a data directory for this process. A server whose owner died (kill -9) is ended first: it
 * would hold the store and answer nobody.
 * @throws ArgosyError FAILED_PRECONDITION when a live process owns it.
 */
export async function takeDataDirectory(directory: DataDirectory): Promise<void> {
  await mkdir(directory.path, { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
  await mkdir(directory.storePath, { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
  const owner = await identityOf(process.pid);
  if (owner === undefined) throw new ArgosyError('INTERNAL', 'this process cannot see itself');
  const attempts = 3;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (await createOwnerFile(directory, { owner })) return;
    const previous = await readOwnership(directory);
    if (previous !== undefined) await refuseIfAlive(directory, previous);
    if (previous?.server !== undefined) await endOrphan(directory, previous.server);
    await rm(directory.ownerPath, { force: true });
  }
  throw new ArgosyError(
    'FAILED_PRECONDITION',
    `${directory.path} is being taken by several processes at once; start one only`,
  );
}

/** Notes which process is the server, so that a later owner can end it if this one is killed. */
export async function recordServer(directory: DataDirectory, pid: number): Promise<void> {
  const owner = await identityOf(process.pid);
  const server = await identityOf(pid);
  if (owner === undefined || server === undefined) return;
  const temporaryPath = `${directory.ownerPath}.${process.pid}`;
  await writeFile(temporaryPath, JSON.stringify({ owner, server }), { mode: PRIVATE_MODE });
  await rename(temporaryPath, directory.ownerPath);
}

/** Gives the directory back. */
export async function releaseDataDirectory(directory: DataDirectory): Promise<void> {
  await rm(directory.ownerPath, { force: true });
}

/** The access token of this data directory: made once, readable by its user only. */
export async function tokenOf(directory: DataDirectory): Promise<string> {
  const existing = await readFile(directory.tokenPath, 'utf8').catch(() => '');
  if (existing.trim() !== '') return existing.trim();
  const token = randomBytes(32).toString('hex');
  await writeFile(directory.tokenPath, token, { mode: PRIVATE_MODE });
  return token;
}

async function createOwnerFile(directory: DataDirectory, content: Ownership): Promise<boolean> {
  try {
    const file = await open(directory.ownerPath, 'wx', PRIVATE_MODE);
    await file.writeFile(JSON.stringify(content));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    const why = error instanceof Error ? error.message : String(error);
    const message = `the data directory ${directory.path} cannot be written: ${why}`;
    throw new ArgosyError('PERMISSION_DENIED', message, { cause: error });
  }
}

async function readOwnership(directory: DataDirectory): Promise<Ownership | undefined> {
  try {
    return JSON.parse(await readFile(directory.ownerPath, 'utf8')) as Ownership;
  } catch {
    // Cut off by a crash while it was written; then no server had been started yet.
    return undefined;
  }
}

async function refuseIfAlive(directory: DataDirectory, previous: Ownership): Promise<void> {
  const { owner } = previous;
  const now = await identityOf(owner.pid);
  if (now === undefined || now.startedAt !== owner.startedAt) return;
  throw new ArgosyError(
    'FAILED_PRECONDITION',
    `${directory.path} is in use by process ${owner.pid} (${owner.command}); ` +
      'stop it, or use another data directory',
  );
}

/** Ends the recorded server if that process is still it, and runs on this very directory. */
async function endOrphan(directory: DataDirectory, server: ProcessIdentity): Promise<void> {
  const isStillThere = async (): Promise<boolean> => {
    const now = await identityOf(server.pid);
    return now?.startedAt === server.startedAt && now.command.includes(directory.configPath);
  };
  const killAfterMs = Date.now() + STOP_TIMEOUT_MS / 2;
  const giveUpAfterMs = Date.now() + STOP_TIMEOUT_MS;
  if (!(await isStillThere())) return;
  process.kill(server.pid, 'SIGTERM');
  while (await isStillThere()) {
    if (Date.now() > giveUpAfterMs) {
      const message = `an earlier nats-server (process ${server.pid}) on ${directory.path} cannot be ended`;
      throw new ArgosyError('FAILED_PRECONDITION', `${message}; end it and try again`);
    }
    if (Date.now() > killAfterMs) process.kill(server.pid, 'SIGKILL');
    await delay(POLL_MS);
  }
}
