import { initialState, step, streamOwed, type Effect, type Fact } from '@argosy/core-workflow';
import type { Input, RunHeader, RunState } from '@argosy/core-workflow';

export interface Drive {
  readonly state: RunState;
  /** Nodes created, started and finished. */
  readonly transitions: number;
}

/** Told all facts of one step. */
export type FactsListener = (facts: readonly Fact[]) => void;

/**
 * Drives a run to its end as a scheduler without a bus would: every task is made, reported as
 * started and as finished, one report at a time, in the order in which tasks were handed out.
 * @throws Error when the run does not succeed.
 */
export function drive(header: RunHeader, listener?: FactsListener): Drive {
  const run: Running = {
    state: initialState(),
    at: header.createdAtMs,
    taskIds: [],
    goesOn: false,
  };
  let transitions = 0;
  const offer = (input: Input): void => {
    const stepped = step(run.state, input);
    if (!stepped.ok) throw new Error(`${input.kind} was refused: ${stepped.error.message}`);
    run.state = stepped.value.state;
    transitions += countTransitions(stepped.value.facts);
    listener?.(stepped.value.facts);
    run.goesOn = false;
    for (const effect of streamOwed(run.state)) collect(run, effect);
    // Much at once is decided in parts, each of which asks for the next.
    if (run.goesOn) offer({ kind: 'Tick', at: run.at });
  };
  offer({ kind: 'Submit', at: run.at, run: header });
  const { taskIds } = run;
  for (let next = 0; next < taskIds.length; next += 1) {
    const taskId = taskIds[next] ?? '';
    run.at += 1;
    const started = { taskId, kind: 'Started', hostNodeName: 'host' } as const;
    offer({ kind: 'ReportTask', at: run.at, report: started });
    const ended = { kind: 'Finished', phase: 'Succeeded', exitCode: 0, result: 'r' } as const;
    offer({ kind: 'ReportTask', at: run.at, report: { taskId, ...ended } });
  }
  if (run.state.phase !== 'Succeeded') throw new Error(`the run ended as '${run.state.phase}'`);
  return { state: run.state, transitions };
}

interface Running {
  state: RunState;
  at: number;
  readonly taskIds: string[];
  /** There is something to be decided without anything new. */
  goesOn: boolean;
}

/** Keeps of a task what a report needs. */
function collect(run: Running, effect: Effect): void {
  if (effect.kind === 'RunTask') run.taskIds.push(effect.task.taskId);
  else if (effect.kind === 'WakeAt') run.goesOn ||= effect.at <= run.at;
}

function countTransitions(facts: readonly Fact[]): number {
  let count = 0;
  for (const { kind } of facts) {
    if (kind === 'NodeCreated' || kind === 'NodeStarted' || kind === 'NodeFinished') count += 1;
  }
  return count;
}
