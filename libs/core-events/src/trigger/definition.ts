import { fnv1a32, ok, type Result } from '@argosy/base';
import { goJson } from '@argosy/lang';
import { compileCondition } from '../condition/condition.ts';
import type { Dependency, SensorDefinition, Trigger } from '../manifest/sensor.ts';
import type { TriggerDefinition } from './machine.ts';

/** Names the sensor whose trigger is meant. */
export interface SensorIdentity {
  readonly namespace: string;
  readonly name: string;
}

/** A hash that changes with anything in a dependency: source, name, transform, filters. */
export function dependencyHash(dependency: Dependency): string {
  return fnv1a32(goJson(dependency)).toString(16);
}

/** What the machine of a trigger needs, or why the trigger can never fire. */
export function triggerDefinition(
  sensor: SensorIdentity,
  definition: Pick<SensorDefinition, 'dependencies'>,
  trigger: Trigger,
): Result<TriggerDefinition, string> {
  const { dependencies } = definition;
  const condition = compileCondition(trigger.template?.conditions, dependencies);
  if (!condition.ok) return condition;
  const identity = {
    namespace: sensor.namespace,
    sensor: sensor.name,
    trigger: trigger.template?.name ?? '',
  };
  const used = dependencies.filter(({ name }) => condition.value.dependencies.includes(name));
  const hashes = used.map((dependency) => [dependency.name, dependencyHash(dependency)]);
  const dependencyHashes = Object.fromEntries(hashes) as Record<string, string>;
  return ok({ identity, condition: condition.value, dependencyHashes });
}

/** The dependencies an event may serve, by the name of its source and of the event. */
export function dependenciesOf(
  definition: Pick<SensorDefinition, 'dependencies'>,
  event: { readonly source: string; readonly subject?: string },
): readonly Dependency[] {
  return definition.dependencies.filter(
    ({ eventSourceName, eventName }) =>
      eventSourceName === event.source && eventName === event.subject,
  );
}
