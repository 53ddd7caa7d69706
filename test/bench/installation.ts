import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, findInstance, openHome, type Connection } from '@argosy/cli';
import { eventually, temporaryDirectory } from '@argosy/testkit';

/** `argosy up` as a process tree of its own, so that the bench's work is not counted as its. */
export interface BenchInstallation extends AsyncDisposable {
  readonly connection: Connection;
  /** When runs end, as the gateway tells it. */
  readonly ends: RunEnds;
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
  const ends = watchEnds(connection);
  return {
    connection,
    ends,
    httpAddress: instance.httpAddress,
    pid: instance.pid,
    startMs,
    async [Symbol.asyncDispose]() {
      ends.stop();
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

export interface RunEnds {
  /** Resolves when the run is finished, with the moment at which that was seen. */
  of(name: string): Promise<{ readonly phase: string; readonly atMs: number }>;
  stop(): void;
}

/** One watch of all runs, so that waiting for an end costs no call of its own. */
function watchEnds(connection: Connection): RunEnds {
  const stopping = new AbortController();
  const seen = new Map<string, { readonly phase: string; readonly atMs: number }>();
  const waiting = new Map<string, (end: { phase: string; atMs: number }) => void>();
  const watch = async (): Promise<void> => {
    const notices = connection.workflows.watchWorkflows({}, { signal: stopping.signal });
    for await (const { workflow } of notices) {
      if (workflow?.finishedAt === undefined) continue;
      const end = { phase: workflow.phase, atMs: performance.now() };
      waiting.get(workflow.name)?.(end);
      seen.set(workflow.name, end);
    }
  };
  void watch();
  return {
    of(name) {
      const end = seen.get(name);
      if (end !== undefined) return Promise.resolve(end);
      return new Promise((resolve) => waiting.set(name, resolve));
    },
    stop: () => stopping.abort(),
  };
}
