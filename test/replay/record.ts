// Records new logs for the replay tests: `node test/replay/record.ts [NAME …]`. A log that is there already is written over
// only when it is named: the old ones are what the tests are about.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Fact } from '@argosy/core-workflow';
import { playScenario } from '../simulation/world.ts';
import { realEngine } from '../simulation/engine.ts';
import { scenarioOf } from '../simulation/generate/scenario.ts';
import { recordLog, writeLog } from './log-file.ts';
import { runWithScheduler } from './scheduler-run.ts';

/** Simulations whose logs are kept: the first run of each. */
const SEEDS = [3, 14, 46, 67, 112, 147, 172, 232, 291, 330, 493, 703, 721, 1006];

/** Manifests that a real scheduler carries out, by the name of the log. */
const ROOT = join(import.meta.dirname, '..', '..');
const MANIFESTS = [
  'examples/hello-world.yaml',
  'examples/dag-with-retries.yaml',
  'examples/loops-and-results.yaml',
];

/** Facts that were stored at one instant were stored together. */
function batchesOf(facts: readonly Fact[]): readonly (readonly Fact[])[] {
  const batches: Fact[][] = [];
  let at: number | undefined;
  for (const fact of facts) {
    if (fact.at !== at) batches.push([]);
    at = fact.at;
    batches.at(-1)?.push(fact);
  }
  return batches;
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const isDue = (name: string): boolean => {
    if (wanted.length > 0) return wanted.includes(name);
    return !existsSync(join(import.meta.dirname, 'logs', `${name}.json`));
  };
  for (const seed of SEEDS) {
    const name = `simulated-${seed}`;
    if (!isDue(name)) continue;
    const [facts = []] = playScenario(scenarioOf(seed), realEngine).facts;
    writeLog(recordLog(name, `the first run of simulation ${seed}`, batchesOf(facts)));
    process.stdout.write(`${name}: ${facts.length} facts\n`);
  }
  for (const file of MANIFESTS) {
    const name = `scheduled-${basename(file, '.yaml')}`;
    if (!isDue(name)) continue;
    const batches = await runWithScheduler(readFileSync(join(ROOT, file), 'utf8'));
    writeLog(recordLog(name, `${file}, carried out by the scheduler`, batches));
    process.stdout.write(`${name}: ${batches.flat().length} facts\n`);
  }
}

await main();
