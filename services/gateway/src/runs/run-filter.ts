import { ArgosyError } from '@argosy/base';
import type { RunSummary } from '@argosy/core-workflow';
import { matchesLabels, parseLabelSelector } from '@argosy/lang';

/** Which runs are meant. Absent fields let everything through. Times are milliseconds. */
export interface RunFilter {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly phases?: readonly string[];
  readonly name?: string;
  readonly namePrefix?: string;
  readonly nameContains?: string;
  readonly createdAfterMs?: number;
  readonly finishedBeforeMs?: number;
  readonly startedAfterMs?: number;
  readonly startedBeforeMs?: number;
  /** Only runs that have ended (true), or only those that have not. */
  readonly finished?: boolean;
}

/** The labels that Argo's controller keeps on a run, which clients select by. */
const PHASE_LABEL = 'workflows.argoproj.io/phase';
const COMPLETED_LABEL = 'workflows.argoproj.io/completed';

/** Its labels, with those that tell its phase. */
export function labelsOf(summary: RunSummary): Readonly<Record<string, string>> {
  const { labels, phase, finishedAt } = summary;
  return {
    ...labels,
    ...(phase === '' ? {} : { [PHASE_LABEL]: phase }),
    ...(finishedAt === undefined ? {} : { [COMPLETED_LABEL]: 'true' }),
  };
}

/** Kubernetes' label selector as a test. @throws ArgosyError INVALID_ARGUMENT */
export function labelMatcher(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const selector = parseLabelSelector(text);
  if (!selector.ok) throw new ArgosyError('INVALID_ARGUMENT', selector.error.message);
  return (labels) => matchesLabels(selector.value, labels);
}

/** @throws ArgosyError INVALID_ARGUMENT for a selector that cannot be read. */
export function runMatcher(filter: RunFilter): (summary: RunSummary) => boolean {
  const hasLabels = labelMatcher(filter.labelSelector ?? '');
  const { namespace = '', phases = [], name, namePrefix = '', nameContains = '' } = filter;
  const createdAfterMs = filter.createdAfterMs ?? Number.NEGATIVE_INFINITY;
  const finishedBeforeMs = filter.finishedBeforeMs;
  const tests: ((summary: RunSummary) => boolean)[] = [
    (summary) => namespace === '' || summary.namespace === namespace,
    (summary) => phases.length === 0 || phases.includes(summary.phase),
    (summary) => name === undefined || summary.name === name,
    (summary) => summary.name.startsWith(namePrefix) && summary.name.includes(nameContains),
    (summary) => Date.parse(summary.createdAt) > createdAfterMs,
    (summary) =>
      finishedBeforeMs === undefined ||
      (summary.finishedAt !== undefined && Date.parse(summary.finishedAt) < finishedBeforeMs),
    (summary) => filter.finished === undefined || isEnded(summary) === filter.finished,
    (summary) => isWithin(summary.startedAt, filter.startedAfterMs, filter.startedBeforeMs),
    (summary) => hasLabels(labelsOf(summary)),
  ];
  return (summary) => tests.every((test) => test(summary));
}

function isEnded({ finishedAt }: RunSummary): boolean {
  return finishedAt !== undefined;
}

/** Whether an instant lies between two others; one that is not known lies between none. */
function isWithin(
  time: string | undefined,
  afterMs: number | undefined,
  beforeMs: number | undefined,
): boolean {
  if (afterMs === undefined && beforeMs === undefined) return true;
  if (time === undefined) return false;
  const atMs = Date.parse(time);
  return (afterMs === undefined || atMs > afterMs) && (beforeMs === undefined || atMs < beforeMs);
}
