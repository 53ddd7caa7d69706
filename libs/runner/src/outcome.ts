import type { CancelReason, TaskOutcome } from './types.ts';

/** An outcome without outputs. */
export function outcomeOf(phase: TaskOutcome['phase'], message?: string): TaskOutcome {
  return { phase, parameters: {}, artifacts: [], ...(message === undefined ? {} : { message }) };
}

/** The message of a container that ended with a code other than 0. */
export function exitMessage(container: string, exitCode: number): string {
  return `${container}: Error (exit code ${exitCode})`;
}

const CANCEL_MESSAGES: Readonly<Record<CancelReason, string | undefined>> = {
  Stop: 'workflow shutdown with strategy: Stop',
  Terminate: 'workflow shutdown with strategy: Terminate',
  Deadline: 'Pod was active on the node longer than the specified deadline',
  Daemon: undefined,
  Shutdown: 'the executor is stopping; the task is handed back',
};

/** How a task that was ended from outside counts: a daemon has done its work, all others have failed. */
export function cancelOutcome(reason: CancelReason): TaskOutcome {
  return outcomeOf(reason === 'Daemon' ? 'Succeeded' : 'Failed', CANCEL_MESSAGES[reason]);
}
