import { err, ok, type Refusal, type Result } from '@argosy/base';
import type { Fact } from '../facts.ts';
import type { RunHeader } from '../input.ts';
import { hasLocks } from '../run-locks.ts';
import type { RunState } from '../state.ts';

/** Starts a run. The same run a second time is no news; another one under its key is refused. */
export function decideSubmit(
  state: RunState,
  run: RunHeader,
  at: number,
): Result<readonly Fact[], Refusal> {
  if (state.context !== undefined) {
    if (state.context.run.uid === run.uid) return ok([]);
    return err({ code: 'AlreadyExists', message: `workflow ${run.name} is already running` });
  }
  const submitted: Fact = { kind: 'RunSubmitted', at, run };
  const rejection = rejectionOf(run);
  if (rejection !== undefined) {
    return ok([submitted, { kind: 'RunStarted', at }, { kind: 'RunFinished', at, ...rejection }]);
  }
  // A run with locks starts when it has got them.
  if (!hasLocks(run)) return ok([submitted, ...startFacts(run, at)]);
  if (run.spec.shutdown !== 'Terminate') return ok([submitted]);
  return ok([submitted, { kind: 'RunFinished', at, phase: 'Failed', message: TERMINATED }]);
}

/** How a run ends that is terminated before it has got its locks. */
export const TERMINATED = "Stopped with strategy 'Terminate'";

/** The start of a run that may run; its deadline may be over at once. */
export function startFacts(run: RunHeader, at: number): readonly Fact[] {
  const seconds = run.spec.activeDeadlineSeconds;
  const started: Fact = { kind: 'RunStarted', at };
  return seconds === undefined || seconds > 0
    ? [started]
    : [started, { kind: 'RunDeadlineReached', at }];
}

/** What makes a run fail at once, though it may have passed validation elsewhere. */
function rejectionOf(run: RunHeader): RunHeader['rejection'] {
  if (run.rejection !== undefined) return run.rejection;
  if ((run.spec.entrypoint ?? '') === '') return invalid('spec.entrypoint is required');
  for (const [name, hook] of Object.entries(run.spec.hooks ?? {})) {
    if (name !== 'exit' && (hook.expression ?? '') === '') {
      return invalid(`hooks.${name} Expression required`);
    }
  }
  return undefined;
}

function invalid(problem: string): RunHeader['rejection'] {
  return { phase: 'Failed', message: `invalid spec: ${problem}` };
}
