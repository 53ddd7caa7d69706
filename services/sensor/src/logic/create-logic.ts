import { eventSubject } from '@argosy/api';
import type { StoredMessage } from '@argosy/bus';
import type { Firing, ReceivedEvent, SensorLogic } from '../sensor-logic.ts';
import { dependenciesOf, hasConjunction } from './condition.ts';
import { applyParameters, payloadOf } from './parameters.ts';
import { arrive, type Pending } from './pending.ts';
import type { SensorSpec } from './sensor-spec.ts';

/** The rules of one sensor. */
export function createSensorLogic(namespace: string, spec: SensorSpec): SensorLogic {
  const { eventBus, dependencies } = spec;
  const bySubject = new Map<string, string[]>();
  for (const { name, eventSource, eventName } of dependencies) {
    const subject = eventSubject({ namespace, eventBus, eventSource, eventName });
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), name]);
  }
  const triggers = spec.triggers.map((trigger) => ({
    ...trigger,
    takes: dependenciesOf(trigger.condition),
    waits: hasConjunction(trigger.condition),
  }));

  return {
    dependencies,
    triggers: new Map(triggers.map((trigger) => [trigger.name, trigger])),
    adopt: (pending) => adopted((pending ?? {}) as Pending, triggers),
    receive(before, message) {
      let pending = (before ?? {}) as Pending;
      const firings: Firing[] = [];
      const event = receivedEvent(message);
      for (const dependency of bySubject.get(message.subject) ?? []) {
        for (const trigger of triggers.filter(({ takes }) => takes.has(dependency))) {
          if (!trigger.waits) {
            firings.push({ trigger: trigger.name, events: { [dependency]: event } });
            continue;
          }
          const step = arrive(pending, trigger, { dependency, event });
          pending = step.pending;
          if (step.firing !== undefined) firings.push(step.firing);
        }
      }
      return { pending, firings, dropped: [] };
    },
    apply: applyParameters,
    payload: payloadOf,
  };
}

/** Keeps what waits for triggers and dependencies that are still there. */
function adopted(
  pending: Pending,
  triggers: readonly {
    readonly name: string;
    readonly takes: ReadonlySet<string>;
    readonly waits: boolean;
  }[],
): Pending {
  const kept = triggers
    .filter(({ waits }) => waits)
    .map(({ name, takes }) => {
      const events = Object.entries(pending[name] ?? {}).filter(([key]) => takes.has(key));
      return [name, Object.fromEntries(events)] as const;
    })
    .filter(([, events]) => Object.keys(events).length > 0);
  return Object.fromEntries(kept);
}

function receivedEvent(message: StoredMessage): ReceivedEvent {
  const { event, sequence, storedAtMs, traceparent } = message;
  return {
    event: {
      id: event.id,
      source: event.source,
      type: event.type,
      subject: event.subject ?? '',
      time: event.time ?? '',
      datacontenttype: event.datacontenttype ?? '',
      ...(event.data.byteLength === 0 ? {} : { dataText: new TextDecoder().decode(event.data) }),
    },
    sequence,
    storedAtMs,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
