import { announceBuild } from '@argosy/shell';
import type { Metrics } from '@argosy/telemetry';

export interface TriggerLabels {
  readonly namespace: string;
  readonly sensor_name: string;
  readonly trigger_name: string;
}

/** The metrics of sensors, under the names that Argo Events has for them. */
export interface SensorMetrics {
  /** A trigger is started: its counters are there from now on, with 0, so that a rate has a begin. */
  begin(labels: TriggerLabels): void;
  triggered(labels: TriggerLabels): void;
  failed(labels: TriggerLabels): void;
  /** All attempts are used up. */
  retriesFailed(labels: TriggerLabels): void;
  /** From the first attempt to the outcome. */
  took(labels: TriggerLabels, durationMs: number): void;
  /** A dead letter was stored. */
  kept(labels: TriggerLabels): void;
  /** A dependency did not take an event. */
  dropped(labels: DroppedLabels): void;
}

export interface DroppedLabels {
  readonly namespace: string;
  readonly sensor_name: string;
  readonly dependency_name: string;
  readonly cause: 'Filtered' | 'Error';
}

const LABELS = ['namespace', 'sensor_name', 'trigger_name'];
const DURATION_BUCKETS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000];

export function createSensorMetrics(metrics: Metrics): SensorMetrics {
  announceBuild(metrics);
  const counter = (name: string, help: string) =>
    metrics.instrument({ kind: 'counter', name, help, labels: LABELS });
  const triggered = counter('argo_events_action_triggered_total', 'Triggers that worked');
  const failed = counter('argo_events_action_failed_total', 'Attempts that failed');
  const retriesFailed = counter(
    'argo_events_action_retries_failed_total',
    'Triggers that failed at all attempts',
  );
  const duration = metrics.instrument({
    kind: 'histogram',
    name: 'argo_events_action_duration_milliseconds',
    help: 'Time from the first attempt of a trigger to its outcome',
    labels: LABELS,
    buckets: DURATION_BUCKETS_MS,
  });
  const dropped = metrics.instrument({
    kind: 'counter',
    name: 'argosy_sensor_events_dropped_total',
    help: 'Events that a dependency did not take',
    labels: ['namespace', 'sensor_name', 'dependency_name', 'cause'],
  });
  const kept = counter('argosy_sensor_dead_letters_total', 'Dead letters that were stored');
  return {
    begin(labels) {
      for (const each of [triggered, failed, retriesFailed, kept]) each.add(0, { ...labels });
    },
    kept: (labels) => kept.add(1, { ...labels }),
    dropped: (labels) => dropped.add(1, { ...labels }),
    triggered: (labels) => triggered.add(1, { ...labels }),
    failed: (labels) => failed.add(1, { ...labels }),
    retriesFailed: (labels) => retriesFailed.add(1, { ...labels }),
    took: (labels, durationMs) => duration.observe(durationMs, { ...labels }),
  };
}
