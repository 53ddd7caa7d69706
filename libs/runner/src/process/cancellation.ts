import { GRACE_DEFAULT_MS } from '../limits.ts';
import type { CancelRequest, RunnerIo, RunnerTask } from '../types.ts';

/** Longest wait that a timer of the platform takes, in milliseconds; longer ones are set again. */
const TIMER_MS_MAX = 2_000_000_000;

/** The one signal of a task: aborted from outside or by its deadline, whichever comes first. */
export interface Cancellation extends Disposable {
  readonly signal: AbortSignal;
  /** Why it was aborted; undefined while it was not. */
  request(): CancelRequest | undefined;
}

/** Joins the caller's signal, the task's deadline and the template's `activeDeadlineSeconds` from now on. */
export function createCancellation(task: RunnerTask, io: RunnerIo): Cancellation {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const fromOutside = (): void => controller.abort(requestOf(io.signal.reason));
  const deadlineAtMs = Math.min(
    task.deadlineAtMs ?? Infinity,
    Date.now() + activeDeadlineMs(task.template.activeDeadlineSeconds),
  );
  const arm = (): void => {
    const waitMs = deadlineAtMs - Date.now();
    if (waitMs > TIMER_MS_MAX) timer = setTimeout(arm, TIMER_MS_MAX);
    else timer = setTimeout(() => controller.abort(deadline()), Math.max(0, waitMs));
  };
  if (io.signal.aborted) fromOutside();
  else io.signal.addEventListener('abort', fromOutside, { once: true });
  if (deadlineAtMs !== Infinity) arm();
  return {
    signal: controller.signal,
    request: () => (controller.signal.aborted ? requestOf(controller.signal.reason) : undefined),
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      io.signal.removeEventListener('abort', fromOutside);
    },
  };
}

function deadline(): CancelRequest {
  return { reason: 'Deadline', graceMs: GRACE_DEFAULT_MS };
}

/** A signal that was aborted without a request counts as the executor's own stop. */
function requestOf(reason: unknown): CancelRequest {
  const request = reason as Partial<CancelRequest> | undefined;
  return {
    reason: request?.reason ?? 'Shutdown',
    graceMs: request?.graceMs ?? GRACE_DEFAULT_MS,
  };
}

function activeDeadlineMs(seconds: number | string | undefined): number {
  const value = Number(seconds ?? Infinity);
  return Number.isFinite(value) && value > 0 ? value * 1_000 : Infinity;
}
