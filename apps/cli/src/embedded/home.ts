import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import { processStartTime } from '@argosy/runner';

/** The folder of one embedded installation: store, token, who runs it. */
export interface Home {
  readonly directory: string;
  /** Store of nats-server. */
  readonly natsDirectory: string;
  /** Working roots of tasks. */
  readonly tasksDirectory: string;
  /** Finished spans, JSON lines. */
  readonly spansFile: string;
  /** The token of this installation's gateway; made at the first call, readable by its owner only. */
  token(): string;
}

/** How the gateway of a running installation is reached. */
export interface Instance {
  readonly pid: number;
  /** When the process began, in words of the system: its number may be given to another one later. */
  readonly processStart?: string | undefined;
  /** host:port of the gRPC API. */
  readonly rpcAddress: string;
  /** http://host:port of the REST API. */
  readonly httpAddress: string;
  readonly startedAt: string;
}

const PRIVATE_FILE_MODE = 0o600;
const PRIVATE_DIRECTORY_MODE = 0o700;

/** `--home`, ARGOSY_HOME or `~/.argosy`. */
export function openHome(named: string | undefined, env: NodeJS.ProcessEnv = process.env): Home {
  const directory = named ?? env['ARGOSY_HOME'] ?? join(homedir(), '.argosy');
  try {
    mkdirSync(directory, { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
  } catch (cause) {
    throw new ArgosyError(
      'INVALID_ARGUMENT',
      `the folder ${directory} cannot be made (${reasonOf(cause)}): ` +
        'name another with --home or ARGOSY_HOME',
      { cause },
    );
  }
  return {
    directory,
    natsDirectory: join(directory, 'nats'),
    tasksDirectory: join(directory, 'tasks'),
    spansFile: join(directory, 'traces', 'spans.jsonl'),
    token: () => readOrMakeToken(join(directory, 'token')),
  };
}

/**
 * Makes sure that an installation can keep its data here.
 * @throws ArgosyError FAILED_PRECONDITION when the folder cannot be written to.
 */
export function requireWritable(home: Home): void {
  try {
    accessSync(home.directory, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new ArgosyError(
      'FAILED_PRECONDITION',
      `the folder ${home.directory} cannot be written to (${reasonOf(cause)}): ` +
        'change its permissions, or name another with --home or ARGOSY_HOME',
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'a file of that name is in the way';
  if (code === 'EROFS') return 'the file system is read-only';
  return code ?? String(cause);
}

function readOrMakeToken(path: string): string {
  if (!existsSync(path)) {
    writeFileSync(path, `${randomBytes(24).toString('base64url')}\n`, {
      mode: PRIVATE_FILE_MODE,
      flag: 'wx',
    });
  }
  chmodSync(path, PRIVATE_FILE_MODE);
  return readFileSync(path, 'utf8').trim();
}

/** Notes that an installation runs here. Removed by `forgetInstance` at its end. */
export function recordInstance(home: Home, instance: Instance): void {
  const text = `${JSON.stringify(instance, undefined, 2)}\n`;
  writeFileSync(instanceFile(home), text, { mode: PRIVATE_FILE_MODE });
}

export function forgetInstance(home: Home): void {
  rmSync(instanceFile(home), { force: true });
}

/** The installation that runs on this home now; undefined when none does (a left-over note counts as none). */
export function findInstance(home: Home): Instance | undefined {
  const file = instanceFile(home);
  if (!existsSync(file)) return undefined;
  try {
    const instance = JSON.parse(readFileSync(file, 'utf8')) as Instance;
    return isAlive(instance) ? instance : undefined;
  } catch {
    return undefined;
  }
}

function instanceFile(home: Home): string {
  return join(home.directory, 'instance.json');
}

function isAlive({ pid, processStart }: Instance): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // A process of another user lives too.
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return processStart === undefined || processStartTime(pid) === processStart;
}
