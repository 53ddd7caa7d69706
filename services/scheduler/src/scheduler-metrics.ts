import type { Instrument, Metrics } from '@argosy/telemetry';

export interface SchedulerMetrics {
  readonly commands: Instrument;
  readonly facts: Instrument;
  readonly partitions: Instrument;
  readonly liveRuns: Instrument;
  readonly bindingEvents: Instrument;
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
    liveRuns: metrics.instrument({
      kind: 'gauge',
      name: 'argosy_scheduler_live_runs',
      help: 'Runs that are not finished, on the partitions of this replica.',
    }),
  };
}
