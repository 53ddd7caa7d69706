import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUCKETS, STREAMS, decodeCommand, eventSubject, resourceKey } from '@argosy/api';
import { connectBus, type NatsBus } from '@argosy/bus';
import { eventually, startTestNats, temporaryDirectory } from '@argosy/testkit';
import {
  serviceEnvironment,
  startServiceProcess,
  type ServiceProcess,
} from '../../e2e/support/service-process.ts';
import type { EventRow } from './index.ts';

/** `filter`: one event in ten passes; `each`: each event fires; `and`: three events make one firing. */
export type Shape = 'filter' | 'each' | 'and';

const EVENTS = { filter: 40_000, each: 10_000, and: 12_000 } as const;
const EVENTS_A_FIRING = { filter: 10, each: 1, and: 3 } as const;
const WHAT = {
  filter: 'events through a sensor, of which a data filter passes 1 in 10',
  each: 'events through a sensor, each of which submits a workflow',
  and: 'events through a sensor that waits for three of them (40 triggers)',
} as const;
const AND_TRIGGERS = 40;
const SOURCES = ['a', 'b', 'c'];
const TIMEOUT_MS = 120_000;

const encoder = new TextEncoder();

/** Events that lie on the bus already, worked off by one sensor process: between its first and its last firing. */
export async function measureSensor(shape: Shape): Promise<EventRow> {
  await using nats = await startTestNats();
  await using directory = await temporaryDirectory('argosy-bench-');
  await using bus = await connectBus({ url: nats.url, token: nats.token, name: 'bench' });
  await bus.applyTopology();
  const logFile = join(directory.path, 'sensor.log');
  const environment = serviceEnvironment(nats);
  const spec = shape === 'and' ? conjunctions() : single(shape);
  await declare(bus, spec);
  const sensor = startServiceProcess('sensor', { environment, logFile });
  try {
    await untilDeployed(bus);
    // What comes now is kept for the sensor, and worked off when it is back.
    await sensor.kill();
    await publishAll(bus, shape);
    await sensor.restart();
    const { seconds, cpuMs } = await passageOf(bus, sensor, EVENTS[shape] / EVENTS_A_FIRING[shape]);
    const perSecond = Math.round(EVENTS[shape] / seconds);
    const cpuUs = Math.round((cpuMs * 1_000) / EVENTS[shape]);
    return {
      what: `${WHAT[shape]} (${EVENTS[shape]})`,
      found: `${perSecond}/s, ${cpuUs} µs of processor time each`,
    };
  } finally {
    await sensor.kill();
  }
}

async function declare(bus: NatsBus, spec: object): Promise<void> {
  const manifest = { kind: 'Sensor', metadata: { name: 's', namespace: 'default' }, spec };
  const value = encoder.encode(JSON.stringify(manifest));
  await (await bus.keyValue(BUCKETS.resources)).put(resourceKey('Sensor', 'default', 's'), value);
}

async function untilDeployed(bus: NatsBus): Promise<void> {
  const resources = await bus.keyValue(BUCKETS.resources);
  const key = resourceKey('Sensor', 'default', 's');
  await eventually(
    async () => {
      const text = new TextDecoder().decode((await resources.get(key))?.value);
      if (!text.includes('"Deployed","status":"True"')) throw new Error(`not deployed: ${text}`);
    },
    { timeoutMs: TIMEOUT_MS },
  );
}

/** A trigger that submits a workflow with a value of the event. */
function trigger(name: string, dependency: string, conditions?: string): object {
  const resource = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: 'bench-' },
    spec: {
      workflowTemplateRef: { name: 'pipeline' },
      arguments: { parameters: [{ name: 'id', value: 'none' }] },
    },
  };
  const src = { dependencyName: dependency, dataKey: 'body.id', value: 'none' };
  const parameters = [{ src, dest: 'spec.arguments.parameters.0.value' }];
  const argoWorkflow = { operation: 'submit', source: { resource }, parameters };
  return { template: { name, argoWorkflow, ...(conditions === undefined ? {} : { conditions }) } };
}

function single(shape: 'filter' | 'each'): object {
  const data = [{ path: 'body.kind', type: 'string', value: ['^wanted$'] }];
  const filters = shape === 'filter' ? { filters: { data } } : {};
  const dependency = { name: 'a0', eventSourceName: 'a', eventName: 'e0', ...filters };
  return { dependencies: [dependency], triggers: [trigger('t0', 'a0')] };
}

function conjunctions(): object {
  const numbers = Array.from({ length: AND_TRIGGERS }, (_, index) => index);
  const namesOf = (number: number): readonly string[] =>
    SOURCES.map((source) => `${source}${number}`);
  return {
    dependencies: numbers.flatMap((number) =>
      SOURCES.map((source) => ({
        name: `${source}${number}`,
        eventSourceName: source,
        eventName: `e${number}`,
      })),
    ),
    triggers: numbers.map((number) =>
      trigger(`t${number}`, `a${number}`, namesOf(number).join(' && ')),
    ),
  };
}

async function publishAll(bus: NatsBus, shape: Shape): Promise<void> {
  const sending = Array.from({ length: EVENTS[shape] }, (_, index) => {
    const isAnd = shape === 'and';
    const source = (isAnd ? SOURCES[index % SOURCES.length] : undefined) ?? 'a';
    const number = isAnd ? Math.floor(index / SOURCES.length) % AND_TRIGGERS : 0;
    const eventName = `e${number}`;
    const address = { namespace: 'default', eventBus: 'default', eventSource: source, eventName };
    const kind = index % EVENTS_A_FIRING.filter === 0 ? 'wanted' : 'unwanted';
    const header = { 'Content-Type': ['application/json'], 'User-Agent': ['bench'] };
    const data = { header, body: { id: `n${index}`, kind, text: 'x'.repeat(200) } };
    return bus.publish({
      subject: eventSubject(address),
      event: {
        id: `event-${index}`,
        source,
        type: 'webhook',
        subject: eventName,
        time: new Date().toISOString(),
        datacontenttype: 'application/json',
        data: encoder.encode(JSON.stringify(data)),
      },
    });
  });
  await Promise.all(sending);
}

/** From the first firing to the last: by the clock of the server, and by what the sensor used of the processor. */
async function passageOf(
  bus: NatsBus,
  sensor: ServiceProcess,
  firings: number,
): Promise<{ readonly seconds: number; readonly cpuMs: number }> {
  let [count, firstMs, firstCpuMs] = [0, 0, 0];
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  for await (const message of bus.read(STREAMS.commands, 'cmd.>', { follow: true, signal })) {
    if (decodeCommand(message.event.data)?.kind !== 'Submit') continue;
    count += 1;
    if (count === 1) [firstMs, firstCpuMs] = [message.storedAtMs, processorMs(sensor.pid)];
    if (count < Math.floor(firings)) continue;
    const seconds = (message.storedAtMs - firstMs) / 1_000;
    return { seconds, cpuMs: processorMs(sensor.pid) - firstCpuMs };
  }
  throw new Error(`the sensor fired only ${count} times within ${TIMEOUT_MS} ms`);
}

const MS_PER_TICK = 10;
/** Places of the user and system time behind the name of the program in /proc/PID/stat. */
const [USER_TIME, SYSTEM_TIME] = [11, 12];

/** What a process has used of the processor, milliseconds; Linux only. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) * MS_PER_TICK;
}
