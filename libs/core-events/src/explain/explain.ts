import { unwrap } from '@argosy/base';
import { previousResetMs, resetPlan } from '../condition/reset.ts';
import type { SensorEvent } from '../event/sensor-event.ts';
import { evaluateDependency } from '../filter/dependency.ts';
import type { Dependency, SensorDefinition, Trigger } from '../manifest/sensor.ts';
import { transformEvent } from '../transform/transform.ts';
import { dependenciesOf, triggerDefinition, type SensorIdentity } from '../trigger/definition.ts';
import { uidOfFiring } from '../trigger/firing.ts';
import {
  createTriggerMachine,
  type Firing,
  type PendingEvent,
  type TriggerDefinition,
  type TriggerState,
} from '../trigger/machine.ts';
import { explainFilters, type FilterExplanation } from './filters.ts';
import { triggerKindOf, triggerResult, type TriggerResult } from './trigger-result.ts';

/** What became of the event at one dependency. */
export interface DependencyExplanation {
  readonly name: string;
  /** Whether it waits for events of this source and name, or was asked for by name. */
  readonly isMeant: boolean;
  /** The data after the transform; absent without one. */
  readonly transformed?: string;
  readonly filters: readonly FilterExplanation[];
  readonly isTaken: boolean;
  readonly why: string;
}

/** What the event does to one trigger. */
export interface TriggerExplanation {
  readonly name: string;
  readonly kind: string;
  readonly condition: string;
  /** Dependencies whose events were waiting before. */
  readonly pending: readonly string[];
  /** Those that the condition names and that have no event now. */
  readonly missing: readonly string[];
  readonly fires: boolean;
  readonly why: string;
  /** Of the firing, when it fires. */
  readonly firing?: {
    readonly id: string;
    /** Uid of the workflow that a submission would start. */
    readonly uid: string;
    /** Dependency → id of its event. */
    readonly events: Readonly<Record<string, string>>;
    readonly result: TriggerResult;
  };
}

export interface EventExplanation {
  readonly dependencies: readonly DependencyExplanation[];
  readonly triggers: readonly TriggerExplanation[];
}

export interface ExplainRequest {
  readonly sensor: SensorIdentity;
  readonly definition: SensorDefinition;
  readonly event: SensorEvent;
  /** Where the event lies on the bus; default: by its source and subject. */
  readonly address?: { readonly eventSource: string; readonly eventName: string } | undefined;
  /** Only this dependency, whatever source and name the event has. */
  readonly dependency?: string | undefined;
  /** Trigger → dependency → the event that waits. */
  readonly pending?: Readonly<Record<string, Readonly<Record<string, PendingEvent>>>>;
  /** When the event comes, Unix milliseconds. */
  readonly nowMs: number;
}

/**
 * Says of an event, filter by filter, why a sensor would take it or not, which triggers it would fire, and with which
 * objects and payloads. Judged by the rules themselves; nothing is done.
 */
export function explainEvent(request: ExplainRequest): EventExplanation {
  const { definition, event } = request;
  const { eventSource = event.source, eventName = event.subject ?? '' } = request.address ?? {};
  const meant = new Set(
    request.dependency === undefined
      ? dependenciesOf(definition, { source: eventSource, subject: eventName }).map(
          ({ name }) => name,
        )
      : [request.dependency],
  );
  const judged = definition.dependencies.map((dependency) =>
    explainDependency(dependency, event, {
      isMeant: meant.has(dependency.name),
      place: `${eventSource}/${eventName}`,
    }),
  );
  const taken = judged.flatMap(({ explanation, event: changed }) =>
    explanation.isTaken ? [[explanation.name, changed] as const] : [],
  );
  const dependencies = judged.map(({ explanation }) => explanation);
  const triggers = definition.triggers.map((trigger) => explainTrigger(request, trigger, taken));
  return { dependencies, triggers };
}

function explainDependency(
  dependency: Dependency,
  event: SensorEvent,
  { isMeant, place }: { readonly isMeant: boolean; readonly place: string },
): { readonly explanation: DependencyExplanation; readonly event: SensorEvent } {
  const { name, eventSourceName, eventName, transform } = dependency;
  if (!isMeant) {
    const why = `it waits for ${eventSourceName}/${eventName}; the event is ${place}`;
    return { explanation: { name, isMeant, filters: [], isTaken: false, why }, event };
  }
  const changed = transformEvent(transform, event);
  if (!changed.ok) {
    const why = changed.error;
    return { explanation: { name, isMeant, filters: [], isTaken: false, why }, event };
  }
  const verdict = evaluateDependency(dependency, event);
  const filters = explainFilters(dependency, changed.value);
  const isTaken = verdict.ok && verdict.value.pass;
  const why = !verdict.ok
    ? verdict.error
    : isTaken
      ? filters.length === 0
        ? 'it has no filters'
        : 'its filters let the event pass'
      : 'its filters refuse the event';
  const { dataText } = changed.value;
  const transformed =
    changed.value === event || dataText === undefined ? {} : { transformed: dataText };
  return {
    explanation: { name, isMeant, ...transformed, filters, isTaken, why },
    event: changed.value,
  };
}

type Taken = readonly (readonly [dependency: string, event: SensorEvent])[];

function explainTrigger(
  request: ExplainRequest,
  trigger: Trigger,
  taken: Taken,
): TriggerExplanation {
  const name = trigger.template?.name ?? '';
  const kind = triggerKindOf(trigger) ?? '';
  const definition = triggerDefinition(request.sensor, request.definition, trigger);
  if (!definition.ok) {
    const none = { pending: [], missing: [], fires: false };
    return {
      name,
      kind,
      condition: trigger.template?.conditions ?? '',
      ...none,
      why: definition.error,
    };
  }
  const { condition } = definition.value;
  const waiting = waitingEvents(request, trigger);
  const { firing, state } = arrivals(definition.value, { waiting, taken, nowMs: request.nowMs });
  const has = new Set(Object.keys(firing?.events ?? state.pending));
  const missing = condition.dependencies.filter((dependency) => !has.has(dependency));
  const isTouched = taken.some(([dependency]) => condition.dependencies.includes(dependency));
  const explained = {
    name,
    kind,
    condition: condition.expression,
    pending: Object.keys(waiting),
    missing,
    fires: firing !== undefined,
    why: whyOf({ fires: firing !== undefined, isTouched, missing }),
  };
  if (firing === undefined) return explained;
  const events = Object.entries(firing.events).map(([dependency, { id }]) => [dependency, id]);
  const { id } = firing;
  const result = triggerResult(trigger, firing.events);
  const fired = { id, uid: uidOfFiring(id), events: Object.fromEntries(events), result };
  return { ...explained, firing: fired };
}

/** What came before the last reset is forgotten when the next event comes. */
function waitingEvents(
  { pending = {}, nowMs }: ExplainRequest,
  { template }: Trigger,
): Readonly<Record<string, PendingEvent>> {
  const resets = resetPlan(template?.conditionsReset ?? []);
  const resetMs = (resets.ok ? previousResetMs(resets.value, nowMs) : undefined) ?? 0;
  const given = Object.entries(pending[template?.name ?? ''] ?? {});
  return Object.fromEntries(given.filter(([, { arrivedMs }]) => arrivedMs >= resetMs));
}

function whyOf(facts: {
  readonly fires: boolean;
  readonly isTouched: boolean;
  readonly missing: readonly string[];
}): string {
  if (facts.fires) return 'its condition holds';
  if (!facts.isTouched) return 'none of its dependencies takes the event';
  return `its condition waits for ${facts.missing.join(', ')}`;
}

/** The event comes for one dependency after the other, as the sensor has it; the first firing is told. */
function arrivals(
  definition: TriggerDefinition,
  given: {
    readonly waiting: Readonly<Record<string, PendingEvent>>;
    readonly taken: Taken;
    readonly nowMs: number;
  },
): { readonly firing: Firing | undefined; readonly state: TriggerState } {
  const machine = createTriggerMachine(definition);
  let state: TriggerState = { ...machine.initial(), pending: given.waiting };
  for (const [dependency, event] of given.taken) {
    const input = { kind: 'EventArrived', dependency, event, nowMs: given.nowMs } as const;
    state = unwrap(machine.decide(state, input)).reduce(machine.evolve, state);
    const [firing] = state.firings;
    if (firing !== undefined) return { firing, state };
  }
  return { firing: undefined, state };
}
