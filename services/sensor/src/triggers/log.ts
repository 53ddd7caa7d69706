import { traceFields } from '@argosy/telemetry';
import { isRecord, type TriggerKind } from './trigger.ts';

/** Longest excerpt of an event in a log line, UTF-16 units. */
const EXCERPT_LENGTH_MAX = 4_096;

/** Writes the events to the log, at most one firing per `intervalSeconds`. */
export function createLogTrigger(clock: () => number = Date.now): TriggerKind {
  const lastLoggedMs = new Map<string, number>();
  return {
    kind: 'log',
    problems(settings) {
      const seconds = settings['intervalSeconds'];
      if (seconds === undefined || (typeof seconds === 'number' && seconds >= 0)) return [];
      return ['intervalSeconds must be a number that is not negative'];
    },
    run(call, { logger }) {
      const key = `${call.namespace}/${call.sensor}/${call.trigger}`;
      const intervalMs = Number(call.settings['intervalSeconds'] ?? 0) * 1_000;
      const nowMs = clock();
      if (nowMs - (lastLoggedMs.get(key) ?? Number.NEGATIVE_INFINITY) >= intervalMs) {
        lastLoggedMs.set(key, nowMs);
        for (const [dependency, event] of Object.entries(call.events)) {
          const fields = isRecord(event) ? event : { event };
          const text = JSON.stringify(fields).slice(0, EXCERPT_LENGTH_MAX);
          const trace = traceFields(call.traceparent);
          logger.info({ trigger: call.trigger, dependency, event: text, ...trace }, 'log trigger');
        }
      }
      return Promise.resolve({ kind: 'Done' });
    },
  };
}
