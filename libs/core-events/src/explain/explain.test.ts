// Covers what is said of an event: which dependencies take it and why, which triggers fire, and what they would do.
// Leaves out the rules themselves, which have their own tests; here it is checked that the explanation follows them.
import { describe, expect, it } from 'vitest';
import type { SensorEvent } from '../event/sensor-event.ts';
import type { Dependency, SensorDefinition, Trigger } from '../manifest/sensor.ts';
import { firingId } from '../trigger/firing.ts';
import { explainEvent, type EventExplanation, type ExplainRequest } from './explain.ts';

const sensor = { namespace: 'default', name: 's' };
const event: SensorEvent = {
  id: 'e1',
  source: 'shop',
  type: 'webhook',
  subject: 'orders',
  time: '2026-03-02T10:00:00Z',
  dataText: '{"body":{"id":"A 17","sum":12}}',
};

const orders = (changes: Partial<Dependency> = {}): Dependency => ({
  name: 'order',
  eventSourceName: 'shop',
  eventName: 'orders',
  ...changes,
});
const payments: Dependency = { name: 'payment', eventSourceName: 'shop', eventName: 'payments' };

const submit = (conditions?: string): Trigger =>
  ({
    template: {
      name: 'run',
      ...(conditions === undefined ? {} : { conditions }),
      argoWorkflow: {
        operation: 'submit',
        source: { resource: { kind: 'Workflow', spec: { number: 0 } } },
        parameters: [
          {
            src: { dependencyName: 'order', dataKey: 'body.sum', useRawData: true },
            dest: 'spec.number',
          },
        ],
      },
    },
  }) as unknown as Trigger;

function explain(
  definition: SensorDefinition,
  changes: Partial<ExplainRequest> = {},
): EventExplanation {
  return explainEvent({ sensor, definition, event, nowMs: 1_000, ...changes });
}

describe('dependencies', () => {
  it('that wait for other events say for which', () => {
    const { dependencies } = explain({ dependencies: [orders(), payments], triggers: [] });
    expect(dependencies).toMatchObject([
      { name: 'order', isMeant: true, isTaken: true, why: 'it has no filters' },
      { isMeant: false, why: 'it waits for shop/payments; the event is shop/orders' },
    ]);
  });

  it('tell every filter with its verdict and what was compared, also those not come to', () => {
    const filters = {
      exprs: [{ expr: 'sum > 10', fields: [{ name: 'sum', path: 'body.sum' }] }],
      data: [
        { path: 'body.id', type: 'string', value: ['^B', '^C'] },
        { path: 'body.none', type: 'string', value: ['x'] },
      ],
      context: { type: 'calendar' },
      time: { start: '09:00:00', stop: '11:00:00' },
      script: 'return event.body.sum == 12',
    } as const;
    const [order] = explain({ dependencies: [orders({ filters })], triggers: [] }).dependencies;
    expect(order?.isTaken).toBe(false);
    expect(order?.filters).toEqual([
      { filter: 'exprs[0]', verdict: 'Passed', why: 'sum > 10 with sum = 12' },
      {
        filter: 'data[0]',
        verdict: 'Refused',
        why: 'body.id is "A 17" and should be = "^B" or "^C" (string)',
      },
      { filter: 'data[1]', verdict: 'Error', why: "path 'body.none' does not exist" },
      {
        filter: 'context',
        verdict: 'Refused',
        why: 'type is "webhook" and should be "calendar"',
      },
      {
        filter: 'time',
        verdict: 'Passed',
        why: 'the event is of 2026-03-02T10:00:00Z, and the window is from 09:00:00 to 11:00:00 in UTC',
      },
      { filter: 'script', verdict: 'Passed', why: 'the script answered true' },
    ]);
  });

  it('show the data as the transform left it, and filters see that', () => {
    const changed = orders({
      transform: { jq: '{only: .body.sum}' },
      filters: { data: [{ path: 'only', type: 'number', comparator: '>', value: ['20'] }] },
    });
    const [order] = explain({ dependencies: [changed], triggers: [] }).dependencies;
    expect(order).toMatchObject({ transformed: '{"only":12}', isTaken: false });
    expect(order?.filters[0]?.why).toBe('only is 12 and should be > "20" (number)');
    const broken = orders({ transform: { jq: '.body.sum' } });
    const [failed] = explain({ dependencies: [broken], triggers: [] }).dependencies;
    expect(failed?.why).toBe('jq transform error (the output must be a JSON object)');
  });

  it('can be asked for by name, whatever source the event has', () => {
    const definition = { dependencies: [orders(), payments], triggers: [] };
    const { dependencies } = explain(definition, { dependency: 'payment' });
    expect(dependencies.map(({ isTaken }) => isTaken)).toEqual([false, true]);
  });
});

describe('triggers', () => {
  it('that fire show the firing and the object with its parameters', () => {
    const { triggers } = explain({ dependencies: [orders()], triggers: [submit()] });
    const id = firingId({ namespace: 'default', sensor: 's', trigger: 'run' }, { order: event });
    expect(triggers).toMatchObject([
      {
        name: 'run',
        kind: 'argoWorkflow',
        fires: true,
        why: 'its condition holds',
        firing: {
          id,
          events: { order: 'e1' },
          result: {
            settings: { operation: 'submit' },
            object: { kind: 'Workflow', spec: { number: 12 } },
          },
        },
      },
    ]);
  });

  it('say what they wait for, and fire with what is pending', () => {
    const definition = { dependencies: [orders(), payments], triggers: [submit()] };
    expect(explain(definition).triggers).toMatchObject([
      { fires: false, missing: ['payment'], why: 'its condition waits for payment', pending: [] },
    ]);
    const paid = { event: { ...event, id: 'p1', subject: 'payments' }, arrivedMs: 1 };
    const { triggers } = explain(definition, { pending: { run: { payment: paid } } });
    expect(triggers).toMatchObject([
      {
        fires: true,
        pending: ['payment'],
        missing: [],
        firing: { events: { order: 'e1', payment: 'p1' } },
      },
    ]);
  });

  it('forget what waits since before their last reset, as the next event would have it', () => {
    const byTime = { cron: '0 12 * * *' };
    const { template } = submit();
    const trigger = { template: { ...template, conditionsReset: [{ byTime }] } } as Trigger;
    const definition = { dependencies: [orders(), payments], triggers: [trigger] };
    const nowMs = Date.parse('2026-03-02T13:00:00Z');
    const at = (time: string): EventExplanation =>
      explain(definition, {
        nowMs,
        pending: { run: { payment: { event, arrivedMs: Date.parse(time) } } },
      });
    expect(at('2026-03-02T11:59:00Z').triggers).toMatchObject([{ fires: false, pending: [] }]);
    expect(at('2026-03-02T12:01:00Z').triggers).toMatchObject([{ fires: true }]);
  });

  it('whose dependencies do not take the event say so, and what is wrong with a condition', () => {
    const definition = {
      dependencies: [orders(), payments],
      triggers: [submit('payment'), submit('nowhere')],
    };
    expect(explain(definition).triggers).toMatchObject([
      { fires: false, why: 'none of its dependencies takes the event' },
      { fires: false, why: expect.stringContaining('unknown dependency "nowhere"') as string },
    ]);
  });

  it('show payloads, parameters of the template, and what cannot be made', () => {
    const src = { dependencyName: 'order', dataKey: 'body.id' };
    const http = {
      template: {
        name: 'call',
        http: { url: 'http://a/', method: 'POST', payload: [{ src, dest: 'order' }] },
      },
      parameters: [{ src: { dependencyName: 'order', value: 'PUT' }, dest: 'http.method' }],
    } as unknown as Trigger;
    const wrong = {
      template: {
        name: 'wrong',
        log: {},
        http: undefined,
        k8s: undefined,
      },
      parameters: [{ src: { ...src, dataKey: 'no.way' }, dest: 'log.intervalSeconds' }],
    } as unknown as Trigger;
    const elsewhere = {
      template: { name: 'far', k8s: { operation: 'create', source: { s3: {} } } },
    } as unknown as Trigger;
    const triggers = [http, wrong, elsewhere];
    const found = explain({ dependencies: [orders()], triggers }).triggers;
    expect(found.map(({ firing }) => firing?.result)).toEqual([
      { settings: { url: 'http://a/', method: 'PUT' }, payload: '{"order":"A 17"}' },
      {
        settings: null,
        problem: "unable to resolve 'order' parameter value: nothing at 'no.way'",
      },
      {
        settings: { operation: 'create' },
        problem: 'the object lies in s3, which is not read here',
      },
    ]);
  });
});
