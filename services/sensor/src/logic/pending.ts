import { isMet, type Condition } from './condition.ts';
import type { Firing, ReceivedEvent } from '../sensor-logic.ts';

/** The latest event of each dependency that waits, by trigger. */
export type Pending = Readonly<Record<string, Readonly<Record<string, ReceivedEvent>>>>;

/** Puts an event with those that wait for a trigger; when the condition is met, all of them fire. */
export function arrive(
  pending: Pending,
  trigger: { readonly name: string; readonly condition: Condition },
  arrived: { readonly dependency: string; readonly event: ReceivedEvent },
): { readonly pending: Pending; readonly firing: Firing | undefined } {
  const events = { ...pending[trigger.name], [arrived.dependency]: arrived.event };
  if (!isMet(trigger.condition, (name) => Object.hasOwn(events, name))) {
    return { pending: { ...pending, [trigger.name]: events }, firing: undefined };
  }
  const { [trigger.name]: _fired, ...rest } = pending;
  return { pending: rest, firing: { trigger: trigger.name, events } };
}
