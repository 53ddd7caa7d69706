import { startBenchInstallation, type BenchInstallation } from './installation.ts';
import {
  chain,
  fanOut,
  helloWorld,
  manyAtOnce,
  memoryAtRest,
  skipped,
  startTime,
  webhookPosts,
  type Row,
} from './measurements.ts';
import type { Table } from './table.ts';

type Measurement = (installation: BenchInstallation) => Promise<Row> | Row;

const measurements: Readonly<Record<string, Measurement>> = {
  start: startTime,
  memory: memoryAtRest,
  hello: helloWorld,
  chain,
  'fan-out': fanOut,
  'skipped-4000': (on) => skipped(on, { count: 4_000, argoMs: 3_250, goal: '≤ 0.3 s' }),
  'skipped-16000': (on) => skipped(on, { count: 16_000 }),
  'skipped-100000': (on) => skipped(on, { count: 100_000, rounds: 1, goal: 'completes' }),
  'many-at-once': manyAtOnce,
  webhook: webhookPosts,
};

/**
 * Measures what users wait for, beside what Argo takes for the same work on a like machine (2 cores;
 * Argo Workflows 4.1 on a real Kubernetes, images local).
 */
export async function measureInstallation(wanted: string): Promise<Table> {
  const chosen = Object.entries(measurements).filter(([name]) => name.includes(wanted));
  await using installation = await startBenchInstallation();
  const rows: Row[] = [];
  for (const [name, measure] of chosen) {
    process.stderr.write(`${name} …\n`);
    rows.push(await measure(installation));
  }
  return {
    title: 'What users wait for',
    head: ['measured', 'Argosy', 'Argo', 'Argo ÷ Argosy', 'goal'],
    rows: rows.map(({ what, found, argo, goal }) => [
      what,
      found,
      argo?.text ?? '',
      argo === undefined ? '' : Number.isFinite(argo.ratio) ? `${argo.ratio.toFixed(1)} ×` : '∞',
      goal ?? '',
    ]),
  };
}
