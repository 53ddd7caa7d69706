// Measures what users wait for, beside what Argo takes for the same work on a like machine (2 cores; Argo Workflows 4.1 on
// a real Kubernetes, images local). Prints one table; judges nothing. `node test/bench/run.ts [TEXT]` runs the rows that
// contain the text.
import { availableParallelism, cpus } from 'node:os';
import { startBenchInstallation, type BenchInstallation } from './installation.ts';
import {
  chain,
  fanOut,
  helloWorld,
  memoryAtRest,
  skipped,
  startTime,
  webhookPosts,
  type Row,
} from './measurements.ts';

type Measurement = (installation: BenchInstallation) => Promise<Row> | Row;

const measurements: Readonly<Record<string, Measurement>> = {
  start: startTime,
  memory: memoryAtRest,
  hello: helloWorld,
  chain,
  'fan-out': fanOut,
  'skipped-4000': (on) => skipped(on, { count: 4_000, argoMs: 3_250, goal: '≤ 1 s' }),
  'skipped-16000': (on) => skipped(on, { count: 16_000 }),
  webhook: webhookPosts,
};

function print(rows: readonly Row[]): void {
  const lines = [
    ['measured', 'Argosy', 'Argo', 'Argo ÷ Argosy', 'goal'],
    ...rows.map(({ what, found, argo, goal }) => [
      what,
      found,
      argo?.text ?? '',
      argo === undefined ? '' : Number.isFinite(argo.ratio) ? `${argo.ratio.toFixed(1)} ×` : '∞',
      goal ?? '',
    ]),
  ];
  const widths = lines[0]?.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  for (const line of lines) {
    const cells = line.map((cell, column) => cell.padEnd(widths?.[column] ?? 0));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
}

const wanted = process.argv[2] ?? '';
const chosen = Object.entries(measurements).filter(([name]) => name.includes(wanted));
await using installation = await startBenchInstallation();
const rows: Row[] = [];
for (const [name, measure] of chosen) {
  process.stderr.write(`${name} …\n`);
  rows.push(await measure(installation));
}
process.stdout.write(
  `\n${availableParallelism()} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}\n\n`,
);
print(rows);
