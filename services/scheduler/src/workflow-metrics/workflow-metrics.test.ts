// Covers the metrics that workflows define and those that count runs. Leaves out when a run tells a metric
// (libs/core-workflow).
import type { MetricSample } from '@argosy/core-workflow';
import { createLogger } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { describe, expect, it } from 'vitest';
import { createHarness, leafTemplate, oneTask } from '../testing/harness.ts';
import { createCustomMetrics, type CustomMetrics } from './custom-metrics.ts';

function metricsAt(clock: { nowMs: number }, ttlMs?: number): CustomMetrics {
  const logger = createLogger({ level: 'silent' });
  return createCustomMetrics({ now: () => clock.nowMs, ttlMs: () => ttlMs, logger });
}

function sample(value: MetricSample['value'], labels: Record<string, string> = {}): MetricSample {
  const pairs = Object.entries(labels).map(([key, text]) => ({ key, value: text }));
  return { name: 'm', help: 'What it is', labels: pairs, value };
}

describe('a metric of a workflow', () => {
  it('adds up as a counter, for each set of labels', () => {
    const metrics = metricsAt({ nowMs: 0 });
    metrics.emit('u', [
      sample({ kind: 'Counter', value: 1 }, { b: '1', a: 'x"y' }),
      sample({ kind: 'Counter', value: 2 }, { a: 'x"y', b: '1' }),
      sample({ kind: 'Counter', value: 5 }),
    ]);
    expect(metrics.render()).toBe(
      '# HELP argo_workflows_m What it is\n# TYPE argo_workflows_m counter\n' +
        'argo_workflows_m{a="x\\"y",b="1"} 3\nargo_workflows_m 5\n',
    );
  });

  it('is set, raised and lowered as a gauge', () => {
    const metrics = metricsAt({ nowMs: 0 });
    const gauge = (operation: 'Set' | 'Add' | 'Sub', value: number): MetricSample =>
      sample({ kind: 'Gauge', operation, value });
    metrics.emit('u', [gauge('Set', 10), gauge('Add', 5), gauge('Sub', 2)]);
    expect(metrics.render()).toContain('\nargo_workflows_m 13\n');
  });

  it('falls into the buckets of a histogram', () => {
    const metrics = metricsAt({ nowMs: 0 });
    const observe = (value: number): MetricSample =>
      sample({ kind: 'Histogram', value, buckets: [1, 2.5] }, { l: 'x' });
    metrics.emit('u', [observe(0.5), observe(2), observe(9)]);
    expect(metrics.render().split('\n').slice(1, 7)).toEqual([
      '# TYPE argo_workflows_m histogram',
      'argo_workflows_m_bucket{l="x",le="1"} 1',
      'argo_workflows_m_bucket{l="x",le="2.5"} 2',
      'argo_workflows_m_bucket{l="x",le="+Inf"} 3',
      'argo_workflows_m_sum{l="x"} 11.5',
      'argo_workflows_m_count{l="x"} 3',
    ]);
  });

  it('in real time counts the seconds until its node tells the value, or its run has ended', () => {
    const clock = { nowMs: 10_000 };
    const metrics = metricsAt(clock);
    metrics.emit('u', [sample({ kind: 'RunningGauge', sinceMs: 8_000 })]);
    expect(metrics.render()).toContain('\nargo_workflows_m 2\n');
    clock.nowMs = 11_500;
    expect(metrics.render()).toContain('\nargo_workflows_m 3.5\n');
    metrics.emit('u', [sample({ kind: 'Gauge', operation: 'Set', value: 4 })]);
    metrics.emit('u', [sample({ kind: 'RunningGauge', sinceMs: 8_000 }, { l: 'x' })]);
    metrics.runEnded('u');
    expect(metrics.render()).toMatch(/^[^{]*\nargo_workflows_m 4\n$/);
  });

  it('is forgotten when it has not changed for the time that the configuration says', () => {
    const clock = { nowMs: 0 };
    const metrics = metricsAt(clock, 1_000);
    metrics.emit('u', [sample({ kind: 'Counter', value: 1 })]);
    clock.nowMs = 999;
    expect(metrics.render()).not.toBe('');
    clock.nowMs = 1_000;
    expect(metrics.render()).toBe('');
  });

  it('keeps its kind: another one under the same name is dropped', () => {
    const metrics = metricsAt({ nowMs: 0 });
    metrics.emit('u', [sample({ kind: 'Counter', value: 1 })]);
    metrics.emit('u', [sample({ kind: 'Gauge', operation: 'Set', value: 9 })]);
    expect(metrics.render()).toContain('argo_workflows_m 1');
  });
});

describe('the metrics of runs', () => {
  it('count the runs that have entered each phase, and those made from a template', async () => {
    const harness = createHarness();
    await harness.start('one');
    await harness.declare({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'WorkflowTemplate',
      metadata: { name: 'tmpl' },
      spec: { entrypoint: 'leaf', templates: [leafTemplate] },
    });
    await harness.submit('u1', 'a', oneTask);
    await harness.submit('u2', 'b', { workflowTemplateRef: { name: 'tmpl' } });
    await harness.ended('a');
    await harness.ended('b');
    await eventually(async () => {
      const text = await harness.metrics.render();
      const succeeded = 'argo_workflows_total_count{phase="Succeeded",namespace="default"} 2';
      expect(text).toContain(succeeded);
      expect(text).toMatch(
        /argo_workflows_workflowtemplate_triggered_total\{name="tmpl".*Succeeded/,
      );
      expect(text).toContain('argo_workflows_gauge{phase="Running"} 0');
    });
    await harness.stop();
  });
});
