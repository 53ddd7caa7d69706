import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';

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
      `the folder ${directory} cannot be made: name another with --home or ARGOSY_HOME`,
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
    return isAlive(instance.pid) ? instance : undefined;
  } catch {
    return undefined;
  }
}

function instanceFile(home: Home): string {
  return join(home.directory, 'instance.json');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
