import { announceBuild } from '@argosy/shell';
import type { Metrics } from '@argosy/telemetry';

/** The metrics of event sources, under the names that Argo Events has for them. */
export interface EventMetrics {
  /** An event is started: its counters are there from now on, with 0, so that a rate has a begin. */
  begin(labels: EventLabels): void;
  /** An event's listener was started (1) or ended (-1). */
  running(namespace: string, eventSource: string, change: 1 | -1): void;
  sent(labels: EventLabels): void;
  sentFailed(labels: EventLabels): void;
  /** The origin's message could not be made into an event. One that was not stored is counted there, too. */
  processingFailed(labels: EventLabels): void;
  processed(labels: EventLabels, durationMs: number): void;
}

export interface EventLabels {
  readonly namespace: string;
  readonly eventsource_name: string;
  readonly event_name: string;
}

const EVENT_LABELS = ['namespace', 'eventsource_name', 'event_name'];
const DURATION_BUCKETS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];

export function createEventMetrics(metrics: Metrics): EventMetrics {
  announceBuild(metrics);
  const counter = (name: string, help: string) =>
    metrics.instrument({ kind: 'counter', name, help, labels: EVENT_LABELS });
  const running = metrics.instrument({
    kind: 'gauge',
    name: 'argo_events_event_service_running_total',
    help: 'Event listeners that run',
    labels: ['namespace', 'eventsource_name'],
  });
  const sent = counter('argo_events_events_sent_total', 'Events stored in the bus');
  const failed = counter('argo_events_events_sent_failed_total', 'Events the bus did not store');
  const broken = counter(
    'argo_events_events_processing_failed_total',
    'Messages of origins that did not become stored events',
  );
  const duration = metrics.instrument({
    kind: 'histogram',
    name: 'argo_events_event_processing_duration_milliseconds',
    help: 'Time from an event at the driver to its storage',
    labels: EVENT_LABELS,
    buckets: DURATION_BUCKETS_MS,
  });
  return {
    begin(labels) {
      for (const each of [sent, failed, broken]) each.add(0, { ...labels });
    },
    running: (namespace, eventSource, change) =>
      running.add(change, { namespace, eventsource_name: eventSource }),
    sent: (labels) => sent.add(1, { ...labels }),
    sentFailed(labels) {
      failed.add(1, { ...labels });
      broken.add(1, { ...labels });
    },
    processingFailed: (labels) => broken.add(1, { ...labels }),
    processed: (labels, durationMs) => duration.observe(durationMs, { ...labels }),
  };
}
