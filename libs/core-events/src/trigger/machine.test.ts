// Covers the machine of a trigger: given events, when one arrives, then it fires or waits. Leaves out
// the filters before it and the actions behind it.
import { describe, expect, it } from 'vitest';
import { unwrap } from '@argosy/base';
import type { SensorEvent } from '../event/sensor-event.ts';
import type { Dependency, Trigger } from '../manifest/sensor.ts';
import { dependenciesOf, triggerDefinition } from './definition.ts';
import { firingId, nameOfFiring, uidOfFiring } from './firing.ts';
import {
  createTriggerMachine,
  DUPLICATE_WINDOW_MS,
  FIRINGS_OPEN_MAX,
  RECENT_IDS_MAX,
  type TriggerInput,
  type TriggerMachine,
  type TriggerState,
} from './machine.ts';

const dependency = (name: string, more: Partial<Dependency> = {}): Dependency => ({
  name,
  eventSourceName: 'src',
  eventName: name,
  ...more,
});

function machineFor(
  conditions: string | undefined,
  dependencies: readonly Dependency[],
): TriggerMachine {
  const template = conditions === undefined ? { name: 't' } : { name: 't', conditions };
  const trigger: Trigger = { template };
  const sensor = { namespace: 'ns', name: 'sensor' };
  return createTriggerMachine(unwrap(triggerDefinition(sensor, { dependencies }, trigger)));
}

const AB = [dependency('A'), dependency('B')];
const event = (id: string): SensorEvent => ({ id, source: 'src', type: 'webhook', dataText: '{}' });
const arrived = (name: string, id: string, nowMs = 0): TriggerInput => ({
  kind: 'EventArrived',
  dependency: name,
  event: event(id),
  nowMs,
});

function after(
  machine: TriggerMachine,
  inputs: readonly TriggerInput[],
  from?: TriggerState,
): TriggerState {
  return inputs.reduce(
    (state, input) => unwrap(machine.decide(state, input)).reduce(machine.evolve, state),
    from ?? machine.initial(),
  );
}

/** `dependency=event` of each firing that is owed. */
const fired = (state: TriggerState): readonly string[] =>
  state.firings.map(({ events }) =>
    Object.entries(events)
      .map(([name, { id }]) => `${name}=${id}`)
      .join(' '),
  );

describe('a trigger with &&', () => {
  const machine = machineFor('A && B', AB);

  it('waits for all and fires with the latest event of each (rule 26)', () => {
    const state = after(machine, [arrived('A', 'a1'), arrived('A', 'a2'), arrived('B', 'b1')]);
    expect(fired(state)).toEqual(['A=a2 B=b1']);
    expect(state.pending).toEqual({});
  });
  it('hands over every pending event, also those the true branch does not need (rule 25)', () => {
    const three = machineFor('A || (B && C)', [...AB, dependency('C')]);
    const state = after(three, [arrived('B', 'b1'), arrived('A', 'a1'), arrived('C', 'c1')]);
    expect(fired(state)).toEqual(['B=b1 A=a1']);
    expect(Object.keys(state.pending)).toEqual(['C']);
  });
  it('keeps the latest event also when an older one is delivered after it (rule 26)', () => {
    const state = after(machine, [arrived('A', 'a2', 20), arrived('A', 'a1', 10)]);
    expect(fired(after(machine, [arrived('B', 'b1', 30)], state))).toEqual(['A=a2 B=b1']);
  });
  it('takes the one delivered last of two that came in the same millisecond', () => {
    const state = after(machine, [arrived('A', 'a1', 10), arrived('A', 'a2', 10)]);
    expect(fired(after(machine, [arrived('B', 'b1', 10)], state))).toEqual(['A=a2 B=b1']);
  });
  it('lets one event serve two dependencies (rule 27)', () => {
    expect(fired(after(machine, [arrived('A', 'x'), arrived('B', 'x')]))).toEqual(['A=x B=x']);
  });
  it('goes on after a restart from its stored state (rule 28)', () => {
    const stored = JSON.parse(JSON.stringify(after(machine, [arrived('A', 'a1')]))) as TriggerState;
    expect(fired(after(machineFor('A && B', AB), [arrived('B', 'b1')], stored))).toEqual([
      'A=a1 B=b1',
    ]);
  });
  it('drops at a reset what came before it, and keeps what came after (rule 31)', () => {
    const state = after(machine, [arrived('A', 'a1', 10), { kind: 'ResetDue', resetMs: 20 }]);
    expect(state.pending).toEqual({});
    const later = after(machine, [arrived('A', 'a1', 30), { kind: 'ResetDue', resetMs: 20 }]);
    expect(Object.keys(later.pending)).toEqual(['A']);
  });
});

describe('a trigger without &&', () => {
  it('fires with each event alone and keeps nothing (rule 24)', () => {
    const state = after(machineFor('A || B', AB), [arrived('A', 'a1'), arrived('B', 'b1')]);
    expect(fired(state)).toEqual(['A=a1', 'B=b1']);
    expect(state.pending).toEqual({});
  });
  it('ignores the event of a dependency that its condition does not name', () => {
    const state = after(machineFor('A', AB), [arrived('B', 'b1')]);
    expect(state).toEqual(machineFor('A', AB).initial());
  });
});

describe('duplicates', () => {
  const machine = machineFor('A || B', AB);

  it('are ignored for a minute (rule 32)', () => {
    expect(
      machine.decide(after(machine, [arrived('A', 'a1', 0)]), arrived('A', 'a1', 59_999)),
    ).toEqual({
      ok: true,
      value: [],
    });
  });
  it('fire again when the minute is over', () => {
    const state = after(machine, [arrived('A', 'a1', 0), arrived('A', 'a1', DUPLICATE_WINDOW_MS)]);
    expect(fired(state)).toHaveLength(2);
  });
  it('are remembered up to a bound', () => {
    const settled = Array.from({ length: RECENT_IDS_MAX + 5 }, (_, index) => `e${index}`).reduce(
      (state, id) => {
        const next = after(machine, [arrived('A', id)], state);
        const inputs = next.firings.map((firing) => ({
          kind: 'FiringSettled' as const,
          firingId: firing.id,
        }));
        return after(machine, inputs, next);
      },
      machine.initial(),
    );
    expect(settled.recent).toHaveLength(RECENT_IDS_MAX);
    expect(settled.firings).toEqual([]);
  });
});

describe('a changed definition', () => {
  it('drops everything when the condition changed (rule 29)', () => {
    const state = after(machineFor('A && B', AB), [arrived('A', 'a1')]);
    const changed = after(machineFor('B && A', AB), [{ kind: 'DefinitionChanged' }], state);
    expect(changed.pending).toEqual({});
    expect(changed.expression).toBe('B&&A');
  });
  it('drops only the event of a dependency that changed (rule 29)', () => {
    const three = [...AB, dependency('C')];
    const state = after(machineFor(undefined, three), [arrived('A', 'a1'), arrived('B', 'b1')]);
    const filters = { context: { type: 'webhook' } };
    const changed = [dependency('A', { filters }), dependency('B'), dependency('C')];
    const next = after(machineFor(undefined, changed), [{ kind: 'DefinitionChanged' }], state);
    expect(Object.keys(next.pending)).toEqual(['B']);
  });
  it('decides nothing when nothing changed', () => {
    const machine = machineFor('A && B', AB);
    const state = after(machine, [arrived('A', 'a1')]);
    expect(machine.decide(state, { kind: 'DefinitionChanged' })).toEqual({ ok: true, value: [] });
  });
});

describe('firings', () => {
  const machine = machineFor('A || B', AB);

  it('are owed until they are settled, and settling twice changes nothing', () => {
    const state = after(machine, [arrived('A', 'a1')]);
    const [effect] = [...machine.owed(state)];
    const input = { kind: 'FiringSettled', firingId: effect?.firing.id ?? '' } as const;
    const settled = after(machine, [input], state);
    expect([...machine.owed(settled)]).toEqual([]);
    expect(machine.decide(settled, input)).toEqual({ ok: true, value: [] });
  });
  it('are refused beyond their bound, so the event is delivered again', () => {
    const firing = { id: 'x', on: 'A', events: {}, firedMs: 0 };
    const firings = Array.from({ length: FIRINGS_OPEN_MAX }, () => firing);
    const refused = machine.decide({ ...machine.initial(), firings }, arrived('A', 'a1'));
    expect(refused.ok ? '' : refused.error.code).toBe('ResourceExhausted');
  });
  it('have an id that depends on sensor, trigger and events alone', () => {
    const identity = { namespace: 'ns', sensor: 's', trigger: 't' };
    const id = firingId(identity, { A: event('1'), B: event('2') });
    expect(firingId(identity, { B: event('2'), A: event('1') })).toBe(id);
    expect(firingId(identity, { A: event('2'), B: event('1') })).not.toBe(id);
    expect(firingId({ ...identity, trigger: 'u' }, { A: event('1'), B: event('2') })).not.toBe(id);
    expect(uidOfFiring(id)).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    expect(nameOfFiring('run-', id)).toMatch(/^run-[bcdfghjklmnpqrstvwxz2456789]{10}$/);
    expect(nameOfFiring('x'.repeat(80), id)).toHaveLength(63);
  });
});

describe('routing', () => {
  it('gives an event to every dependency on its source and name', () => {
    const dependencies = [
      dependency('p', { eventName: 'x' }),
      dependency('q', { eventName: 'x' }),
      ...AB,
    ];
    const names = dependenciesOf({ dependencies }, { source: 'src', subject: 'x' }).map(
      ({ name }) => name,
    );
    expect(names).toEqual(['p', 'q']);
  });
  it('names the unknown dependency of a condition', () => {
    const trigger: Trigger = { template: { name: 't', conditions: 'A && Z' } };
    const result = triggerDefinition({ namespace: 'n', name: 's' }, { dependencies: AB }, trigger);
    expect(result.ok ? '' : result.error).toContain('"Z"');
  });
});
