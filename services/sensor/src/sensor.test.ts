// Covers the sensor service on the bus in memory: from events to submit commands, with conditions, redelivery,
// crashes at each step, changes of manifests and trouble in triggers. Leaves out the HTTP trigger (its own test)
// and the rules of filters and parameters (libs/core-events).
import { BUCKETS, STREAMS } from '@argosy/api';
import { partitionOf, ArgosyError } from '@argosy/base';
import { createMemoryBus, type Bus } from '@argosy/bus';
import { eventually } from '@argosy/testkit';
import { expect, test, vi } from 'vitest';
import {
  PARTITIONS,
  applyTo,
  commandsOn,
  sendTo,
  sensorOf,
  startHarness,
  submitTrigger,
  submittedOn,
  type Submitted,
} from './testing/harness.ts';

vi.setConfig({ testTimeout: 30_000 });

const WITHIN = { timeoutMs: 8_000 };

/** Waits until so many are submitted, then a little longer, so that one too many is seen. */
async function submissions(bus: Bus, count: number): ReturnType<typeof submittedOn> {
  await eventually(async () => expect((await submittedOn(bus)).length).toBe(count), WITHIN);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const found = await submittedOn(bus);
  expect(found.length).toBe(count);
  return found;
}

async function onlySubmission(bus: Bus): Promise<Submitted> {
  const [run] = await submissions(bus, 1);
  if (run === undefined) throw new Error('nothing was submitted');
  return run;
}

async function ready(harness: { condition(name: string, type: string): Promise<unknown> }) {
  await eventually(async () => expect(await harness.condition('s', 'Deployed')).toBe(''), WITHIN);
}

test('an event submits a workflow with parameters, labels, a name and a uid of its own', async () => {
  await using harness = await startHarness();
  await harness.apply('Sensor', 's', sensorOf(['orders'], submitTrigger()));
  await ready(harness);
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  const data = { body: { id: 'A 17' } };
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1', data, traceparent });
  const { uid, name, workflow, message } = await onlySubmission(harness.bus);
  expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(name).toMatch(/^order-[a-z0-9]{10}$/);
  expect(workflow.metadata).toMatchObject({
    name,
    namespace: 'default',
    labels: { 'events.argoproj.io/sensor': 's', 'events.argoproj.io/trigger': 'run' },
  });
  expect(workflow.metadata.labels['events.argoproj.io/action-timestamp']).toMatch(/^\d{13}$/);
  expect(workflow.spec).toEqual({
    workflowTemplateRef: { name: 'order-pipeline' },
    arguments: { parameters: [{ name: 'order', value: 'A 17' }] },
  });
  expect(message.subject).toBe(`cmd.workflow.${partitionOf(uid, PARTITIONS)}.${uid}.submit`);
  expect(message.traceparent).toContain(traceId);
  expect(message.traceparent).not.toContain('b7ad6b7169203331');
});

test('1,000 events that came while the sensor was down lead to 1,000 workflows (rule 30)', async () => {
  const bus = createMemoryBus();
  const first = await startHarness(bus);
  await first.apply('Sensor', 's', sensorOf(['orders'], submitTrigger()));
  await ready(first);
  await first.service.stop(1_000);
  for (let index = 0; index < 1_000; index += 1) {
    const data = { body: { id: `n${index}` } };
    await sendTo(bus, { eventSource: 'shop', eventName: 'orders', id: `e${index}`, data });
  }
  expect(await submittedOn(bus)).toEqual([]);
  await using second = await startHarness(bus);
  expect(second.service.name).toBe('sensor');
  const found = await submissions(bus, 1_000);
  expect(new Set(found.map(({ uid }) => uid)).size).toBe(1_000);
  expect(new Set(found.map(({ name }) => name)).size).toBe(1_000);
  const orders = found.map(({ workflow }) => JSON.stringify(workflow.spec['arguments']));
  expect(new Set(orders).size).toBe(1_000);
});

test('events since the declaration count, also when the service came later; older ones do not (rule 30)', async () => {
  const bus = createMemoryBus();
  const event = { eventSource: 'shop', eventName: 'orders' };
  await sendTo(bus, { ...event, id: 'before' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const creationTimestamp = new Date().toISOString();
  const sensor = { ...sensorOf(['orders'], submitTrigger()), metadata: { creationTimestamp } };
  await applyTo(bus, 'Sensor', 's', sensor);
  await sendTo(bus, { ...event, id: 'after', data: { body: { id: 'the later one' } } });
  await using harness = await startHarness(bus);
  const [run] = await submissions(harness.bus, 1);
  expect(JSON.stringify(run?.workflow.spec)).toContain('the later one');
});

test('an event that is delivered again after a crash between submission and acknowledgement submits nothing new', async () => {
  const bus = createMemoryBus();
  const crashing = withoutAcks(bus);
  const first = await startHarness(crashing);
  await first.apply('Sensor', 's', sensorOf(['orders'], submitTrigger()));
  await ready(first);
  await first.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  const [before] = await submissions(bus, 1);
  await first.service.stop(0);
  // Past the time in which the bus itself would drop a repetition.
  await bus.purge(STREAMS.commands, before?.message.subject ?? '');
  await using second = await startHarness(bus);
  expect(second.service.name).toBe('sensor');
  await eventually(async () => {
    for (const { uid, name } of await submittedOn(bus)) {
      expect([uid, name]).toEqual([before?.uid, before?.name]);
    }
  });
});

test('a conjunction fires once both events came, with the latest of each, also over a restart (rules 26, 28)', async () => {
  const bus = createMemoryBus();
  const payment = { eventSource: 'shop', eventName: 'payments' };
  const first = await startHarness(bus);
  await first.apply('Sensor', 's', sensorOf(['orders', 'payments'], submitTrigger()));
  await ready(first);
  const order = { eventSource: 'shop', eventName: 'orders' };
  await first.send({ ...order, id: 'o1', data: { body: { id: 'old' } } });
  await first.send({ ...order, id: 'o2', data: { body: { id: 'new' } } });
  await eventually(async () => expect(await stateOn(bus)).toContain('"id":"o2"'), WITHIN);
  await first.service.stop(1_000);
  await using second = await startHarness(bus);
  await second.send({ ...payment, id: 'p1' });
  const [run] = await submissions(bus, 1);
  expect(JSON.stringify(run?.workflow.spec)).toContain('"new"');
  await second.send({ ...payment, id: 'p2' });
  await submissions(bus, 1);
  await second.send({ ...order, id: 'o3' });
  await submissions(bus, 2);
});

test('a conjunction that crashed after its state was stored fires once and with the same uid', async () => {
  const bus = createMemoryBus();
  const crashing = withoutAcks(bus, { failPublishTo: 'cmd.' });
  const first = await startHarness(crashing);
  await first.apply('Sensor', 's', sensorOf(['orders', 'payments'], submitTrigger()));
  await ready(first);
  await first.send({ eventSource: 'shop', eventName: 'orders', id: 'o1' });
  await first.send({ eventSource: 'shop', eventName: 'payments', id: 'p1' });
  await eventually(() => first.logs.some(({ msg }) => msg === 'an event will be delivered again'));
  await first.service.stop(0);
  expect(await submittedOn(bus)).toEqual([]);
  await using second = await startHarness(bus);
  expect(second.service.name).toBe('sensor');
  await submissions(bus, 1);
});

test('an event fires each of several triggers, and one that fails leaves the others alone', async () => {
  await using harness = await startHarness();
  const broken = {
    template: { name: 'broken', http: { url: 'http://127.0.0.1:1/', method: 'POST' } },
    retryStrategy: { steps: 2, duration: '1ms' },
    dlqTrigger: { template: { name: 'letter', log: {} } },
  };
  await harness.apply('Sensor', 's', sensorOf(['orders'], broken, submitTrigger()));
  await ready(harness);
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  await submissions(harness.bus, 1);
  await eventually(() => harness.logs.some(({ msg }) => msg === 'log trigger'), WITHIN);
  const text = await harness.context.metrics.render();
  const labels = '{namespace="default",sensor_name="s",trigger_name="broken"}';
  expect(text).toContain(`argo_events_action_failed_total${labels} 2`);
  expect(text).toContain(`argo_events_action_retries_failed_total${labels} 1`);
});

test('what is wrong with a sensor is told in its status by field, and its good triggers run', async () => {
  await using harness = await startHarness();
  const wrong = { template: { name: 'w', conditions: 'orders && nowhere', log: {} } };
  const unknown = { template: { name: 'k', kafka: {} } };
  await harness.apply('Sensor', 's', sensorOf(['orders'], wrong, unknown, submitTrigger()));
  await eventually(async () => {
    const message = await harness.condition('s', 'TriggersProvided');
    expect(message).toContain('spec.triggers[0].template.conditions');
    expect(message).toContain('nowhere');
    expect(message).toContain('spec.triggers[1].template');
  }, WITHIN);
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  await submissions(harness.bus, 1);
});

test('an event that a filter refuses or fails on is acknowledged, counted and fires nothing', async () => {
  await using harness = await startHarness();
  const filters = { data: [{ path: 'body.id', type: 'string', value: ['^A'] }] };
  const dependencies = [{ name: 'orders', eventSourceName: 'shop', eventName: 'orders', filters }];
  await harness.apply('Sensor', 's', { spec: { dependencies, triggers: [submitTrigger()] } });
  await ready(harness);
  const event = { eventSource: 'shop', eventName: 'orders' };
  await harness.send({ ...event, id: 'e1', data: { body: { id: 'B1' } } });
  await harness.send({ ...event, id: 'e2', data: { other: 1 } });
  await harness.send({ ...event, id: 'e3', data: { body: { id: 'A1' } } });
  const { workflow } = await onlySubmission(harness.bus);
  expect(JSON.stringify(workflow.spec)).toContain('A1');
  const text = await harness.context.metrics.render();
  const labels = 'namespace="default",sensor_name="s",dependency_name="orders"';
  expect(text).toContain(`argosy_sensor_events_dropped_total{${labels},cause="Filtered"} 1`);
  expect(text).toContain(`argosy_sensor_events_dropped_total{${labels},cause="Error"} 1`);
});

test('a sensor whose subscription is lost says so in its readiness and status until it is back', async () => {
  const bus = createMemoryBus();
  let isLost = true;
  const consume: Bus['consume'] = (spec, handler, options) =>
    isLost
      ? Promise.reject(new ArgosyError('UNAVAILABLE', 'no stream'))
      : bus.consume(spec, handler, options);
  await using harness = await startHarness(changed(bus, { consume }));
  await harness.apply('Sensor', 's', sensorOf(['orders'], submitTrigger()));
  await eventually(async () => {
    expect(harness.service.ready()).toMatchObject({ ready: false });
    expect(await harness.condition('s', 'Deployed')).toContain('no stream');
  }, WITHIN);
  isLost = false;
  await eventually(async () => {
    expect(harness.service.ready()).toEqual({ ready: true });
    expect(await harness.condition('s', 'Deployed')).toBe('');
  }, WITHIN);
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  await submissions(bus, 1);
});

test('two replicas share the events of one sensor, also those that wait for one another', async () => {
  const bus = createMemoryBus();
  await using first = await startHarness(bus);
  await using second = await startHarness(bus);
  await first.apply('Sensor', 's', sensorOf(['orders', 'payments'], submitTrigger()));
  await ready(first);
  await ready(second);
  for (let index = 0; index < 20; index += 1) {
    await first.send({ eventSource: 'shop', eventName: 'orders', id: `o${index}` });
    await first.send({ eventSource: 'shop', eventName: 'payments', id: `p${index}` });
    await submissions(bus, index + 1);
  }
});

test('a changed sensor hears its new dependency and not its old one', async () => {
  await using harness = await startHarness();
  await harness.apply('Sensor', 's', sensorOf(['orders'], submitTrigger()));
  await ready(harness);
  await harness.apply('Sensor', 's', sensorOf(['payments'], submitTrigger()));
  await eventually(
    () => harness.logs.filter(({ msg }) => msg === 'the sensor runs without trouble').length > 0,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  await harness.send({ eventSource: 'shop', eventName: 'payments', id: 'e2' });
  await submissions(harness.bus, 1);
});

test('a stop trigger sends a control command to the owner of the named run', async () => {
  await using harness = await startHarness();
  const uid = '2f1b8c6e-0000-4000-8000-000000000000';
  const runs = await harness.bus.keyValue('runs');
  await runs.put('default.job', new TextEncoder().encode(JSON.stringify({ uid, name: 'job' })));
  const source = { resource: { kind: 'Workflow', metadata: { name: 'job' } } };
  const stop = { template: { name: 'stop', argoWorkflow: { operation: 'stop', source } } };
  await harness.apply('Sensor', 's', sensorOf(['orders'], stop));
  await ready(harness);
  await harness.send({ eventSource: 'shop', eventName: 'orders', id: 'e1' });
  await eventually(async () => {
    const [sent] = await commandsOn(harness.bus);
    expect(sent?.command).toEqual({
      kind: 'Control',
      uid,
      user: 'sensor/default/s',
      command: { kind: 'Stop' },
    });
  }, WITHIN);
});

async function stateOn(bus: Bus): Promise<string> {
  const entry = await (await bus.keyValue(BUCKETS.sensorState)).get('sensor.default.s');
  return new TextDecoder().decode(entry?.value);
}

/** The same bus to a process that dies before it can acknowledge; publishes may fail as well. */
function withoutAcks(bus: Bus, options: { failPublishTo?: string } = {}): Bus {
  const consume: Bus['consume'] = (spec, handler, consumeOptions) =>
    bus.consume(
      spec,
      (batch) =>
        handler(
          batch.map((delivery) => ({
            ...delivery,
            ack: () => Promise.reject(new ArgosyError('UNAVAILABLE', 'the process died')),
            extend: () => delivery.extend(),
            drop: (reason: string) => delivery.drop(reason),
            retry: (delayMs: number) => delivery.retry(delayMs),
          })),
        ),
      consumeOptions,
    );
  const publish: Bus['publish'] = (message, publishOptions) =>
    options.failPublishTo !== undefined && message.subject.startsWith(options.failPublishTo)
      ? Promise.reject(new ArgosyError('UNAVAILABLE', 'the bus is away'))
      : bus.publish(message, publishOptions);
  return changed(bus, { consume, publish });
}

/** The same bus with some of its methods replaced. */
function changed(bus: Bus, methods: Partial<Bus>): Bus {
  return new Proxy(bus, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name) as unknown;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
