// Covers in which order and how often triggers are tried: order per trigger, retries that hold up nobody, the end of a
// message under each outcome. Leaves out what a trigger does (triggers/) and dead letters (dead-letters.test.ts).
import { ok } from '@argosy/base';
import { createMemoryBus, type Bus, type Delivery } from '@argosy/bus';
import { createMetrics } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { expect, test, vi } from 'vitest';
import { createActions, type Actions } from './actions.ts';
import { createSemaphore } from './semaphore.ts';
import type { Firing, SensorLogic, SensorTrigger } from './sensor-logic.ts';
import { createSensorMetrics } from './sensor-metrics.ts';
import { sensorOf, startHarness, submitTrigger, submittedOn } from './testing/harness.ts';
import { environmentWith } from './testing/trigger-call.ts';
import type { TriggerKind, TriggerOutcome } from './triggers/trigger.ts';

vi.setConfig({ testTimeout: 30_000 });

const WITHIN = { timeoutMs: 10_000 };
const ATTEMPTS_AT_ONCE = 4;

/** Actions of one trigger, whose attempts are noted by their firings and end as they are told to. */
function actionsOf(
  attempt: (firingId: string) => Promise<TriggerOutcome>,
  changes: Partial<SensorTrigger> = {},
): { readonly actions: Actions; readonly begun: string[] } {
  const begun: string[] = [];
  const kind: TriggerKind = {
    kind: 'noted',
    problems: () => [],
    run: ({ firingId }) => {
      begun.push(firingId);
      return attempt(firingId);
    },
  };
  const trigger: SensorTrigger = {
    name: 't',
    kind: 'noted',
    template: { name: 't', noted: {} },
    parameters: undefined,
    policy: undefined,
    retryStrategy: { steps: 1, durationMs: 0, factor: 1, jitter: 0 },
    rateLimit: { spacingMs: 0 },
    deadLetter: undefined,
    ...changes,
  };
  const logic: SensorLogic = {
    dependencies: [],
    triggers: new Map([['t', trigger]]),
    adopt: (pending) => pending,
    receive: (pending) => ({ pending, firings: [], dropped: [] }),
    apply: (_parameters, text) => ok(text),
    payload: () => ok('{}'),
  };
  const actions = createActions({
    namespace: 'default',
    sensor: 's',
    logic,
    kinds: new Map([['noted', kind]]),
    environment: environmentWith(),
    metrics: createSensorMetrics(createMetrics()),
    deadLetters: { keep: () => Promise.resolve() },
    semaphore: createSemaphore(ATTEMPTS_AT_ONCE),
  });
  return { actions, begun };
}

const firing = (id: string): Firing => ({ id, trigger: 't', on: 'd', events: {}, firedMs: 0 });
const signal = new AbortController().signal;
const names = Array.from({ length: 50 }, (_, index) => `f${index}`);
const afterMs = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

test('attempts begin in the order of the events, also when more wait than may be made at once', async () => {
  const { actions, begun } = actionsOf(async () => {
    await afterMs(Math.random() * 3);
    return { kind: 'Done' };
  });
  await Promise.all(names.map((name) => actions.run(firing(name), signal)));
  expect(begun).toEqual(names);
});

test('a firing that is tried again lets those after it pass, which is the one way to overtake', async () => {
  const failed = new Set<string>();
  const { actions, begun } = actionsOf(
    (id) => {
      const isFirstOfThird = id === 'f2' && !failed.has(id);
      failed.add(id);
      return Promise.resolve(
        isFirstOfThird ? { kind: 'Failed', reason: 'not now' } : { kind: 'Done' },
      );
    },
    { retryStrategy: { steps: 2, durationMs: 30, factor: 1, jitter: 0 } },
  );
  await Promise.all(names.map((name) => actions.run(firing(name), signal)));
  expect(begun).toEqual([...names, 'f2']);
});

test('a retryStrategy counts without atLeastOnce too, and a retry holds up no later event (rule 33, decided otherwise)', async () => {
  const { actions, begun } = actionsOf(
    (id) => Promise.resolve(id === 'bad' ? { kind: 'Failed', reason: 'no' } : { kind: 'Done' }),
    { retryStrategy: { steps: 3, durationMs: 20, factor: 1, jitter: 0 } },
  );
  const bad = actions.run(firing('bad'), signal);
  await actions.run(firing('good'), signal);
  expect(begun).toEqual(['bad', 'good']);
  await bad;
  expect(begun.filter((id) => id === 'bad')).toHaveLength(3);
});

test('a firing that was done is not run again when its event is delivered again', async () => {
  const { actions, begun } = actionsOf(() => Promise.resolve({ kind: 'Done' }));
  await actions.run(firing('f'), signal);
  await actions.run(firing('f'), signal);
  expect(begun).toEqual(['f']);
});

test('workflows are submitted in the order in which their events were stored', async () => {
  const bus = createMemoryBus();
  await using harness = await startHarness(bus);
  await harness.apply('Sensor', 's', sensorOf(['orders'], submitTrigger()));
  await eventually(async () => expect(await harness.condition('s', 'Deployed')).toBe(''), WITHIN);
  const orders = Array.from({ length: 300 }, (_, index) => `order ${index}`);
  for (const id of orders) {
    await harness.send({ eventSource: 'shop', eventName: 'orders', id, data: { body: { id } } });
  }
  await eventually(async () => {
    expect((await submittedOn(bus)).length).toBe(orders.length);
  }, WITHIN);
  const submitted = (await submittedOn(bus)).map(({ workflow }) => {
    const { parameters } = workflow.spec['arguments'] as { parameters: { value: string }[] };
    return parameters[0]?.value;
  });
  expect(submitted).toEqual(orders);
});

test('a message is acknowledged after success, failure and filter alike (rule 34)', async () => {
  const bus = createMemoryBus();
  const acknowledged: string[] = [];
  await using harness = await startHarness(noting(bus, acknowledged));
  const filters = { data: [{ path: 'body.id', type: 'string', value: ['^(good|bad)$'] }] };
  const dependencies = [{ name: 'orders', eventSourceName: 'shop', eventName: 'orders', filters }];
  const conditional = { template: { name: 'broken', http: { url: 'http://127.0.0.1:1/' } } };
  const triggers = [submitTrigger(), conditional];
  await harness.apply('Sensor', 's', { spec: { dependencies, triggers } });
  await eventually(async () => expect(await harness.condition('s', 'Deployed')).toBe(''), WITHIN);
  for (const id of ['good', 'bad', 'filtered']) {
    await harness.send({ eventSource: 'shop', eventName: 'orders', id, data: { body: { id } } });
  }
  await eventually(() => acknowledged.length === 3, WITHIN);
  expect(acknowledged.toSorted()).toEqual(['bad', 'filtered', 'good']);
  expect(await submittedOn(bus)).toHaveLength(2);
});

/** The same bus; the ids of the events that are acknowledged are noted. */
function noting(bus: Bus, acknowledged: string[]): Bus {
  const noted = (delivery: Delivery): Delivery => ({
    ...delivery,
    ack: async (options) => {
      await delivery.ack(options);
      acknowledged.push(delivery.event.id);
    },
  });
  const consume: Bus['consume'] = (spec, handler, options) =>
    bus.consume(spec, (batch) => handler(batch.map(noted)), options);
  return new Proxy(bus, {
    get(target, name) {
      if (name === 'consume') return consume;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
