import type { MetricSample, MetricValue } from '@argosy/core-workflow';
import type { Logger } from '@argosy/telemetry';

/** The metrics that workflows define themselves, in Prometheus' text form. */
export interface CustomMetrics {
  emit(uid: string, samples: readonly MetricSample[]): void;
  /** The run goes on no more: its running gauges stop. */
  runEnded(uid: string): void;
  render(): string;
}

/** Argo's prefix of all metrics. */
const PREFIX = 'argo_workflows_';
/** Series of all metrics together; further ones are dropped and told of. */
const SERIES_MAX = 10_000;

interface Family {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** The first one given: a metric has one help text. */
  readonly help: string;
  readonly buckets: readonly number[];
  readonly series: Map<string, Series>;
}

interface Series {
  /** `{a="b"}`, or empty. */
  readonly labels: string;
  value: number;
  changedAtMs: number;
  /** A running gauge: the instant that it counts from, and whose it is. */
  running: { readonly sinceMs: number; readonly uid: string } | undefined;
  /** Of a histogram: observations up to each bound, and all of them. */
  readonly counts: number[];
  count: number;
}

/** `ttlMs` gives the time after which a series that has not changed is forgotten; undefined: never. */
export function createCustomMetrics(options: {
  readonly now: () => number;
  readonly ttlMs: () => number | undefined;
  readonly logger: Logger;
}): CustomMetrics {
  const { now, ttlMs, logger } = options;
  const families = new Map<string, Family>();
  let seriesCount = 0;

  const forgetOld = (): void => {
    const ttl = ttlMs();
    if (ttl === undefined) return;
    for (const family of families.values()) {
      for (const [key, series] of family.series) {
        if (series.running !== undefined || now() - series.changedAtMs < ttl) continue;
        family.series.delete(key);
        seriesCount -= 1;
      }
    }
  };

  const seriesOf = (sample: MetricSample): Series | undefined => {
    const family = familyOf(families, sample);
    if (family === undefined) {
      logger.warn({ metric: sample.name }, 'a metric is told as another kind than before: dropped');
      return undefined;
    }
    const labels = labelsText(sample.labels);
    const known = family.series.get(labels);
    if (known !== undefined) return known;
    if (seriesCount >= SERIES_MAX) {
      logger.warn({ metric: sample.name, most: SERIES_MAX }, 'too many series of metrics: dropped');
      return undefined;
    }
    seriesCount += 1;
    const counts = family.buckets.map(() => 0);
    const series: Series = {
      labels,
      value: 0,
      changedAtMs: now(),
      running: undefined,
      counts,
      count: 0,
    };
    family.series.set(labels, series);
    return series;
  };

  return {
    emit(uid, samples) {
      forgetOld();
      for (const sample of samples) {
        const series = seriesOf(sample);
        if (series === undefined) continue;
        series.changedAtMs = now();
        apply(series, sample.value, uid);
      }
    },
    runEnded(uid) {
      for (const family of families.values()) {
        for (const [key, series] of family.series) {
          if (series.running?.uid !== uid) continue;
          family.series.delete(key);
          seriesCount -= 1;
        }
      }
    },
    render() {
      forgetOld();
      return Array.from(families, ([name, family]) => familyText(name, family, now())).join('');
    },
  };
}

const KINDS = {
  Counter: 'counter',
  Gauge: 'gauge',
  RunningGauge: 'gauge',
  Histogram: 'histogram',
} as const;

/** Undefined when the name is that of a metric of another kind. */
function familyOf(
  families: Map<string, Family>,
  { name, help, value }: MetricSample,
): Family | undefined {
  const kind = KINDS[value.kind];
  const known = families.get(name);
  if (known !== undefined) return known.kind === kind ? known : undefined;
  const buckets = value.kind === 'Histogram' ? value.buckets : [];
  const family: Family = { kind, help, buckets, series: new Map() };
  families.set(name, family);
  return family;
}

function apply(series: Series, value: MetricValue, uid: string): void {
  switch (value.kind) {
    case 'Counter':
      series.value += value.value;
      break;
    case 'Gauge':
      series.running = undefined;
      if (value.operation === 'Set') series.value = value.value;
      else series.value += value.operation === 'Add' ? value.value : -value.value;
      break;
    case 'RunningGauge':
      series.running = { sinceMs: value.sinceMs, uid };
      break;
    case 'Histogram':
      series.value += value.value;
      series.count += 1;
      value.buckets.forEach((bound, index) => {
        if (value.value <= bound) series.counts[index] = (series.counts[index] ?? 0) + 1;
      });
      break;
  }
}

/** Sorted, so that the order in a manifest does not make another series. */
function labelsText(labels: MetricSample['labels']): string {
  return labels
    .map(({ key, value }) => `${key}="${escaped(value)}"`)
    .sort()
    .join(',');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function familyText(name: string, family: Family, nowMs: number): string {
  if (family.series.size === 0) return '';
  const full = PREFIX + name;
  const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const lines = [`# HELP ${full} ${help}`, `# TYPE ${full} ${family.kind}`];
  for (const series of family.series.values()) {
    if (family.kind === 'histogram') lines.push(...histogramLines(full, family, series));
    else lines.push(`${full}${braced(series.labels)} ${valueOf(series, nowMs)}`);
  }
  return `${lines.join('\n')}\n`;
}

function histogramLines(name: string, { buckets }: Family, series: Series): readonly string[] {
  const { labels, counts, count, value } = series;
  const withBound = (bound: string): string => {
    const own = `le="${bound}"`;
    return `{${labels === '' ? own : `${labels},${own}`}}`;
  };
  return [
    ...buckets.map(
      (bound, index) => `${name}_bucket${withBound(String(bound))} ${counts[index] ?? 0}`,
    ),
    `${name}_bucket${withBound('+Inf')} ${count}`,
    `${name}_sum${braced(labels)} ${value}`,
    `${name}_count${braced(labels)} ${count}`,
  ];
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

function valueOf(series: Series, nowMs: number): number {
  return series.running === undefined ? series.value : (nowMs - series.running.sinceMs) / 1_000;
}
