import {
  createTriggerMachine,
  dependenciesOf,
  evaluateDependency,
  triggerDefinition,
  type Dependency,
  type SensorEvent,
  type Trigger,
  type TriggerInput,
  type TriggerMachine,
  type TriggerState,
} from '@argosy/core-events';
import { unwrap } from '@argosy/base';
import { failed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { allOf, compared, eventOf, expectOf, partOf, partsOf, specOf, type Part } from './case.ts';

/** A sensor with one trigger, driven by hand; time is a counter. */
interface Sensor {
  dependencies: readonly Dependency[];
  trigger: Trigger;
  machine: TriggerMachine;
  state: TriggerState;
  isRunning: boolean;
  nowMs: number;
  readonly firings: { readonly on: string; readonly with: Readonly<Record<string, string>> }[];
}

/** condition.firing: the firings of one trigger over a list of events and operator actions. */
export function runFiringCase(conformanceCase: ConformanceCase): CaseOutcome {
  const expect = expectOf(conformanceCase);
  const sensor = sensorOf(specOf(conformanceCase));
  const parts = partsOf(conformanceCase['events']);
  sensor.isRunning = !parts.some((part) => part['action'] === 'start-sensor');
  for (const part of parts) {
    sensor.nowMs += 1_000;
    const problem = take(sensor, part);
    if (problem !== undefined) return failed(problem);
  }
  const pending = Object.keys(sensor.state.pending).sort();
  const wantPending = expect['stateAfter'];
  return allOf(
    compared('firings', sensor.firings, expect['firings']),
    Array.isArray(wantPending)
      ? compared('pending', pending, [...(wantPending as readonly string[])].sort())
      : { status: 'passed' },
  );
}

function sensorOf(spec: Part): Sensor {
  const dependencies = partsOf(spec['dependencies']) as unknown as readonly Dependency[];
  const { conditions, ...rest } = partOf(spec['trigger']);
  const template = { ...rest, ...(conditions === undefined ? {} : { conditions }) };
  const trigger = { template } as unknown as Trigger;
  const machine = machineOf(dependencies, trigger);
  const state = machine.initial();
  return { dependencies, trigger, machine, state, isRunning: true, nowMs: 0, firings: [] };
}

function machineOf(dependencies: readonly Dependency[], trigger: Trigger): TriggerMachine {
  const identity = { namespace: 'default', name: 'sensor' };
  return createTriggerMachine(unwrap(triggerDefinition(identity, { dependencies }, trigger)));
}

function apply(sensor: Sensor, input: TriggerInput): void {
  for (const fact of unwrap(sensor.machine.decide(sensor.state, input))) {
    sensor.state = sensor.machine.evolve(sensor.state, fact);
  }
  for (const { firing } of sensor.machine.owed(sensor.state)) {
    const ids = Object.entries(firing.events).map(([name, event]) => [name, event.id]);
    const onId = firing.events[firing.on]?.id ?? '';
    sensor.firings.push({ on: onId, with: Object.fromEntries(ids) as Record<string, string> });
    apply(sensor, { kind: 'FiringSettled', firingId: firing.id });
  }
}

/** Takes one entry of the case; answers what is wrong when it does not know the entry. */
function take(sensor: Sensor, part: Part): string | undefined {
  switch (part['action']) {
    case undefined:
      // A message that is no CloudEvent reaches no dependency.
      if (part['raw'] === undefined) publish(sensor, eventOf(part));
      return undefined;
    case 'publish-before-sensor-exists':
      publish(sensor, eventOf(partOf(part['event'])));
      return undefined;
    case 'start-sensor':
      sensor.isRunning = true;
      return undefined;
    case 'reset-conditions':
      apply(sensor, { kind: 'ResetDue', resetMs: sensor.nowMs });
      return undefined;
    case 'restart-sensor':
      sensor.machine = machineOf(sensor.dependencies, sensor.trigger);
      sensor.state = JSON.parse(JSON.stringify(sensor.state)) as TriggerState;
      apply(sensor, { kind: 'DefinitionChanged' });
      return undefined;
    case 'change-conditions':
      return redefine(sensor, sensor.dependencies, part['conditions']);
    case 'change-dependency': {
      const changed = partOf(part['dependency']) as unknown as Dependency;
      const dependencies = sensor.dependencies.map((dependency) =>
        dependency.name === changed.name ? changed : dependency,
      );
      return redefine(sensor, dependencies, sensor.trigger.template?.conditions);
    }
    default:
      return `no runner for the action ${String(part['action'])}`;
  }
}

function redefine(
  sensor: Sensor,
  dependencies: readonly Dependency[],
  conditions: unknown,
): undefined {
  const template = { ...sensor.trigger.template, conditions };
  sensor.dependencies = dependencies;
  sensor.trigger = { template } as unknown as Trigger;
  sensor.machine = machineOf(dependencies, sensor.trigger);
  apply(sensor, { kind: 'DefinitionChanged' });
  return undefined;
}

function publish(sensor: Sensor, event: SensorEvent): void {
  if (!sensor.isRunning) return;
  for (const dependency of dependenciesOf(sensor, event)) {
    const verdict = evaluateDependency(dependency, event);
    if (!verdict.ok || !verdict.value.pass) continue;
    const { name } = dependency;
    const input = { dependency: name, event: verdict.value.event, nowMs: sensor.nowMs } as const;
    apply(sensor, { kind: 'EventArrived', ...input });
  }
}
