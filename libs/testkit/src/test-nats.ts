import { join } from 'node:path';
import { obtainNatsServer, startNatsServer } from '@argosy/nats-server';
import type { RunningNatsServer } from '@argosy/nats-server';
import { versionOf } from './server-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A real nats-server for one test file, on data of its own. */
export interface TestNats extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly port: number;
  /** Changes with every restart. */
  readonly pid: number;
  readonly dataDirectory: string;
  /** Ends the server in order and removes its data. May be called twice. */
  stop(): Promise<void>;
  /** kill -9; resolves when the process is gone. The data stays. */
  kill(): Promise<void>;
  /** Ends the server in order, so that it writes all it knows of its consumers. The data stays. */
  halt(): Promise<void>;
  /** Starts it again on the same data and port; a server that still runs is killed (-9) first. */
  restart(): Promise<void>;
}

/** The program, found or obtained, and its version such as `2.15.2`; for servers with settings of a test's own. */
export async function natsServerProgram(): Promise<{ path: string; version: string }> {
  const { path } = await obtainNatsServer();
  return { path, version: /v([\d.]+)/.exec(versionOf(path) ?? '')?.[1] ?? 'unknown' };
}

/**
 * Starts a real nats-server on a free port in a temporary directory; the program is found or
 * obtained.
 */
export async function startTestNats(): Promise<TestNats> {
  const { path } = await obtainNatsServer();
  const temporary = await temporaryDirectory('argosy-nats-');
  const dataDirectory = join(temporary.path, 'nats');
  const first = await startNatsServer({ path, dataDirectory });
  let running: RunningNatsServer | undefined = first;
  let { pid } = first;
  const kill = async (): Promise<void> => {
    if (running === undefined) return;
    const { exited } = running;
    process.kill(running.pid, 'SIGKILL');
    running = undefined;
    await exited;
  };
  const halt = async (): Promise<void> => {
    await running?.stop();
    running = undefined;
  };
  const stop = async (): Promise<void> => {
    await halt();
    await temporary.remove();
  };
  return {
    url: first.url,
    token: first.token,
    port: first.port,
    get pid() {
      return pid;
    },
    dataDirectory,
    stop,
    kill,
    halt,
    restart: async () => {
      await kill();
      running = await startNatsServer({ path, dataDirectory, port: first.port });
      pid = running.pid;
    },
    [Symbol.asyncDispose]: stop,
  };
}
