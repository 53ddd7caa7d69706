import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import { processStartTime, removeLeftOvers } from '@argosy/runner';
import type { Logger } from '@argosy/telemetry';

const OWNER_FILE = 'executor.json';

/** Inputs and outputs of tasks are nobody else's business on a machine with several users. */
const PRIVATE_DIRECTORY_MODE = 0o700;

/** A directory that belongs to one executor at a time. */
export interface DataDirectory {
  readonly tasksDirectory: string;
  release(): void;
}

interface Owner {
  readonly pid: number;
  readonly startTime: string | undefined;
}

/**
 * Takes possession of the directory and ends what a former executor left running in it.
 * @throws ArgosyError FAILED_PRECONDITION when another executor that lives works in it.
 */
export async function claimDataDirectory(path: string, logger: Logger): Promise<DataDirectory> {
  mkdirSync(path, { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
  const file = join(path, OWNER_FILE);
  const owner = readOwner(file);
  if (owner !== undefined && isAlive(owner)) {
    throw new ArgosyError(
      'FAILED_PRECONDITION',
      `process ${owner.pid} works in ${path} already; stop it, or give this executor another dataDirectory`,
    );
  }
  const own: Owner = { pid: process.pid, startTime: processStartTime(process.pid) };
  writeFileSync(file, JSON.stringify(own));
  const tasksDirectory = join(path, 'tasks');
  const ended = await removeLeftOvers(tasksDirectory);
  if (ended > 0) logger.warn({ ended }, 'ended processes that a former executor left behind');
  mkdirSync(tasksDirectory, { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
  return { tasksDirectory, release: () => rmSync(file, { force: true }) };
}

function readOwner(file: string): Owner | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

/** Whether that very process lives: its number may have been given to another one since. */
function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch {
    return false;
  }
  return owner.startTime === undefined || processStartTime(owner.pid) === owner.startTime;
}
