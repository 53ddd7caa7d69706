import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ArgosyError } from '@argosy/base';
import { configText } from './config.ts';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from './constants.ts';
import {
  dataDirectoryAt,
  recordServer,
  releaseDataDirectory,
  takeDataDirectory,
  tokenOf,
} from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { serverNameAt } from './greeting.ts';
import { watch } from './watchdog.ts';

const ANY_FREE_PORT = -1;
const POLL_MS = 5;
const PRIVATE_MODE = 0o600;
const LOG_LINES_SHOWN = 5;

export interface StartNatsServerOptions {
  /** The program, as `obtainNatsServer` gives it. */
  readonly path: string;
  /**
   * Store, token, log and configuration of the server; made when missing; of one server at a time.
   */
  readonly dataDirectory: string;
  /** Default: any free one. Give the previous port to let clients reconnect after a restart. */
  readonly port?: number;
  /** Gives the start up; a server that runs already is not touched. */
  readonly signal?: AbortSignal;
}

/** How the server ended. `expected` is false when nobody had called `stop`. */
export interface NatsServerExit {
  readonly expected: boolean;
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** The last lines of its log, for an error message. */
  readonly lastLogLines: string;
}

export interface RunningNatsServer {
  /** `nats://127.0.0.1:<port>`; connect with `token`. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly pid: number;
  /**
   * Ends it in order, by force after 10 s. Resolves when the process is gone; may be called twice.
   */
  stop(): Promise<void>;
  /** Resolves when the process has ended, for whatever reason. It is not started again. */
  readonly exited: Promise<NatsServerExit>;
}

/**
 * Starts nats-server as a child of this process on a loopback port, with JetStream on files, and
 * resolves when it answers and is proved to be ours (its name holds a number drawn for this
 * start).
 * @throws ArgosyError FAILED_PRECONDITION when the data directory is in use, UNAVAILABLE when the
 *   server does not   come up (with the end of its log), CANCELLED.
 */
export async function startNatsServer(options: StartNatsServerOptions): Promise<RunningNatsServer> {
  const directory = dataDirectoryAt(options.dataDirectory);
  await takeDataDirectory(directory);
  try {
    return await launch(directory, options);
  } catch (error) {
    await releaseDataDirectory(directory);
    throw error;
  }
}

async function launch(
  directory: DataDirectory,
  options: StartNatsServerOptions,
): Promise<RunningNatsServer> {
  const token = await tokenOf(directory);
  const serverName = `argosy-${randomBytes(8).toString('hex')}`;
  const port = options.port ?? ANY_FREE_PORT;
  const text = configText({ directory, port, serverName, token });
  await writeFile(directory.configPath, text, { mode: PRIVATE_MODE });
  await rm(directory.logPath, { force: true });
  // Its own process group, so that Ctrl-C on a terminal reaches us alone and we end it last.
  const child = spawn(options.path, ['--config', directory.configPath], {
    stdio: 'ignore',
    detached: true,
  });
  const state = { isStopping: false };
  const exited = exitOf(child, directory, state);
  try {
    const pid = await pidOf(child, options.path);
    await recordServer(directory, pid);
    const callOff = watch(pid, directory.configPath);
    void exited.then(callOff);
    const boundPort = await ready({ child, pid, directory, serverName, signal: options.signal });
    return {
      url: `nats://127.0.0.1:${boundPort}`,
      port: boundPort,
      token,
      pid,
      exited,
      stop: async () => {
        state.isStopping = true;
        await end(child, exited);
      },
    };
  } catch (error) {
    state.isStopping = true;
    await end(child, exited);
    throw error;
  }
}

async function pidOf(child: ChildProcess, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      const message = `${path} cannot be started: ${error.message}`;
      reject(new ArgosyError('UNAVAILABLE', message, { cause: error, retry: 'never' }));
    });
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
}

interface Starting {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly directory: DataDirectory;
  readonly serverName: string;
  readonly signal: AbortSignal | undefined;
}

async function ready(starting: Starting): Promise<number> {
  const { child, pid, directory, serverName } = starting;
  const portsPath = join(directory.path, `nats-server_${pid}.ports`);
  const giveUpAtMs = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < giveUpAtMs) {
    if (starting.signal?.aborted === true) {
      throw new ArgosyError('CANCELLED', 'starting nats-server was cancelled');
    }
    if (child.exitCode !== null || child.signalCode !== null) {
      const why = await lastLogLines(directory);
      throw new ArgosyError('UNAVAILABLE', `nats-server ended while starting: ${why}`);
    }
    const port = await portIn(portsPath);
    if (port !== undefined && (await serverNameAt(port)) === serverName) {
      await rm(portsPath, { force: true });
      return port;
    }
    await delay(POLL_MS);
  }
  const why = await lastLogLines(directory);
  throw new ArgosyError(
    'UNAVAILABLE',
    `nats-server did not answer in ${START_TIMEOUT_MS} ms: ${why}`,
  );
}

async function portIn(portsPath: string): Promise<number | undefined> {
  try {
    const ports = JSON.parse(await readFile(portsPath, 'utf8')) as {
      readonly nats?: readonly string[];
    };
    const url = ports.nats?.[0];
    return url === undefined ? undefined : Number(new URL(url).port);
  } catch {
    // Not written yet, or half of it.
    return undefined;
  }
}

async function exitOf(
  child: ChildProcess,
  directory: DataDirectory,
  state: { readonly isStopping: boolean },
): Promise<NatsServerExit> {
  const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('exit', (...outcome) => {
      resolve(outcome);
    });
    child.once('error', () => {
      resolve([null, null]);
    });
  });
  const expected = state.isStopping;
  await releaseDataDirectory(directory);
  return { expected, code, killedBy, lastLogLines: await lastLogLines(directory) };
}

async function end(child: ChildProcess, exited: Promise<NatsServerExit>): Promise<void> {
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(force);
}

async function lastLogLines(directory: DataDirectory): Promise<string> {
  const log = await readFile(directory.logPath, 'utf8').catch(() => '');
  const lines = log.trim().split('\n').slice(-LOG_LINES_SHOWN);
  return lines.join(' | ') || 'its log is empty';
}
