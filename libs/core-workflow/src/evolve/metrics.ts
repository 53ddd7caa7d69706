import type { Prometheus } from '@argosy/model';
import { computeMetrics, type MetricSubject } from '../metrics/samples.ts';
import { nodeSubject, runSubject } from '../metrics/subjects.ts';
import { planOf } from '../names.ts';
import { contextOf, nodeAt, retryRuntimeOf, type NodeRecord, type RunState } from '../state.ts';

/** Tells the realtime metrics of a node that starts; those of a Retry node are told by its attempts. */
export function tellNodeStart(state: RunState, node: NodeRecord, at: number): void {
  const plan = planOf(state, node);
  const metrics = plan?.template.metrics?.prometheus;
  if (plan === undefined || metrics === undefined) return;
  if (node.relation === 'attempt') tellFormerAttempt(state, node, at);
  if (node.type === 'Retry') return;
  tell(state, node.index, {
    metrics,
    subject: nodeSubject(state, node, { plan, at, hasEnded: false }),
  });
}

/** Attempts that are followed by another one are told of when that begins; the last one is told of as the whole. */
function tellFormerAttempt(state: RunState, attempt: NodeRecord, at: number): void {
  const { attempts } = retryRuntimeOf(nodeAt(state, attempt.parent));
  const former = attempts[attempts.indexOf(attempt.index) - 1];
  if (former !== undefined) tellEnd(state, nodeAt(state, former), at);
}

/** Tells the metrics of a node that has ended; a result from the cache is nobody's work. */
export function tellNodeEnd(state: RunState, node: NodeRecord, at: number): void {
  if (node.relation === 'attempt' || state.memos.get(node.index)?.hit === true) return;
  tellEnd(state, node, at);
}

function tellEnd(state: RunState, node: NodeRecord, at: number): void {
  const plan = planOf(state, node);
  const metrics = plan?.template.metrics?.prometheus;
  if (plan === undefined || metrics === undefined) return;
  tell(state, node.index, {
    metrics,
    subject: nodeSubject(state, node, { plan, at, hasEnded: true }),
  });
}

/** Tells the metrics of the run: the realtime ones at its start, all at its end. */
export function tellRun(state: RunState, at: number, hasEnded: boolean): void {
  const metrics = contextOf(state).run.spec.metrics?.prometheus;
  if (metrics === undefined) return;
  tell(state, -1, { metrics, subject: runSubject(state, { at, hasEnded }) });
}

function tell(
  state: RunState,
  node: number,
  {
    metrics,
    subject,
  }: { readonly metrics: readonly Prometheus[]; readonly subject: MetricSubject },
): void {
  const { samples, problem } = computeMetrics(metrics, subject);
  if (state.metricsError === '') state.metricsError = problem;
  if (samples.length > 0) state.outbox.push({ kind: 'Metrics', node, samples });
}
