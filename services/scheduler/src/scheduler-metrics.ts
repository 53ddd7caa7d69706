import type { Instrument, Metrics } from '@argosy/telemetry';

export interface SchedulerMetrics {
  readonly commands: Instrument;
  readonly facts: Instrument;
  readonly partitions: Instrument;
  readonly liveRuns: Instrument;
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
    liveRuns: metrics.instrument({
      kind: 'gauge',
      name: 'argosy_scheduler_live_runs',
      help: 'Runs that are not finished, on the partitions of this replica.',
    }),
  };
}
