import { err, type Refusal, type Result } from '@argosy/base';
import type { Fact } from '../facts.ts';
import type { ControlCommand } from '../input.ts';
import type { RunState } from '../state.ts';

/** Runs the failed part of a finished run again. */
export function decideRetry(
  state: RunState,
  _command: Extract<ControlCommand, { kind: 'Retry' }>,
  _at: number,
): Result<readonly Fact[], Refusal> {
  if (state.finishedAt === 0) {
    return err({ code: 'FailedPrecondition', message: 'workflow must be Failed/Error to retry' });
  }
  return err({ code: 'FailedPrecondition', message: 'not possible yet' });
}
