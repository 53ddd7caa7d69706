import { unwrap } from '@argosy/base';
import {
  createTriggerMachine,
  previousResetMs,
  type Firing as CoreFiring,
  type ResetPlan,
  type SensorEvent,
  type TriggerDefinition,
  type TriggerInput,
  type TriggerMachine,
  type TriggerState,
} from '@argosy/core-events';

/** The states of the triggers whose events wait for one another, by name. */
export type Pending = Readonly<Record<string, TriggerState>>;

/** A trigger as far as its firing is concerned. */
export interface WaitingTrigger {
  readonly name: string;
  readonly definition: TriggerDefinition;
  readonly resets: ResetPlan;
}

export interface Arrival {
  readonly dependency: string;
  readonly event: SensorEvent;
  /** When the bus stored the event: the time that the rules go by, the same at each delivery. */
  readonly atMs: number;
}

/**
 * Gives an event to a trigger. One whose events do not wait has no state that is worth keeping; firings are
 * kept by the caller, together with the message that made them, so the machine forgets them at once.
 */
export function arrive(
  pending: Pending,
  trigger: WaitingTrigger,
  arrival: Arrival,
): { readonly pending: Pending; readonly firing: CoreFiring | undefined } {
  const machine = createTriggerMachine(trigger.definition);
  const isStateful = trigger.definition.condition.isStateful;
  const stored = isStateful ? pending[trigger.name] : undefined;
  const resetMs = isStateful ? previousResetMs(trigger.resets, arrival.atMs) : undefined;
  let state = stored ?? machine.initial();
  if (resetMs !== undefined) state = step(machine, state, { kind: 'ResetDue', resetMs });
  const { dependency, event, atMs: nowMs } = arrival;
  state = step(machine, state, { kind: 'EventArrived', dependency, event, nowMs });
  const [firing] = state.firings;
  if (firing !== undefined) {
    state = step(machine, state, { kind: 'FiringSettled', firingId: firing.id });
  }
  if (!isStateful || state === stored) return { pending, firing };
  return { pending: { ...pending, [trigger.name]: state }, firing };
}

/** Keeps what waits for triggers that are still there, under the conditions they have now. */
export function adoptPending(pending: Pending, triggers: readonly WaitingTrigger[]): Pending {
  const kept = triggers.flatMap(({ name, definition }) => {
    const stored = pending[name];
    if (stored === undefined || !definition.condition.isStateful) return [];
    const machine = createTriggerMachine(definition);
    return [[name, step(machine, stored, { kind: 'DefinitionChanged' })] as const];
  });
  return Object.fromEntries(kept);
}

/** No firing stays open in the machine, so it has no reason to refuse an input. */
function step(machine: TriggerMachine, state: TriggerState, input: TriggerInput): TriggerState {
  return unwrap(machine.decide(state, input)).reduce(machine.evolve, state);
}
