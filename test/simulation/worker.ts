// One process of a simulation: plays a range of seeds, or looks for the seed that finds a mutant out.
import { realEngine } from './engine.ts';
import { scenarioOf } from './generate/scenario.ts';
import { loadMutant } from './mutate.ts';
import { mutants } from './mutants.ts';
import { judge } from './verdict.ts';

/** What a process is asked to do. */
export type WorkerTask =
  | {
      readonly kind: 'Seeds';
      readonly first: number;
      readonly count: number;
      /** Every so many-th seed, so that several processes share the range. */
      readonly stride: number;
      readonly untilMs: number;
    }
  | {
      readonly kind: 'Mutant';
      readonly index: number;
      readonly first: number;
      readonly max: number;
    };

/** What it found. */
export type WorkerAnswer =
  | {
      readonly kind: 'Seeds';
      readonly played: number;
      readonly runs: number;
      readonly nodes: number;
      readonly facts: number;
      readonly failed: readonly { readonly seed: number; readonly rule: string }[];
    }
  | {
      readonly kind: 'Mutant';
      readonly index: number;
      /** The first seed that fails; undefined when none does, or the mutant cannot be made. */
      readonly seed?: number;
      readonly seeds: number;
      readonly rule: string;
    };

/** Failures after which a process plays no more seeds: they are likely the same one. */
const FAILURES_MAX = 20;

function playSeeds(task: Extract<WorkerTask, { kind: 'Seeds' }>): WorkerAnswer {
  const failed: { seed: number; rule: string }[] = [];
  let [played, runs, nodes, facts] = [0, 0, 0, 0];
  for (let offset = 0; offset < task.count; offset += task.stride) {
    if (Date.now() > task.untilMs || failed.length >= FAILURES_MAX) break;
    const seed = task.first + offset;
    const scenario = scenarioOf(seed);
    const verdict = judge(scenario, realEngine);
    played += 1;
    runs += scenario.workflows.length;
    nodes += verdict.nodes;
    facts += verdict.facts;
    const [violation] = verdict.violations;
    if (violation !== undefined) failed.push({ seed, rule: violation.rule });
  }
  return { kind: 'Seeds', played, runs, nodes, facts, failed };
}

async function findMutant(task: Extract<WorkerTask, { kind: 'Mutant' }>): Promise<WorkerAnswer> {
  const { index, first, max } = task;
  const mutant = mutants[index];
  if (mutant === undefined) throw new Error(`there is no mutant ${index}`);
  try {
    using simulation = await loadMutant(mutant);
    for (let offset = 0; offset < max; offset += 1) {
      const [violation] = simulation.judge(scenarioOf(first + offset)).violations;
      if (violation === undefined) continue;
      const seeds = offset + 1;
      return { kind: 'Mutant', index, seed: first + offset, seeds, rule: violation.rule };
    }
    return { kind: 'Mutant', index, seeds: max, rule: 'not found out' };
  } catch (thrown) {
    const rule = thrown instanceof Error ? thrown.message : String(thrown);
    return { kind: 'Mutant', index, seeds: 0, rule };
  }
}

process.on('message', (task: WorkerTask) => {
  const answer = task.kind === 'Seeds' ? Promise.resolve(playSeeds(task)) : findMutant(task);
  void answer.then((value) => process.send?.(value));
});
