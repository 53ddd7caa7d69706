// Runs the test suites one after the other and ends with one line that sums them:
// `N passed, N failed, N skipped`. Arguments name suites; none = all. Exits 1 when anything failed.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  /** Where the counts are: in vitest's JSON file, or in the last line of standard output. */
  readonly counts: 'json' | 'line';
}

const root = join(import.meta.dirname, '..');
const results = join(root, 'node_modules', '.argosy-results');

const vitest = (project: string): readonly string[] => [
  ...['npx', 'vitest', 'run', '--project', project, '--passWithNoTests'],
  ...['--reporter=default', '--reporter=json', `--outputFile.json=${results}/${project}.json`],
];

const suites: readonly Suite[] = [
  { name: 'unit', command: vitest('unit'), counts: 'json' },
  { name: 'integration', command: vitest('integration'), counts: 'json' },
  { name: 'simulation', command: ['node', 'test/simulation/run.ts'], counts: 'line' },
  ...['workflows', 'events'].map((area): Suite => ({
    name: `conformance-${area}`,
    command: ['node', 'test/conformance/run.ts', area],
    counts: 'line',
  })),
];

/** Runs a suite with its output shown; gives what it printed to standard output too. */
function run(suite: Suite): Promise<{ readonly status: number; readonly output: string }> {
  const [program = '', ...rest] = suite.command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status: status ?? 1, output });
    });
  });
}

function countsOf(suite: Suite, output: string): Counts | undefined {
  if (suite.counts === 'line') {
    const matches = Array.from(output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm));
    const last = matches.at(-1);
    if (last === undefined) return undefined;
    return { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3]) };
  }
  try {
    const report = JSON.parse(readFileSync(join(results, `${suite.name}.json`), 'utf8')) as {
      readonly numPassedTests: number;
      readonly numFailedTests: number;
      readonly numPendingTests: number;
      readonly numTodoTests: number;
    };
    const skipped = report.numPendingTests + report.numTodoTests;
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped };
  } catch {
    return undefined;
  }
}

async function main(): Promise<void> {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const wanted = process.argv.slice(2);
  const chosen = suites.filter((suite) => wanted.length === 0 || wanted.includes(suite.name));
  if (chosen.length === 0) {
    process.stderr.write(`no such suite; there are: ${suites.map((s) => s.name).join(', ')}\n`);
    process.exit(2);
  }
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines: string[] = [];
  for (const suite of chosen) {
    process.stdout.write(`\n== ${suite.name}\n`);
    const { status, output } = await run(suite);
    const counts = countsOf(suite, output) ?? { passed: 0, failed: 0, skipped: 0 };
    // A suite that died without failing a test (a crash, an error while collecting) has failed as one.
    const failed = counts.failed === 0 && status !== 0 ? 1 : counts.failed;
    total.passed += counts.passed;
    total.failed += failed;
    total.skipped += counts.skipped;
    lines.push(
      `${suite.name}: ${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped` +
        (status === 0 ? '' : ` (exit code ${status})`),
    );
  }
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
  process.stdout.write(
    `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`,
  );
  process.exitCode = total.failed > 0 ? 1 : 0;
}

await main();
