import { err, ok, type Result } from '@argosy/base';
import { evaluateWhen, parseTemplate, renderTemplate, type TemplateScope } from '@argosy/lang';
import type { Prometheus } from '@argosy/model';
import type { MetricSample, MetricValue } from '../metric.ts';

/** What metrics are computed for. */
export interface MetricSubject {
  readonly scope: TemplateScope;
  /** Durations that go on while it runs: variable → instant since when. */
  readonly runningSince: Readonly<Record<string, number>>;
  /** It has ended, so that all metrics are told; at its start only the realtime ones are. */
  readonly hasEnded: boolean;
}

export interface ComputedMetrics {
  readonly samples: readonly MetricSample[];
  /** The first thing that was wrong with one of them; empty when nothing was. */
  readonly problem: string;
}

/** The values of metrics; one that cannot be computed is left out and does no harm to the others. */
export function computeMetrics(
  metrics: readonly Prometheus[],
  subject: MetricSubject,
): ComputedMetrics {
  const samples: MetricSample[] = [];
  let problem = '';
  for (const metric of metrics) {
    if (!subject.hasEnded && metric.gauge?.realtime !== true) continue;
    const sample = sampleOf(metric, subject);
    if (!sample.ok) problem = problem === '' ? sample.error : problem;
    else if (sample.value !== undefined) samples.push(sample.value);
  }
  return { samples, problem };
}

/** Undefined when the metric's `when` is false. */
function sampleOf(
  metric: Prometheus,
  subject: MetricSubject,
): Result<MetricSample | undefined, string> {
  const { scope } = subject;
  const { name, help } = metric;
  if (help === '') return err(`metric '${name}' must contain a help string under 'help: ' field`);
  const due = isDue(metric, scope);
  if (!due.ok || !due.value) return due.ok ? ok(undefined) : due;
  const value = valueOf(metric, subject);
  if (!value.ok) return value;
  const texts = renderAll([name, help, ...labelTexts(metric)], scope);
  if (!texts.ok) return err(`metric '${name}': ${texts.error}`);
  const [shownName = name, shownHelp = help, ...labelValues] = texts.value;
  const labels = (metric.labels ?? []).map((_, index) => ({
    key: labelValues[2 * index] ?? '',
    value: labelValues[2 * index + 1] ?? '',
  }));
  return ok({ name: shownName, help: shownHelp, labels, value: value.value });
}

function labelTexts({ labels = [] }: Prometheus): readonly string[] {
  return labels.flatMap(({ key, value }) => [key, value]);
}

function isDue({ name, when = '' }: Prometheus, scope: TemplateScope): Result<boolean, string> {
  if (when === '') return ok(true);
  const text = render(when, scope);
  const verdict = text.ok ? evaluateWhen(text.value) : text;
  if (verdict.ok) return verdict;
  const reason = typeof verdict.error === 'string' ? verdict.error : verdict.error.message;
  return err(`unable to compute 'when' clause for metric '${name}': ${reason}`);
}

function valueOf(metric: Prometheus, subject: MetricSubject): Result<MetricValue, string> {
  const { name, counter, gauge, histogram } = metric;
  if (gauge?.realtime === true && !subject.hasEnded) {
    return runningGauge(name, gauge.value, subject);
  }
  const { scope } = subject;
  if (counter !== undefined) {
    const value = numberOf(name, counter.value, scope);
    return value.ok ? ok({ kind: 'Counter', value: value.value }) : value;
  }
  if (gauge !== undefined) {
    const value = numberOf(name, gauge.value, scope);
    const { operation = 'Set' } = gauge;
    return value.ok ? ok({ kind: 'Gauge', value: value.value, operation }) : value;
  }
  if (histogram !== undefined) return histogramValue(name, histogram, scope);
  return err(`metric '${name}' has no value: give it a counter, a gauge or a histogram`);
}

function histogramValue(
  name: string,
  histogram: NonNullable<Prometheus['histogram']>,
  scope: TemplateScope,
): Result<MetricValue, string> {
  const value = numberOf(name, histogram.value, scope);
  if (!value.ok) return value;
  const buckets = histogram.buckets.map(Number);
  if (buckets.some((bucket) => Number.isNaN(bucket))) {
    return err(`metric '${name}': the buckets of its histogram are not all numbers`);
  }
  return ok({ kind: 'Histogram', value: value.value, buckets });
}

function runningGauge(
  name: string,
  value: string,
  { runningSince }: MetricSubject,
): Result<MetricValue, string> {
  const variable = /^\{\{\s*([^{}]*?)\s*\}\}$/.exec(value.trim())?.[1];
  if (variable === undefined) {
    return err(`metric '${name}': real time metrics can only be used with metric variables`);
  }
  const sinceMs = runningSince[variable];
  if (sinceMs !== undefined) return ok({ kind: 'RunningGauge', sinceMs });
  return err(`metric '${name}': '${variable}' is not available as a real time metric`);
}

function numberOf(name: string, source: string, scope: TemplateScope): Result<number, string> {
  const text = render(source, scope);
  if (!text.ok) return err(`metric '${name}': ${text.error}`);
  const number = Number(text.value.trim());
  if (text.value.trim() !== '' && Number.isFinite(number)) return ok(number);
  return err(`metric '${name}': its value '${text.value}' is not a number`);
}

function renderAll(
  sources: readonly string[],
  scope: TemplateScope,
): Result<readonly string[], string> {
  const texts: string[] = [];
  for (const source of sources) {
    const text = render(source, scope);
    if (!text.ok) return text;
    texts.push(text.value);
  }
  return ok(texts);
}

function render(source: string, scope: TemplateScope): Result<string, string> {
  const rendered = renderTemplate(parseTemplate(source), scope, { allowUnresolved: false });
  return rendered.ok ? rendered : err(rendered.error.message);
}
