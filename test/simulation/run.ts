// The simulation's command line.
//   npm run simulate                              the seeds and mutants that CI plays
//   npm run simulate -- --seeds N [--seed S] [--minutes M]   N seeds from S on, for at most M minutes
//   npm run simulate -- --seed S [--trace]        one seed; when it fails, shrunk to a small one
//   npm run simulate -- --mutations               looks for every deliberate mistake, prints a table
// Ends with `N passed, N failed, N skipped`; exits 1 when anything failed.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { realEngine } from './engine.ts';
import { scenarioOf } from './generate/scenario.ts';
import { mutants } from './mutants.ts';
import { startProcesses } from './processes.ts';
import { describeScenario } from './report.ts';
import { shrink } from './shrink.ts';
import { judge } from './verdict.ts';
import { playScenario } from './world.ts';

/** Seeds that CI plays. */
const SEEDS_DEFAULT = 20_000;
/** Seeds after which a mutant counts as not found out. */
const MUTANT_SEEDS_MAX = 3_000;
const MINUTES_DEFAULT = 30;
const MINUTE_MS = 60_000;
/** Failing seeds that are shrunk and shown. */
const SHOWN_MAX = 3;

interface Counts {
  passed: number;
  failed: number;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      mutations: { type: 'boolean' },
      trace: { type: 'boolean' },
    },
  });
  const counts: Counts = { passed: 0, failed: 0 };
  const first = numberOf(values.seed, 'seed', 0);
  if (values.seed !== undefined && values.seeds === undefined) {
    playOne(first, values.trace === true, counts);
  } else if (values.mutations === true) {
    await playMutants(counts);
  } else {
    const seeds = numberOf(values.seeds, 'seeds', SEEDS_DEFAULT);
    const minutes = numberOf(values.minutes, 'minutes', MINUTES_DEFAULT);
    await playMany({ first, seeds, minutes }, counts);
    if (values.seeds === undefined) await playMutants(counts);
  }
  say(`${counts.passed} passed, ${counts.failed} failed, 0 skipped`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

function numberOf(text: string | undefined, option: string, absent: number): number {
  if (text === undefined) return absent;
  const number = Number(text);
  if (Number.isFinite(number) && number >= 0) return number;
  process.stderr.write(`--${option} takes a number, not "${text}"\n`);
  process.exit(2);
}

async function playMany(
  span: { readonly first: number; readonly seeds: number; readonly minutes: number },
  counts: Counts,
): Promise<void> {
  const startedMs = Date.now();
  const untilMs = startedMs + span.minutes * MINUTE_MS;
  const processes = startProcesses(availableParallelism());
  const stride = processes.count;
  const answers = await Promise.all(
    Array.from({ length: stride }, (_, index) => {
      const { seeds } = span;
      const first = span.first + index;
      return processes.ask({ kind: 'Seeds', first, count: seeds - index, stride, untilMs });
    }),
  );
  processes.stop();
  const total = { played: 0, runs: 0, nodes: 0, facts: 0 };
  const failed: { seed: number; rule: string }[] = [];
  for (const answer of answers) {
    if (answer.kind !== 'Seeds') continue;
    for (const key of ['played', 'runs', 'nodes', 'facts'] as const) total[key] += answer[key];
    failed.push(...answer.failed);
  }
  const seconds = ((Date.now() - startedMs) / 1_000).toFixed(1);
  say(
    `${total.played} simulations of ${total.runs} runs, ${total.nodes} nodes, ` +
      `${total.facts} facts in ${seconds} s; ${failed.length} broke a rule`,
  );
  counts.passed += total.played - failed.length;
  counts.failed += failed.length;
  for (const { seed } of failed.slice(0, SHOWN_MAX)) playOne(seed, false, { passed: 0, failed: 0 });
  for (const { seed, rule } of failed.slice(SHOWN_MAX)) say(`seed ${seed}: ${rule}`);
}

function playOne(seed: number, isTraced: boolean, counts: Counts): void {
  const scenario = scenarioOf(seed);
  if (isTraced) playScenario(scenario, realEngine, say);
  const [violation] = judge(scenario, realEngine).violations;
  if (violation === undefined) {
    counts.passed += 1;
    say(`seed ${seed}: every rule holds`);
    return;
  }
  counts.failed += 1;
  const isAlike = (candidate: typeof scenario): boolean => {
    return judge(candidate, realEngine).violations[0]?.rule === violation.rule;
  };
  const small = shrink(scenario, isAlike);
  const [smallViolation] = judge(small, realEngine).violations;
  say(`seed ${seed} breaks the rule "${violation.rule}": ${violation.detail}`);
  say(`play it again with: npm run simulate -- --seed ${seed} --trace`);
  say('shrunk:');
  say(describeScenario(small));
  say(`what is wrong there: ${smallViolation?.detail ?? violation.detail}\n`);
}

async function playMutants(counts: Counts): Promise<void> {
  const startedMs = Date.now();
  const processes = startProcesses(availableParallelism());
  const answers = await Promise.all(
    mutants.map((_, index) => {
      return processes.ask({ kind: 'Mutant', index, first: 0, max: MUTANT_SEEDS_MAX });
    }),
  );
  processes.stop();
  const width = Math.max(...mutants.map(({ name }) => name.length));
  say(`\n${'mistake'.padEnd(width)}  seeds  rule that it breaks`);
  for (const answer of answers) {
    if (answer.kind !== 'Mutant') continue;
    const isFound = answer.seed !== undefined;
    counts[isFound ? 'passed' : 'failed'] += 1;
    const name = (mutants[answer.index]?.name ?? '').padEnd(width);
    say(`${name}  ${String(answer.seeds).padStart(5)}  ${isFound ? '' : 'FAILED: '}${answer.rule}`);
  }
  say(`${answers.length} mistakes in ${((Date.now() - startedMs) / 1_000).toFixed(1)} s\n`);
}

await main();
