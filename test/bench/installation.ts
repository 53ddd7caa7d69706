import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, findInstance, openHome, type Connection } from '@argosy/cli';
import { eventually, temporaryDirectory } from '@argosy/testkit';

/** `argosy up` as a process tree of its own, so that the bench's work is not counted as its. */
export interface BenchInstallation extends AsyncDisposable {
  readonly connection: Connection;
  readonly httpAddress: string;
  readonly pid: number;
  /** Milliseconds from the start of the process until all services are ready. */
  readonly startMs: number;
}

const ROOT = join(import.meta.dirname, '..', '..');

export async function startBenchInstallation(): Promise<BenchInstallation> {
  const directory = await temporaryDirectory('argosy-bench-');
  const home = openHome(directory.path);
  const beganMs = performance.now();
  const main = join(ROOT, 'apps', 'cli', 'src', 'main.ts');
  const child = spawn(process.execPath, [main, 'up', '--port', '0', '--grpc-port', '0'], {
    env: { ...process.env, ARGOSY_HOME: directory.path, ARGOSY_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const instance = await eventually(
    () => {
      const found = findInstance(home);
      if (found === undefined) throw new Error('argosy up has not come up');
      return found;
    },
    { timeoutMs: 60_000, intervalMs: 5 },
  );
  const startMs = performance.now() - beganMs;
  const connection = connect({ rpcAddress: instance.rpcAddress, token: home.token() });
  return {
    connection,
    httpAddress: instance.httpAddress,
    pid: instance.pid,
    startMs,
    async [Symbol.asyncDispose]() {
      connection.close();
      child.kill('SIGTERM');
      await gone;
      await directory.remove();
    },
  };
}

/** Resident memory of a process and all its descendants, bytes; Linux only. */
export function residentBytes(pid: number): number {
  const own = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const tasks = `/proc/${pid}/task`;
  const children = readdirSync(tasks).flatMap((task) => {
    const file = join(tasks, task, 'children');
    return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean) : [];
  });
  const nested = children.map((child) => residentBytes(Number(child)));
  return Number(own?.[1] ?? 0) * 1_024 + nested.reduce((sum, bytes) => sum + bytes, 0);
}
