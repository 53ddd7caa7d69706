import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What one process of the bench measures. */
export interface CoreJob {
  readonly what: 'run' | 'plan' | 'heap' | 'fold' | 'once';
  readonly shape: string;
  readonly nodes: number;
}

/** What came out; the meaning of each number depends on the job. */
export interface CoreResult {
  readonly ms?: number;
  readonly planMs?: number;
  readonly bytes?: number;
  readonly peakBytes?: number;
  readonly count?: number;
}

/** The collector works on the thread that is measured, so that one core is one core. */
const FLAGS = ['--expose-gc', '--single-threaded-gc', '--no-warnings'];

/** Old space that a run of a million nodes may use, megabytes: the limit that it has to keep. */
const OLD_SPACE_MB = 4_000;

/** Runs a job in a fresh process, so that no measurement profits from or pays for another one. */
export async function runJob({ what, shape, nodes }: CoreJob): Promise<CoreResult> {
  const worker = join(import.meta.dirname, 'worker.ts');
  const flags = [...FLAGS, `--max-old-space-size=${OLD_SPACE_MB}`];
  const child = spawn(process.execPath, [...flags, worker, what, shape, String(nodes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const printed = await text(child.stdout);
  const code = await gone;
  if (code !== 0) throw new Error(`${what} ${shape} ${nodes} ended with exit code ${code}`);
  return JSON.parse(printed) as CoreResult;
}
