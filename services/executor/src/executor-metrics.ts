import type { Instrument, Metrics } from '@argosy/telemetry';

/** What an executor counts. */
export interface ExecutorMetrics {
  readonly finished: Instrument;
  readonly running: Instrument;
  readonly durationSeconds: Instrument;
  readonly queueSeconds: Instrument;
  readonly redelivered: Instrument;
  readonly logBytes: Instrument;
  readonly logBytesLost: Instrument;
}

export function createExecutorMetrics(metrics: Metrics): ExecutorMetrics {
  return {
    finished: metrics.instrument({
      kind: 'counter',
      name: 'argosy_executor_tasks_total',
      help: 'Tasks that ended here, by phase and runner.',
      labels: ['phase', 'runner'],
    }),
    running: metrics.instrument({
      kind: 'gauge',
      name: 'argosy_executor_tasks_running',
      help: 'Tasks at work now.',
    }),
    durationSeconds: metrics.instrument({
      kind: 'histogram',
      name: 'argosy_executor_task_duration_seconds',
      help: 'Time from the start of a task to its end.',
      labels: ['runner'],
    }),
    queueSeconds: metrics.instrument({
      kind: 'histogram',
      name: 'argosy_executor_task_queue_seconds',
      help: 'Time from the storing of a task to its start.',
    }),
    redelivered: metrics.instrument({
      kind: 'counter',
      name: 'argosy_executor_tasks_redelivered_total',
      help: 'Deliveries of tasks that had been delivered before.',
    }),
    logBytes: metrics.instrument({
      kind: 'counter',
      name: 'argosy_executor_log_bytes_total',
      help: 'Bytes of output that were stored.',
    }),
    logBytesLost: metrics.instrument({
      kind: 'counter',
      name: 'argosy_executor_log_bytes_lost_total',
      help: 'Bytes of output that were over the limit or could not be stored.',
    }),
  };
}
