import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestNats } from '@argosy/testkit';

/** The sensor service as a process of its own. */
export interface SensorProcess {
  readonly child: ChildProcess;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Starts a sensor on a nats-server; it is not waited for. */
export function startSensorProcess(nats: TestNats): SensorProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'main.ts')], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      ...process.env,
      ARGOSY_NATS_URL: nats.url,
      ARGOSY_NATS_TOKEN: nats.token,
      ARGOSY_PARTITIONS: '4',
      ARGOSY_RPC_HOST: '127.0.0.1',
      ARGOSY_HEALTH_HOST: '127.0.0.1',
      ARGOSY_HEALTH_PORT: '0',
      ARGOSY_ADVERTISE_HOST: '127.0.0.1',
      ARGOSY_LOG_LEVEL: 'error',
    },
  });
  return {
    child,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
