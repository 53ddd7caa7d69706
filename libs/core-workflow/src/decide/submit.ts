import { err, ok, type Refusal, type Result } from '@argosy/base';
import type { Fact } from '../facts.ts';
import type { RunHeader } from '../input.ts';
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
  const facts: Fact[] = [
    { kind: 'RunSubmitted', at, run },
    { kind: 'RunStarted', at },
  ];
  const rejection = rejectionOf(run);
  if (rejection !== undefined) {
    facts.push({ kind: 'RunFinished', at, ...rejection });
  } else if (run.spec.activeDeadlineSeconds !== undefined && run.spec.activeDeadlineSeconds <= 0) {
    facts.push({ kind: 'RunDeadlineReached', at });
  }
  return ok(facts);
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
