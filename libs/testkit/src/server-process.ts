import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { eventually } from './eventually.ts';

export interface ServerProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** TCP port of 127.0.0.1 on which it listens when it is ready. */
  readonly port: number;
  /** Longest time until it listens; default 60 s. */
  readonly readyMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A server that is not Argosy's, started for one test file. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it wrote so far, both outputs; for messages about what went wrong. */
  output(): string;
  /** kill -9; resolves when it is gone. May be called twice. */
  stop(): Promise<void>;
}

/** Longest output that is kept, in characters. */
const OUTPUT_CHARACTERS_MAX = 100_000;
const READY_MS = 60_000;

/**
 * Starts a program and waits until its port takes connections. The port must be free before, so that it
 * is this server that answers.
 * @throws Error with its output when it ends before it is ready or is not ready in time
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { command, args, port, readyMs = READY_MS, env, cwd } = options;
  if (await listens(port)) throw new Error(`port ${port} is taken already`);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = once(child, 'exit');
  exited.catch(() => undefined);
  const stop = async (): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await once(child, 'spawn');
    await eventually(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        if (!(await listens(port))) throw new Error('it does not listen yet');
      },
      { timeoutMs: readyMs },
    );
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
  } catch (error) {
    await stop();
    throw new Error(`${command} did not start: ${String(error)}\n${output}`, { cause: error });
  }
  return {
    pid: child.pid ?? 0,
    output: () => output,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * The first line that a program prints about its version, or undefined when it is not installed. For tests
 * against servers that a machine may lack: such a suite is skipped, and says so.
 */
export function versionOf(
  command: string,
  args: readonly string[] = ['--version'],
): string | undefined {
  const run = spawnSync(command, args, { encoding: 'utf8' });
  if (run.error !== undefined) return undefined;
  const [line] = `${run.stdout}${run.stderr}`.split('\n').filter((text) => text.trim() !== '');
  return line?.trim() ?? command;
}

/** Says on standard error, so that nobody overlooks it, that this suite does not run here. */
export function tellSkipped(suite: string, missing: string): void {
  process.stderr.write(`SKIPPED: ${suite}: ${missing}\n`);
}

async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
