// One machine per trigger. Transitions:
//   Idle    --EventArrived, condition holds-->      Firing (pending handed over and cleared)
//   Idle    --EventArrived, condition waits-->      Idle   (event kept; the latest per dependency)
//   Idle    --EventArrived, older than the kept-->  no change
//   any     --EventArrived, seen within a minute--> no change
//   any     --ResetDue-->                           pending events that came before it are dropped
//   any     --DefinitionChanged-->                  pending of changed dependencies, or all, dropped
//   Firing  --FiringSettled-->                      the firing is forgotten
import { assertNever, err, ok, type Machine, type Refusal, type Result } from '@argosy/base';
import type { Condition } from '../condition/condition.ts';
import type { SensorEvent } from '../event/sensor-event.ts';
import { firingId, type TriggerIdentity } from './firing.ts';

/** How long the id of an event is remembered to ignore a duplicate. */
export const DUPLICATE_WINDOW_MS = 60_000;
/**
 * Ids remembered per trigger; the oldest are forgotten first. Few, because they are stored with every change, and
 * the bus drops what is sent twice by itself.
 */
export const RECENT_IDS_MAX = 100;
/** Firings that may wait for their end; beyond it events are refused, to be delivered again. */
export const FIRINGS_OPEN_MAX = 1_000;

/** An event that waits for the others its condition needs. */
export interface PendingEvent {
  readonly event: SensorEvent;
  readonly arrivedMs: number;
}

/** A trigger that has fired and whose action has not ended. */
export interface Firing {
  readonly id: string;
  /** The dependency whose event made it fire. */
  readonly on: string;
  readonly events: Readonly<Record<string, SensorEvent>>;
  readonly firedMs: number;
}

/** The state of one trigger; plain JSON, to be stored as it is. */
export interface TriggerState {
  /** The condition and dependencies this state was made under. */
  readonly expression: string;
  readonly dependencyHashes: Readonly<Record<string, string>>;
  readonly pending: Readonly<Record<string, PendingEvent>>;
  readonly recent: readonly { readonly key: string; readonly atMs: number }[];
  readonly firings: readonly Firing[];
}

export type TriggerInput =
  | {
      readonly kind: 'EventArrived';
      /** The dependency whose filters the event has passed. */
      readonly dependency: string;
      readonly event: SensorEvent;
      readonly nowMs: number;
    }
  | { readonly kind: 'ResetDue'; readonly resetMs: number }
  | { readonly kind: 'DefinitionChanged' }
  | { readonly kind: 'FiringSettled'; readonly firingId: string };

export type TriggerFact =
  | {
      readonly kind: 'EventSeen';
      readonly dependency: string;
      readonly eventId: string;
      readonly atMs: number;
    }
  | { readonly kind: 'EventKept'; readonly dependency: string; readonly pending: PendingEvent }
  | { readonly kind: 'TriggerFired'; readonly firing: Firing }
  | { readonly kind: 'PendingDropped'; readonly dependencies: readonly string[] }
  | {
      readonly kind: 'DefinitionAdopted';
      readonly expression: string;
      readonly dependencyHashes: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'FiringForgotten'; readonly firingId: string };

export interface TriggerEffect {
  readonly kind: 'ExecuteTrigger';
  readonly firing: Firing;
}

/** What the machine must know of its trigger. */
export interface TriggerDefinition {
  readonly identity: TriggerIdentity;
  readonly condition: Condition;
  /** Dependency name → hash of its definition; a changed hash drops what is pending for it. */
  readonly dependencyHashes: Readonly<Record<string, string>>;
}

export type TriggerMachine = Machine<TriggerState, TriggerInput, TriggerFact, TriggerEffect>;

/** The machine of one trigger under one definition; the state outlives changes of the definition. */
export function createTriggerMachine(definition: TriggerDefinition): TriggerMachine {
  return {
    initial: () => ({
      expression: definition.condition.expression,
      dependencyHashes: definition.dependencyHashes,
      pending: {},
      recent: [],
      firings: [],
    }),
    decide: (state, input) => decide(definition, state, input),
    evolve,
    owed: function* (state) {
      for (const firing of state.firings) yield { kind: 'ExecuteTrigger', firing };
    },
  };
}

function decide(
  definition: TriggerDefinition,
  state: TriggerState,
  input: TriggerInput,
): Result<readonly TriggerFact[], Refusal> {
  switch (input.kind) {
    case 'EventArrived':
      return decideEvent(definition, state, input);
    case 'ResetDue':
      return ok(droppedBefore(state, input.resetMs));
    case 'DefinitionChanged':
      return ok(decideDefinition(definition, state));
    case 'FiringSettled': {
      const isOpen = state.firings.some(({ id }) => id === input.firingId);
      return ok(isOpen ? [{ kind: 'FiringForgotten', firingId: input.firingId }] : []);
    }
    default:
      return assertNever(input);
  }
}

/** Ids are unique within a source only, and one event may serve several dependencies. */
const recentKey = (dependency: string, eventId: string): string => `${dependency}\n${eventId}`;

function decideEvent(
  { identity, condition }: TriggerDefinition,
  state: TriggerState,
  input: TriggerInput & { readonly kind: 'EventArrived' },
): Result<readonly TriggerFact[], Refusal> {
  const { dependency, event, nowMs } = input;
  if (!condition.dependencies.includes(dependency)) return ok([]);
  const key = recentKey(dependency, event.id);
  const isDuplicate = state.recent.some(
    (seen) => seen.key === key && nowMs - seen.atMs < DUPLICATE_WINDOW_MS,
  );
  if (isDuplicate) return ok([]);
  const seen: TriggerFact = { kind: 'EventSeen', dependency, eventId: event.id, atMs: nowMs };
  // Delivered late, after a retry or a crash: the latest counts, not the one that is delivered last.
  if (nowMs < (state.pending[dependency]?.arrivedMs ?? nowMs)) return ok([seen]);
  const kept = condition.isStateful
    ? { ...state.pending, [dependency]: { event, arrivedMs: nowMs } }
    : { [dependency]: { event, arrivedMs: nowMs } };
  if (!condition.holds(new Set(Object.keys(kept)))) {
    if (!condition.isStateful) return ok([seen]);
    return ok([seen, { kind: 'EventKept', dependency, pending: { event, arrivedMs: nowMs } }]);
  }
  if (state.firings.length >= FIRINGS_OPEN_MAX) {
    const message = `trigger ${identity.trigger} has ${FIRINGS_OPEN_MAX} firings that have not ended`;
    return err({ code: 'ResourceExhausted', message });
  }
  const events = Object.fromEntries(
    Object.entries(kept).map(([name, pending]) => [name, pending.event]),
  );
  const id = firingId(identity, events);
  return ok([
    seen,
    { kind: 'TriggerFired', firing: { id, on: dependency, events, firedMs: nowMs } },
  ]);
}

function droppedBefore(state: TriggerState, resetMs: number): readonly TriggerFact[] {
  const dependencies = Object.entries(state.pending)
    .filter(([, pending]) => pending.arrivedMs < resetMs)
    .map(([dependency]) => dependency);
  return dependencies.length === 0 ? [] : [{ kind: 'PendingDropped', dependencies }];
}

/** A changed condition drops everything; a changed or removed dependency only its own event. */
function decideDefinition(
  definition: TriggerDefinition,
  state: TriggerState,
): readonly TriggerFact[] {
  const { condition, dependencyHashes } = definition;
  const isSameCondition = condition.expression === state.expression;
  const dependencies = Object.keys(state.pending).filter(
    (name) => !isSameCondition || dependencyHashes[name] !== state.dependencyHashes[name],
  );
  const names = new Set([...Object.keys(dependencyHashes), ...Object.keys(state.dependencyHashes)]);
  const isSame =
    isSameCondition &&
    [...names].every((name) => dependencyHashes[name] === state.dependencyHashes[name]);
  const facts: TriggerFact[] = [];
  if (dependencies.length > 0) facts.push({ kind: 'PendingDropped', dependencies });
  if (!isSame) {
    const { expression } = condition;
    facts.push({ kind: 'DefinitionAdopted', expression, dependencyHashes });
  }
  return facts;
}

function evolve(state: TriggerState, fact: TriggerFact): TriggerState {
  switch (fact.kind) {
    case 'EventSeen': {
      const fresh = state.recent.filter(({ atMs }) => fact.atMs - atMs < DUPLICATE_WINDOW_MS);
      const seen = { key: recentKey(fact.dependency, fact.eventId), atMs: fact.atMs };
      return { ...state, recent: [...fresh, seen].slice(-RECENT_IDS_MAX) };
    }
    case 'EventKept':
      return { ...state, pending: { ...state.pending, [fact.dependency]: fact.pending } };
    case 'TriggerFired':
      return { ...state, pending: {}, firings: [...state.firings, fact.firing] };
    case 'PendingDropped': {
      const dropped = new Set(fact.dependencies);
      const left = Object.entries(state.pending).filter(([name]) => !dropped.has(name));
      return { ...state, pending: Object.fromEntries(left) };
    }
    case 'DefinitionAdopted': {
      const { expression, dependencyHashes } = fact;
      return { ...state, expression, dependencyHashes };
    }
    case 'FiringForgotten':
      return { ...state, firings: state.firings.filter(({ id }) => id !== fact.firingId) };
    default:
      return assertNever(fact);
  }
}
