import type { CronWorkflowSpec } from '@argosy/model';
import type { RunSummary } from '../summary.ts';

/** Finished runs that are kept when the CronWorkflow does not say how many. */
const SUCCESSFUL_KEPT_DEFAULT = 3;
const FAILED_KEPT_DEFAULT = 1;

type FinishedRun = RunSummary & { readonly finishedAt: string };

/** The finished runs beyond the history limits, of each kind the oldest; a limit of 0 keeps none. */
export function surplusRuns(
  spec: CronWorkflowSpec,
  children: readonly RunSummary[],
): readonly Pick<RunSummary, 'uid' | 'namespace' | 'name'>[] {
  const finished = children.filter((run): run is FinishedRun => run.finishedAt !== undefined);
  const successful = finished.filter(({ phase }) => phase === 'Succeeded');
  const failed = finished.filter(({ phase }) => phase !== 'Succeeded');
  return [
    ...beyond(successful, limitOf(spec.successfulJobsHistoryLimit, SUCCESSFUL_KEPT_DEFAULT)),
    ...beyond(failed, limitOf(spec.failedJobsHistoryLimit, FAILED_KEPT_DEFAULT)),
  ].map(({ uid, namespace, name }) => ({ uid, namespace, name }));
}

function limitOf(given: number | undefined, fallback: number): number {
  return given !== undefined && given >= 0 ? given : fallback;
}

function beyond(runs: readonly FinishedRun[], kept: number): readonly FinishedRun[] {
  const newestFirst = [...runs].sort((one, other) => finishedMs(other) - finishedMs(one));
  return newestFirst.slice(kept);
}

function finishedMs(run: FinishedRun): number {
  return Date.parse(run.finishedAt);
}
