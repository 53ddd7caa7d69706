import { createServer } from 'node:http';
import { once } from 'node:events';
import { BUCKETS, eventSubject, resourceKey } from '@argosy/api';
import { createMemoryBus, type Bus, type Delivery } from '@argosy/bus';
import { startSensor } from '@argosy/sensor';
import { createLogger, createMetrics, createTracing, type Metrics } from '@argosy/telemetry';
import { eventually } from '@argosy/testkit';
import { failed, passed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { allOf, compared, eventOf, expectOf, partOf, partsOf, specOf, type Part } from './case.ts';

const NAMESPACE = 'default';
const SENSOR = 'sensor';
const WITHIN = { timeoutMs: 20_000 };
const STOP_BUDGET_MS = 1_000;
/** What the sensor must not do is waited for so long. */
const QUIET_MS = 50;

/** What belongs to a trigger itself; all else of the corpus' trigger is its template. */
const TRIGGER_FIELDS = ['atLeastOnce', 'retryStrategy', 'dlqTrigger', 'rateLimit', 'policy'];

/** The receiving end of the trigger: answers as the case says, attempt by attempt. */
interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** The bodies of all attempts. */
  readonly bodies: string[];
  /** What is answered from now on when the case's list is used up. */
  isOpen: boolean;
}

interface Rig {
  readonly bus: Bus;
  readonly acked: ReadonlySet<number>;
  readonly metrics: Metrics;
  readonly receiver: Receiver;
  readonly spec: Part;
}

/**
 * condition.delivery: attempts, acknowledgements, dead letters and metrics, by the sensor service on a bus in
 * memory and an HTTP server that fails as the case says.
 */
export async function runDeliveryCase(conformanceCase: ConformanceCase): Promise<CaseOutcome> {
  const spec = specOf(conformanceCase);
  const acked = new Set<number>();
  await using memory = createMemoryBus();
  await using receiver = await startReceiver(spec['attemptOutcomes']);
  const metrics = createMetrics();
  const bus = noting(memory, acked);
  const rig: Rig = { bus, acked, metrics, receiver, spec };
  const service = await start(rig);
  try {
    await declareSensor(rig);
    let sent = 0;
    for (const part of partsOf(conformanceCase['events'])) {
      const problem = await take(rig, part);
      if (problem !== undefined) return failed(problem);
      if (part['action'] === undefined) sent += 1;
    }
    await eventually(() => acked.size === sent, WITHIN);
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    return await judge(rig, expectOf(conformanceCase), acked.size === sent);
  } finally {
    await service.stop(STOP_BUDGET_MS);
  }
}

function start({ bus, metrics }: Rig): ReturnType<typeof startSensor> {
  return startSensor(
    {
      bus,
      logger: createLogger({ name: 'sensor', level: 'silent' }),
      metrics,
      tracing: createTracing({ serviceName: 'sensor' }),
      replicaId: 'conformance',
      advertiseHost: '127.0.0.1',
    },
    { rpcHost: '127.0.0.1', rpcPort: 0, partitions: 1 },
  );
}

async function declareSensor({ bus, spec, receiver }: Rig): Promise<void> {
  const resources = await bus.keyValue(BUCKETS.resources);
  const key = resourceKey('Sensor', NAMESPACE, SENSOR);
  const manifest = {
    kind: 'Sensor',
    metadata: { name: SENSOR, namespace: NAMESPACE },
    spec: { dependencies: spec['dependencies'], triggers: [triggerOf(spec, receiver)] },
  };
  await resources.put(key, new TextEncoder().encode(JSON.stringify(manifest)));
  await eventually(async () => {
    const text = new TextDecoder().decode((await resources.get(key))?.value);
    return text.includes('"type":"Deployed","status":"True"');
  }, WITHIN);
}

/** The corpus' trigger, aimed at the receiver; the body tells which event of which dependency came. */
function triggerOf(spec: Part, receiver: Receiver): Part {
  const given = Object.entries(partOf(spec['trigger']));
  const payload = partsOf(spec['dependencies']).map(({ name }) => ({
    src: { dependencyName: name, contextKey: 'id' },
    dest: name,
  }));
  const template = Object.fromEntries(given.filter(([key]) => !TRIGGER_FIELDS.includes(key)));
  return {
    ...Object.fromEntries(given.filter(([key]) => TRIGGER_FIELDS.includes(key))),
    template: { ...template, http: { url: receiver.url, method: 'POST', payload } },
  };
}

/** Publishes an event or does what the entry says; answers what is wrong when it does not know it. */
async function take(rig: Rig, part: Part): Promise<string | undefined> {
  const { bus, receiver } = rig;
  switch (part['action']) {
    case undefined:
      await publish(bus, part);
      return undefined;
    case 'delete-sensor-during-retry': {
      await eventually(() => receiver.bodies.length > 0, WITHIN);
      const resources = await bus.keyValue(BUCKETS.resources);
      await resources.delete(resourceKey('Sensor', NAMESPACE, SENSOR));
      return undefined;
    }
    case 'recreate-sensor':
      // What was tried before is no firing: only what comes from here on is judged.
      receiver.bodies.length = 0;
      receiver.isOpen = true;
      await declareSensor(rig);
      return undefined;
    default:
      return `no runner for the action ${String(part['action'])}`;
  }
}

async function publish(bus: Bus, part: Part): Promise<void> {
  const { dataText = '', ...event } = eventOf(part);
  const [eventSource, eventName] = [event.source, event.subject ?? ''];
  await bus.publish({
    subject: eventSubject({ namespace: NAMESPACE, eventBus: 'default', eventSource, eventName }),
    event: { ...event, data: new TextEncoder().encode(dataText) },
  });
}

async function judge(rig: Rig, expect: Part, isAcked: boolean): Promise<CaseOutcome> {
  const { bodies } = rig.receiver;
  const text = await rig.metrics.render();
  const trigger = String(partOf(rig.spec['trigger'])['name']);
  const metrics = partOf(expect['metrics']);
  const found = Object.keys(metrics).map((name) => [name, counted(text, name, trigger)] as const);
  const firings = bodies.map((body) => {
    const ids = JSON.parse(body) as Readonly<Record<string, string>>;
    return { on: Object.values(ids).at(-1), with: ids };
  });
  const given = (key: string, value: unknown): CaseOutcome =>
    expect[key] === undefined ? passed : compared(key, value, expect[key]);
  return allOf(
    given('attempts', bodies.length),
    given('acked', isAcked),
    given('dlqInvoked', counted(text, 'action_triggered_total', 'dlq') > 0),
    given('firings', firings),
    compared('metrics', Object.fromEntries(found), metrics),
  );
}

/** The value of one of Argo Events' counters for a trigger; one that was never touched is 0. */
function counted(text: string, name: string, trigger: string): number {
  const line = text
    .split('\n')
    .find((entry) => entry.startsWith(`argo_events_${name}{`) && entry.includes(`"${trigger}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

async function startReceiver(outcomes: unknown): Promise<Receiver> {
  const left = Array.isArray(outcomes) ? (outcomes as unknown[]).slice() : [];
  const receiver = { isOpen: false, bodies: [] as string[] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      receiver.bodies.push(Buffer.concat(chunks).toString());
      const status = partOf(left.shift())['status'];
      if (typeof status === 'number') response.writeHead(status).end();
      else if (receiver.isOpen) response.end();
      else request.socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}

/** The same bus, which notes the sequences that are acknowledged. */
function noting(bus: Bus, acked: Set<number>): Bus {
  const noted = (delivery: Delivery): Delivery => ({
    ...delivery,
    retry: (delayMs) => delivery.retry(delayMs),
    drop: (reason) => delivery.drop(reason),
    extend: () => delivery.extend(),
    async ack() {
      await delivery.ack();
      acked.add(delivery.sequence);
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
