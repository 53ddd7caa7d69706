import { eventSubject } from '@argosy/api';
import type { StoredMessage } from '@argosy/bus';
import {
  applyParameters,
  buildPayload,
  evaluateDependency,
  type Dependency,
  type SensorEvent,
  type TriggerParameter,
} from '@argosy/core-events';
import type { DroppedEvent, Firing, SensorLogic } from '../sensor-logic.ts';
import { adoptPending, arrive, type Pending } from './pending.ts';
import type { SensorSpec } from './sensor-spec.ts';

/** The rules of one sensor: which events are taken, what they fire, with which parameters. */
export function createSensorLogic(namespace: string, spec: SensorSpec): SensorLogic {
  const { eventBus, dependencies, triggers } = spec;
  const bySubject = new Map<string, Dependency[]>();
  for (const dependency of dependencies) {
    const { eventSourceName: eventSource, eventName } = dependency;
    const subject = eventSubject({ namespace, eventBus, eventSource, eventName });
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), dependency]);
  }
  // An event is only given to the triggers whose conditions name its dependency: there may be many.
  const waiting = new Map(
    dependencies.map(({ name }) => [
      name,
      triggers.filter(({ definition }) => definition.condition.dependencies.includes(name)),
    ]),
  );

  return {
    dependencies,
    triggers: new Map(triggers.map((trigger) => [trigger.name, trigger])),
    adopt: (pending) => adoptPending((pending ?? {}) as Pending, triggers),
    receive(before, message) {
      let pending = (before ?? {}) as Pending;
      const firings: Firing[] = [];
      const dropped: DroppedEvent[] = [];
      const received = sensorEvent(message);
      const { traceparent, storedAtMs: atMs } = message;
      for (const dependency of bySubject.get(message.subject) ?? []) {
        const verdict = evaluateDependency(dependency, received);
        if (!verdict.ok || !verdict.value.pass) {
          const reason = verdict.ok ? 'its filters said no' : verdict.error;
          const cause = verdict.ok ? 'Filtered' : 'Error';
          dropped.push({ dependency: dependency.name, cause, reason });
          continue;
        }
        const arrival = { dependency: dependency.name, event: verdict.value.event, atMs };
        for (const trigger of waiting.get(dependency.name) ?? []) {
          const step = arrive(pending, trigger, arrival);
          pending = step.pending;
          if (step.firing === undefined) continue;
          const trace = traceparent === undefined ? {} : { traceparent };
          firings.push({ ...step.firing, trigger: trigger.name, ...trace });
        }
      }
      return { pending, firings, dropped };
    },
    apply: (parameters, text, firing) =>
      applyParameters(text, parametersOf(parameters), firing.events),
    payload: (parameters, firing) =>
      buildPayload(parametersOf(parameters), firing.events, { allowsWholeBody: true }),
  };
}

/** The shape was checked with the manifest; what is absent is empty. */
function parametersOf(value: unknown): readonly TriggerParameter[] {
  return Array.isArray(value) ? (value as readonly TriggerParameter[]) : [];
}

function sensorEvent({ event }: StoredMessage): SensorEvent {
  const { id, source, type, subject, time, datacontenttype, data } = event;
  return {
    id,
    source,
    type,
    ...(subject === undefined ? {} : { subject }),
    ...(time === undefined ? {} : { time }),
    ...(datacontenttype === undefined ? {} : { datacontenttype }),
    ...(data.byteLength === 0 ? {} : { dataText: new TextDecoder().decode(data) }),
  };
}
