// Covers the checks of Sensor, EventSource and EventBus manifests by sampling each group of rules; the
// conformance corpus goes through them one by one. Leaves out the shape of manifests (libs/model).
import { describe, expect, it } from 'vitest';
import { validateEventBus, validateEventBusUpdate } from './event-bus.ts';
import { validateEventSource } from './event-source.ts';
import { validateSensor } from './sensor.ts';

const texts = (problems: readonly { readonly message: string; readonly path: string }[]) =>
  problems.map(({ message, path }) => `${path}: ${message}`);

const dependency = { name: 'd', eventSourceName: 's', eventName: 'e' };
const trigger = { template: { name: 't', log: {} } };
const sensor = (more: object): object => ({
  spec: { dependencies: [dependency], triggers: [trigger], ...more },
});

describe('sensors', () => {
  it('are valid with a dependency and a trigger, even one without a kind (rule 58)', () => {
    expect(validateSensor(sensor({}))).toEqual([]);
    expect(validateSensor(sensor({ triggers: [{ template: { name: 't' } }] }))).toEqual([]);
  });
  it('name the field of each problem', () => {
    const bad = { dependencies: [{ name: 'd', filtersLogicalOperator: 'OR' }], triggers: [{}] };
    expect(texts(validateSensor(sensor(bad)))).toEqual([
      'spec.dependencies[0].eventSourceName: event dependency must define the EventSourceName',
      'spec.dependencies[0].eventName: event dependency must define the EventName',
      'spec.dependencies[0].filtersLogicalOperator: logical operator OR not supported; use "and" or "or"',
      "spec.triggers[0].template: trigger template can't be nil",
    ]);
  });
  it('may not use one event twice on a NATS streaming bus', () => {
    const twice = sensor({ dependencies: [dependency, { ...dependency, name: 'd2' }] });
    expect(validateSensor(twice, { eventBusSpec: { jetstream: {} } })).toEqual([]);
    expect(texts(validateSensor(twice, { eventBusSpec: { nats: {} } }))[0]).toContain(
      'more than one',
    );
  });
  it('refuse a window of time without length (rule 16) and an empty context (rule 17)', () => {
    const filters = { time: { start: '01:00:00', stop: '01:00:00' }, context: {} };
    const problems = validateSensor(sensor({ dependencies: [{ ...dependency, filters }] }));
    expect(texts(problems).join()).toMatch(/no fields specified.*stop must not be equal to start/);
  });
  it('want atLeastOnce on a trigger with dlqTrigger and in it, and no nesting (rule 35)', () => {
    const inner = { ...trigger, dlqTrigger: trigger };
    const problems = validateSensor(sensor({ triggers: [{ ...trigger, dlqTrigger: inner }] }));
    expect(texts(problems)).toHaveLength(3);
  });
  it('want an operation of argoWorkflow triggers, though there is a default (rule 58)', () => {
    const template = { name: 't', argoWorkflow: { source: {} } };
    expect(texts(validateSensor(sensor({ triggers: [{ template }] })))[0]).toContain(
      'unknown operation',
    );
  });
});

describe('event sources', () => {
  const spec = (kinds: object) => texts(validateEventSource({ spec: kinds }));
  const webhook = { endpoint: '/x', port: '12000', method: 'POST' };

  it('may mix kinds of one update class only, and no event names (rule 60)', () => {
    const calendar = { interval: '1s' };
    expect(spec({ webhook: { a: webhook }, calendar: { b: calendar } }).join()).toContain(
      'put together',
    );
    expect(spec({ calendar: { a: calendar }, file: { a: {} } }).join()).toContain(
      'more than one "a"',
    );
  });
  it('want an endpoint and a port that is a number', () => {
    expect(spec({ webhook: { a: webhook } })).toEqual([]);
    expect(spec({ webhook: { a: { endpoint: 'x', port: 'http' } } })).toHaveLength(2);
  });
  it('refuse a filter expression that cannot be read', () => {
    expect(spec({ webhook: { a: { ...webhook, filter: { expression: 'a ==' } } } })).toHaveLength(
      1,
    );
  });
  it('refuse an empty spec', () => {
    expect(spec({})).toEqual(['spec: empty spec']);
  });
});

describe('event buses', () => {
  it('want one kind with what it needs', () => {
    expect(validateEventBus({ spec: { jetstream: { version: 'latest' } } })).toEqual([]);
    expect(texts(validateEventBus({ spec: {} }))[0]).toContain('invalid spec: either');
    expect(texts(validateEventBus({ spec: { kafka: {} } }))[0]).toContain(
      '"spec.kafka.url" is missing',
    );
    const two = { jetstream: { version: 'latest', replicas: 2 } };
    expect(validateEventBus({ spec: two })).toHaveLength(1);
  });
  it('cannot change their kind or stream settings', () => {
    const jetstream = { version: 'x', streamConfig: 'maxAge: 1h' };
    expect(
      validateEventBusUpdate({ jetstream }, { jetstream: { ...jetstream, version: 'y' } }),
    ).toEqual([]);
    expect(validateEventBusUpdate({ jetstream }, { jetstream: { version: 'x' } })).toHaveLength(1);
    expect(validateEventBusUpdate({ jetstream }, { kafka: { url: 'u' } })).toHaveLength(1);
  });
});
