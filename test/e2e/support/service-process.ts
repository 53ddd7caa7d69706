import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestNats } from '@argosy/testkit';

/** One service as a process of its own. */
export interface ServiceProcess {
  /** Changes with every restart. */
  readonly pid: number;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
  /** kill -9 and start again on the same settings; the new process is not waited for. */
  restart(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** What every service needs to know to run against a nats-server on this machine alone. */
export function serviceEnvironment(nats: TestNats): Readonly<Record<string, string | undefined>> {
  return {
    ...process.env,
    // The processes strip the types of the same sources: done once, kept for all.
    NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'node-compile'),
    ARGOSY_NATS_URL: nats.url,
    ARGOSY_NATS_TOKEN: nats.token,
    ARGOSY_PARTITIONS: '4',
    ARGOSY_RPC_HOST: '127.0.0.1',
    ARGOSY_ADVERTISE_HOST: '127.0.0.1',
    ARGOSY_HEALTH_HOST: '127.0.0.1',
    ARGOSY_HEALTH_PORT: '0',
    ARGOSY_WEBHOOK_HOST: '127.0.0.1',
    ARGOSY_LOG_LEVEL: 'warn',
  };
}

/** Starts a service; it is not waited for. Its log is appended to a file. */
export function startServiceProcess(
  service: string,
  options: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly logFile: string;
  },
): ServiceProcess {
  const start = () => {
    const log = openSync(options.logFile, 'a');
    const child = spawn(process.execPath, [join(ROOT, 'services', service, 'src', 'main.ts')], {
      cwd: ROOT,
      env: options.environment,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    return { child, gone };
  };
  let running = start();
  const kill = async (): Promise<void> => {
    running.child.kill('SIGKILL');
    await running.gone;
  };
  return {
    get pid() {
      return running.child.pid ?? 0;
    },
    kill,
    async restart() {
      await kill();
      running = start();
    },
  };
}
