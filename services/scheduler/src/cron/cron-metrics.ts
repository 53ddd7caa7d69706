import type { Instrument, Metrics } from '@argosy/telemetry';

export interface CronMetrics {
  readonly instants: Instrument;
  readonly delay: Instrument;
}

export function cronMetrics(metrics: Metrics): CronMetrics {
  return {
    instants: metrics.instrument({
      kind: 'counter',
      name: 'argosy_scheduler_cron_instants_total',
      help: 'Instants of CronWorkflows, by what became of them: submitted, passed-over or failed.',
      labels: ['outcome'],
    }),
    delay: metrics.instrument({
      kind: 'histogram',
      name: 'argosy_scheduler_cron_delay_seconds',
      help: 'Time from the instant of a schedule to the decision to run it.',
    }),
  };
}
