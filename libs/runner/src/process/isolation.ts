import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** How a private mount namespace is made on this host. */
export interface Isolation {
  readonly unshareProgram: string;
  readonly unshareArgs: readonly string[];
  readonly mountProgram: string;
  readonly chrootProgram: string;
  /** Whether each task has process numbers of its own, so that everything ends with it. */
  readonly ownProcesses: boolean;
}

/** Time for one trial, in milliseconds. */
const TRIAL_MS_MAX = 5_000;

/** Directories in which the system's own tools lie; the PATH of the executor is not trusted with these. */
const TOOL_DIRECTORIES = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

const OWN_PROCESSES = ['--pid', '--fork', '--kill-child'];
const OWN_USERS = ['--map-root-user'];

/**
 * Tries, from the strongest to the weakest, which isolation this host allows.
 * @returns undefined when no private mounts are possible; paths are rewritten then.
 */
export async function detectIsolation(dataDirectory: string): Promise<Isolation | undefined> {
  const tools = findTools();
  if (process.platform !== 'linux' || tools === undefined) return undefined;
  for (const users of process.getuid?.() === 0 ? [[], OWN_USERS] : [OWN_USERS]) {
    for (const processes of [OWN_PROCESSES, []]) {
      const isolation: Isolation = {
        ...tools,
        unshareArgs: ['--mount', ...users, ...processes],
        ownProcesses: processes.length > 0,
      };
      if (await works(isolation, dataDirectory)) return isolation;
    }
  }
  return undefined;
}

function findTools():
  Pick<Isolation, 'unshareProgram' | 'mountProgram' | 'chrootProgram'> | undefined {
  const [unshareProgram, mountProgram, chrootProgram] = ['unshare', 'mount', 'chroot'].map(
    findTool,
  );
  if (unshareProgram === undefined || mountProgram === undefined) return undefined;
  return chrootProgram === undefined ? undefined : { unshareProgram, mountProgram, chrootProgram };
}

/** A tool of the system; undefined when this host does not have it. */
export function findTool(name: string): string | undefined {
  return TOOL_DIRECTORIES.map((directory) => join(directory, name)).find(isExecutable);
}

/** Whether the file may be executed by this process. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Does once what every task will do: mount, change root, run a program. */
async function works(isolation: Isolation, dataDirectory: string): Promise<boolean> {
  mkdirSync(dataDirectory, { recursive: true });
  const trial = mkdtempSync(join(dataDirectory, 'trial-'));
  try {
    const root = join(trial, 'root');
    mkdirSync(join(root, 'proc'), { recursive: true });
    mkdirSync(join(root, 'bound'));
    const proc = isolation.ownProcesses
      ? 'proc ROOT/proc proc defaults'
      : '/proc ROOT/proc none rbind';
    const table = `${proc} 0 0\n/ ROOT/bound none rbind 0 0\n`.replaceAll('ROOT', root);
    writeFileSync(join(trial, 'mounts'), table);
    const script = '"$1" --fstab "$2" -a && exec "$3" "$4/bound" /bin/sh -c "exit 0"';
    const args = [isolation.mountProgram, join(trial, 'mounts'), isolation.chrootProgram, root];
    await promisify(execFile)(
      isolation.unshareProgram,
      [...isolation.unshareArgs, '/bin/sh', '-c', script, 'argosy-trial', ...args],
      { timeout: TRIAL_MS_MAX },
    );
    return true;
  } catch {
    return false;
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}
