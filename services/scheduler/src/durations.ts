import { BUCKETS, subjectToken } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { RunSummary } from '@argosy/core-workflow';
import { CLUSTER_TEMPLATE_LABEL, TEMPLATE_LABEL } from '@argosy/model';

/** How long runs of the same template or schedule take, judged by the last one that succeeded. */
export interface Durations {
  /** Undefined for a run of its own kind, and when none of its kind has succeeded yet. */
  estimateMs(run: Pick<RunSummary, 'namespace' | 'labels'>): Promise<number | undefined>;
  /** Takes note of a run that has ended; only one that succeeded counts. */
  note(run: RunSummary): Promise<void>;
}

/** As Argo looks for a run to compare with: the first label that is there decides. */
const LABELS = [
  TEMPLATE_LABEL,
  CLUSTER_TEMPLATE_LABEL,
  'workflows.argoproj.io/cron-workflow',
] as const;

export function createDurations(bus: Bus): Durations {
  return {
    async estimateMs(run) {
      const key = keyOf(run);
      if (key === undefined) return undefined;
      const entry = await (await bus.keyValue(BUCKETS.durations)).get(key);
      const durationMs = Number(new TextDecoder().decode(entry?.value));
      return durationMs > 0 ? durationMs : undefined;
    },
    async note(run) {
      const key = keyOf(run);
      const { startedAt, finishedAt } = run;
      if (key === undefined || run.phase !== 'Succeeded') return;
      if (startedAt === undefined || finishedAt === undefined) return;
      const durationMs = Math.max(1, Date.parse(finishedAt) - Date.parse(startedAt));
      const bucket = await bus.keyValue(BUCKETS.durations);
      await bucket.put(key, new TextEncoder().encode(String(durationMs)));
    },
  };
}

function keyOf({
  namespace,
  labels,
}: Pick<RunSummary, 'namespace' | 'labels'>): string | undefined {
  const label = LABELS.find((candidate) => (labels[candidate] ?? '') !== '');
  if (label === undefined) return undefined;
  const kind = label.slice(label.indexOf('/') + 1);
  return [namespace, kind, labels[label] ?? ''].map(subjectToken).join('.');
}
