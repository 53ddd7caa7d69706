import type { RunSummary } from '@argosy/core-workflow';
import { CLUSTER_TEMPLATE_LABEL, TEMPLATE_LABEL } from '@argosy/model';
import type { Metrics } from '@argosy/telemetry';

/** Counts runs by phase, under Argo's names. */
export interface RunObserver {
  /** A run that was there before: counted as being there, not as having come. */
  adopt(summary: RunSummary): void;
  /** A run as the index has it now. */
  look(summary: RunSummary): void;
  forgetWhere(isMeant: (uid: string) => boolean): void;
}

export function createRunObserver(metrics: Metrics): RunObserver {
  const phases = new Map<string, RunSummary['phase']>();
  const { total, gauge, triggered, runtime } = instrumentsOf(metrics);

  const move = (uid: string, phase: RunSummary['phase'] | undefined): void => {
    const before = phases.get(uid);
    if (before === phase) return;
    if (before !== undefined) gauge.add(-1, { phase: before });
    if (phase === undefined) phases.delete(uid);
    else {
      phases.set(uid, phase);
      gauge.add(1, { phase });
    }
  };

  return {
    adopt({ uid, phase, finishedAt }) {
      if (finishedAt === undefined) move(uid, phase);
    },
    look(summary) {
      const { uid, phase, namespace, finishedAt } = summary;
      if (phases.get(uid) === phase || phase === '') return;
      total.add(1, { phase, namespace });
      const template = templateOf(summary);
      if (template !== undefined) {
        triggered.add(1, { ...template, namespace, phase });
        if (finishedAt !== undefined && summary.startedAt !== undefined) {
          const seconds = (Date.parse(finishedAt) - Date.parse(summary.startedAt)) / 1_000;
          runtime.observe(seconds, { ...template, namespace });
        }
      }
      move(uid, finishedAt === undefined ? phase : undefined);
    },
    forgetWhere(isMeant) {
      for (const uid of phases.keys()) if (isMeant(uid)) move(uid, undefined);
    },
  };
}

function instrumentsOf(metrics: Metrics) {
  return {
    total: metrics.instrument({
      kind: 'counter',
      name: 'argo_workflows_total_count',
      help: 'Workflows that have entered each phase.',
      labels: ['phase', 'namespace'],
    }),
    gauge: metrics.instrument({
      kind: 'gauge',
      name: 'argo_workflows_gauge',
      help: 'Workflows that are not finished, on the partitions of this replica, by phase.',
      labels: ['phase'],
    }),
    triggered: metrics.instrument({
      kind: 'counter',
      name: 'argo_workflows_workflowtemplate_triggered_total',
      help: 'Workflows made from a template that have entered each phase.',
      labels: ['name', 'namespace', 'cluster_scope', 'phase'],
    }),
    runtime: metrics.instrument({
      kind: 'histogram',
      name: 'argo_workflows_workflowtemplate_runtime',
      help: 'Time from the start to the end of workflows made from a template, seconds.',
      labels: ['name', 'namespace', 'cluster_scope'],
    }),
  };
}

function templateOf({
  labels,
}: RunSummary): { readonly name: string; readonly cluster_scope: string } | undefined {
  const cluster = labels[CLUSTER_TEMPLATE_LABEL];
  if (cluster !== undefined) return { name: cluster, cluster_scope: 'true' };
  const name = labels[TEMPLATE_LABEL];
  return name === undefined ? undefined : { name, cluster_scope: 'false' };
}
