import type { Instrument, Metrics } from '@argosy/telemetry';

export interface SchedulerMetrics {
  readonly commands: Instrument;
  readonly facts: Instrument;
  readonly partitions: Instrument;
  readonly liveRuns: Instrument;
  readonly bindingEvents: Instrument;
  readonly locksHeld: Instrument;
  readonly locksPending: Instrument;
  readonly operationSeconds: Instrument;
  readonly errors: Instrument;
}

export function schedulerMetrics(metrics: Metrics): SchedulerMetrics {
  return {
    commands: metrics.instrument({
      kind: 'counter',
      name: 'argosy_scheduler_commands_total',
      help: 'Commands handled, by kind and outcome.',
      labels: ['kind', 'outcome'],
    }),
    facts: metrics.instrument({
      kind: 'counter',
      name: 'argosy_scheduler_facts_total',
      help: 'Facts appended to the history of runs.',
    }),
    partitions: metrics.instrument({
      kind: 'gauge',
      name: 'argosy_scheduler_partitions_owned',
      help: 'Partitions that this replica owns.',
    }),
    bindingEvents: metrics.instrument({
      kind: 'counter',
      name: 'argosy_scheduler_binding_events_total',
      help: 'Events that a WorkflowEventBinding was tried on and that were not passed over, by outcome.',
      labels: ['outcome'],
    }),
    locksHeld: metrics.instrument({
      kind: 'gauge',
      name: 'argo_workflows_locks_held',
      help: 'Holders of mutexes and semaphores; told by the replica that keeps the locks.',
    }),
    locksPending: metrics.instrument({
      kind: 'gauge',
      name: 'argo_workflows_locks_pending',
      help: 'Runs and nodes that wait for mutexes and semaphores; told by the same replica.',
    }),
    operationSeconds: metrics.instrument({
      kind: 'histogram',
      name: 'argo_workflows_operation_duration_seconds',
      help: 'Time to carry out what has come for one run at a time.',
    }),
    errors: metrics.instrument({
      kind: 'counter',
      name: 'argo_workflows_error_count',
      help: 'Times that work on a run had to be put off, by cause.',
      labels: ['cause'],
    }),
    liveRuns: metrics.instrument({
      kind: 'gauge',
      name: 'argosy_scheduler_live_runs',
      help: 'Runs that are not finished, on the partitions of this replica.',
    }),
  };
}
