import { hasVariable } from '../defaults/spec-walk.ts';
import type { Metrics, Prometheus } from '../types/control.ts';
import { below, type Site, type Validation } from './context.ts';

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Metrics of a template or workflow. `label` goes before each message. */
export function checkMetrics(
  validation: Validation,
  site: Site,
  label: string,
  metrics: Metrics | undefined,
): void {
  for (const [index, metric] of (metrics?.prometheus ?? []).entries()) {
    const at = below(site, label, 'metrics', 'prometheus', index);
    checkMetric(validation, at, metric);
  }
}

function checkMetric(validation: Validation, site: Site, metric: Prometheus): void {
  if (!METRIC_NAME.test(metric.name) && !hasVariable(metric.name)) {
    const message =
      `metric name '${metric.name}' is invalid. Metric names must contain ` +
      `alphanumeric characters or '_'`;
    validation.report(site, message, 'name');
  }
  for (const [index, { key }] of (metric.labels ?? []).entries()) {
    if (LABEL_NAME.test(key)) continue;
    const message =
      `metric label '${key}' is invalid: keys may only contain alphanumeric ` +
      `characters and '_'`;
    validation.report(site, message, 'labels', index, 'key');
  }
  if ((metric.help ?? '') === '') {
    const message = `metric '${metric.name}' must contain a help string under 'help: ' field`;
    validation.report(site, message);
  }
  const kinds = [metric.gauge, metric.histogram, metric.counter].filter(
    (kind) => kind !== undefined,
  );
  if (kinds.length !== 1) {
    const message = `metric '${metric.name}' must have exactly one of gauge, histogram and counter`;
    validation.report(site, message);
  }
  checkMetricValue(validation, site, metric);
}

function checkMetricValue(validation: Validation, site: Site, metric: Prometheus): void {
  for (const kind of ['gauge', 'histogram', 'counter'] as const) {
    const given = metric[kind];
    if (given === undefined || (given.value ?? '') !== '') continue;
    validation.report(site, `missing ${kind}.value of metric '${metric.name}'`, kind);
  }
  const { gauge } = metric;
  if (gauge?.realtime === true && gauge.value.includes('resourcesDuration.')) {
    const message =
      `'resourcesDuration.*' metrics cannot be used in real-time: set realtime to ` + 'false';
    validation.report(site, message, 'gauge', 'realtime');
  }
}
