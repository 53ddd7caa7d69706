import { nodeAt, retryRuntimeOf, type NodeRecord, type RunState } from '../state.ts';

/** Milliseconds in a second: durations in variables are whole seconds. */
const SECOND_MS = 1_000;

/** `retries` and `lastRetry.*` as the next decision about a Retry node sees them; all are text. */
export function retryLocals(state: RunState, node: NodeRecord): Record<string, string> {
  const { attempts } = retryRuntimeOf(node);
  return lastRetryOf(state, attempts, attempts.length - 1);
}

/** The variables of an attempt itself: how many came before it, and how the last of them ended. */
export function attemptLocals(state: RunState, attempt: NodeRecord): Record<string, string> {
  const { attempts } = retryRuntimeOf(nodeAt(state, attempt.parent));
  const before = attempts.slice(0, attempt.slot);
  return { ...lastRetryOf(state, before, before.length), retries: String(attempt.slot) };
}

function lastRetryOf(
  state: RunState,
  attempts: readonly number[],
  retries: number,
): Record<string, string> {
  const index = attempts.at(-1);
  const last = index === undefined ? undefined : nodeAt(state, index);
  if (last === undefined) {
    return {
      retries: '0',
      'lastRetry.exitCode': '0',
      'lastRetry.status': '',
      'lastRetry.duration': '0',
      'lastRetry.message': '',
    };
  }
  const seconds = Math.floor(Math.max(0, last.finishedAt - last.startedAt) / SECOND_MS);
  return {
    retries: String(retries),
    'lastRetry.exitCode': last.outputs?.exitCode ?? '-1',
    'lastRetry.status': last.phase,
    'lastRetry.duration': String(seconds),
    'lastRetry.message': last.message,
  };
}
