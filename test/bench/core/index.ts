import type { Table } from '../table.ts';
import { runJob, type CoreJob, type CoreResult } from './job.ts';
import { SHAPES } from './shapes.ts';

const SIZES = [1_000, 10_000, 100_000] as const;
const SIZE_LARGEST = 1_000_000;

async function run(job: CoreJob): Promise<CoreResult> {
  process.stderr.write(`core: ${job.what} ${job.shape} ${job.nodes} …\n`);
  return runJob(job);
}

async function rowOf(shape: string): Promise<readonly string[]> {
  const costs: number[] = [];
  for (const nodes of SIZES) costs.push((await run({ what: 'run', shape, nodes })).ms ?? NaN);
  const ratio = (costs.at(-1) ?? NaN) / (costs[0] ?? NaN);
  const { bytes = NaN } = await run({ what: 'heap', shape, nodes: 100_000 });
  const fold = await run({ what: 'fold', shape, nodes: 100_000 });
  const plan = await run({ what: 'plan', shape, nodes: 100_000 });
  return [
    shape,
    ...costs.map((ms) => `${Math.round(1 / ms)},000/s`),
    `${ratio.toFixed(2)} ×`,
    `${bytes.toFixed(0)} B`,
    `${(fold.ms ?? NaN).toFixed(0)} ms`,
    `${(plan.ms ?? NaN).toFixed(0)} + ${(plan.planMs ?? NaN).toFixed(0)} ms`,
  ];
}

/**
 * The state machine alone, one table. A transition is a node created, started or finished; making
 * the tasks and compiling the templates is included. Times are CPU time of one thread,
 * the garbage collector's work included.
 */
export async function measureCore(wanted: string): Promise<Table> {
  const rows: (readonly string[])[] = [];
  for (const shape of Object.keys(SHAPES).filter((name) => name.includes(wanted))) {
    rows.push(await rowOf(shape));
  }
  return {
    title:
      'The core alone (one transition = a node created, started or finished; ' +
      'task making included; CPU time of one core; medians, each cell a fresh process)',
    head: [
      'shape',
      '1,000',
      '10,000',
      '100,000',
      '100k ÷ 1k',
      'heap a node',
      'fold 100k',
      'validate + plan 100k',
    ],
    rows,
  };
}

/** One run of a million nodes. */
export async function measureLargest(): Promise<Table> {
  const result = await run({ what: 'once', shape: 'fan-out', nodes: SIZE_LARGEST });
  const { ms = NaN, count = NaN, peakBytes = NaN, bytes = NaN } = result;
  const cells = [
    `fan-out of ${SIZE_LARGEST} nodes`,
    `${(ms / 1_000).toFixed(1)} s`,
    `${Math.round(count / ms)},000/s`,
    `${(peakBytes / 2 ** 30).toFixed(2)} GiB`,
    `${bytes.toFixed(0)} B`,
  ];
  return {
    title: 'The largest run (cold, by the clock)',
    head: ['what', 'time', 'transitions', 'peak resident', 'heap a node'],
    rows: [cells],
  };
}
