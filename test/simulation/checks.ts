import type { Fact, State } from '@argosy/core-workflow';
import type { Engine } from './engine.ts';

/** Whether a live state is what its facts lead to, and what it owes is what they lead to owing. */
export function compareWithLog(
  engine: Engine,
  log: { readonly facts: readonly Fact[]; readonly sequence: number },
  run: { readonly state: State; readonly sequence: number },
): readonly string[] {
  if (run.sequence !== log.sequence) return [];
  const problems: string[] = [];
  const folded = foldOf(engine, log.facts);
  const live = JSON.stringify(engine.renderWorkflow(run.state));
  const again = JSON.stringify(engine.renderWorkflow(folded));
  if (live !== again) problems.push(`rendered: ${firstDifference(live, again)}`);
  const owedLive = owedOf(engine, run.state);
  const owedFolded = owedOf(engine, folded);
  if (owedLive.tasks !== owedFolded.tasks) {
    problems.push(`owed tasks: ${firstDifference(owedLive.tasks, owedFolded.tasks)}`);
  }
  // A fold may ask to be woken at once, to look again at what its owner had looked at before.
  if (owedLive.wakeAt !== owedFolded.wakeAt && owedFolded.wakeAt !== AT_ONCE) {
    problems.push(`owed timers: ${owedLive.wakeAt} is not ${owedFolded.wakeAt}`);
  }
  const owedAgain = owedOf(engine, run.state);
  if (owedLive.tasks !== owedAgain.tasks) problems.push('what is owed changes by asking');
  problems.push(...progressProblems(engine, run.state, log.facts));
  return problems;
}

/** The state that facts lead to. */
export function foldOf(engine: Engine, facts: readonly Fact[]): State {
  let state = engine.workflowMachine.initial();
  for (const fact of facts) state = engine.workflowMachine.evolve(state, fact);
  return state;
}

/** What a timer is set to when there is something to go on with. */
const AT_ONCE = 0;

/** Tasks and the next timer. Cancellations are owed for ever by a fold, and once by a live state. */
function owedOf(
  engine: Engine,
  state: State,
): { readonly tasks: string; readonly wakeAt: number | undefined } {
  const tasks: string[] = [];
  let wakeAt: number | undefined;
  for (const effect of engine.workflowMachine.owed(state)) {
    if (effect.kind === 'RunTask') tasks.push(JSON.stringify(effect.task));
    else if (effect.kind === 'WakeAt') wakeAt = effect.at;
  }
  return { tasks: tasks.sort().join('; '), wakeAt };
}

/** The counters that are kept and the sums over all nodes are the same, unless tasks told of their own progress. */
function progressProblems(engine: Engine, state: State, facts: readonly Fact[]): string[] {
  if (facts.some(({ kind }) => kind === 'NodeProgressed')) return [];
  const kept = engine.summarize(state).progress;
  const summed = engine.renderWorkflow(state).status?.progress ?? '';
  return kept === summed ? [] : [`progress: kept ${kept}, summed ${summed}`];
}

const CONTEXT_LENGTH = 120;

/** The first place at which two texts differ, with what is around it. */
export function firstDifference(left: string, right: string): string {
  let index = 0;
  while (index < left.length && left[index] === right[index]) index += 1;
  const from = Math.max(0, index - CONTEXT_LENGTH);
  const cut = (text: string): string => text.slice(from, index + CONTEXT_LENGTH);
  return `${cut(left)} … instead of … ${cut(right)}`;
}
