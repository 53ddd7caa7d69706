import { timeText } from '@argosy/base';
import type { RunSummary } from '@argosy/core-workflow';

/** The labels that tell a run's phase, which Argo's controller keeps. */
const PHASE_LABEL = 'workflows.argoproj.io/phase';
const COMPLETED_LABEL = 'workflows.argoproj.io/completed';

/** A run's labels, with those that tell its phase. */
export function runLabels(summary: RunSummary): Readonly<Record<string, string>> {
  const { labels, phase, finishedAt } = summary;
  return {
    ...labels,
    ...(phase === '' ? {} : { [PHASE_LABEL]: phase }),
    ...(finishedAt === undefined ? {} : { [COMPLETED_LABEL]: 'true' }),
  };
}

/** A run as lists show it. */
export function listedRun(summary: RunSummary, version: string): object {
  const { uid, name, namespace, annotations, entrypoint, phase, message, progress } = summary;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion: version,
      creationTimestamp: timeText(Date.parse(summary.createdAt)),
      labels: runLabels(summary),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: entrypoint === undefined ? {} : { entrypoint },
    status: {
      ...(phase === '' ? {} : { phase }),
      startedAt: summary.startedAt ?? null,
      finishedAt: summary.finishedAt ?? null,
      progress,
      ...(message === '' ? {} : { message }),
    },
  };
}
