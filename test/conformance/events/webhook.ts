import { BUCKETS, resourceKey, STREAMS } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { createMemoryBus, type Bus, type StoredMessage } from '@argosy/bus';
import { HTTP_LIMITS, startEventSource } from '@argosy/event-source';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import { eventually, freePort } from '@argosy/testkit';
import { failed, passed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { allOf, compared, contains, expectOf, partOf, partsOf, specOf, type Part } from './case.ts';

const NAMESPACE = 'default';
const START_TIMEOUT_MS = 8_000;
const STOP_BUDGET_MS = 1_000;

/** eventsource.webhook: a real request to the event-source service, whose bus is in memory. */
export async function runWebhookCase(conformanceCase: ConformanceCase): Promise<CaseOutcome> {
  const spec = specOf(conformanceCase);
  const source = partOf(spec['eventSource']);
  const name = String(source['name']);
  const port = await freePort();
  await using bus = createMemoryBus();
  await declare(bus, 'EventSource', name, { spec: onPort(partOf(source['spec']), port) });
  for (const [secret, values] of Object.entries(partOf(spec['secrets']))) {
    await declare(bus, 'Secret', secret, { stringData: values });
  }
  const service = await startEventSource(
    {
      bus: spec['busDown'] === true ? withoutPublishing(bus) : bus,
      logger: createLogger({ name: 'event-source', level: 'silent' }),
      metrics: createMetrics(),
      tracing: createTracing({ serviceName: 'event-source' }),
      replicaId: 'conformance',
      advertiseHost: '127.0.0.1',
    },
    { rpcHost: '127.0.0.1', rpcPort: 0, webhookHost: '127.0.0.1', httpLimits: HTTP_LIMITS },
  );
  try {
    const [event] = partsOf(conformanceCase['events']);
    const answer = await send(port, partOf(event?.['request']));
    const stored: StoredMessage[] = [];
    for await (const message of bus.read(STREAMS.events, 'events.>')) stored.push(message);
    return judge(expectOf(conformanceCase), answer, stored);
  } finally {
    await service.stop(STOP_BUDGET_MS);
  }
}

/** The manifest's own port may be taken on this machine. */
function onPort(spec: Part, port: number): Part {
  const events = Object.entries(partOf(spec['webhook'])).map(([name, settings]) => [
    name,
    { ...partOf(settings), port: String(port) },
  ]);
  return { ...spec, webhook: Object.fromEntries(events) as Part };
}

async function declare(bus: Bus, kind: string, name: string, body: Part): Promise<void> {
  const manifest = { kind, metadata: { name, namespace: NAMESPACE }, ...body };
  const resources = await bus.keyValue(BUCKETS.resources);
  const value = new TextEncoder().encode(JSON.stringify(manifest));
  await resources.put(resourceKey(kind, NAMESPACE, name), value);
}

/** A bus that takes no events, as when it is out of reach. */
function withoutPublishing(bus: Bus): Bus {
  const publish = (): Promise<never> =>
    Promise.reject(new ArgosyError('UNAVAILABLE', 'the bus is away'));
  return new Proxy(bus, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (name === 'publish') return publish;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function send(port: number, request: Part): Promise<Answer> {
  const address = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${address}/health`)).ok, {
    timeoutMs: START_TIMEOUT_MS,
  });
  const method = String(request['method']);
  const response = await fetch(`${address}${String(request['path'])}`, {
    method,
    headers: partOf(request['headers']) as Readonly<Record<string, string>>,
    ...(method === 'GET' ? {} : { body: new TextEncoder().encode(String(request['body'])) }),
  });
  return { status: response.status, body: await response.text() };
}

function judge(expect: Part, answer: Answer, stored: readonly StoredMessage[]): CaseOutcome {
  const isPublished = expect['published'] ?? expect['accept'];
  return allOf(
    compared(`status (${answer.body})`, answer.status, expect['status']),
    expect['responseBody'] === undefined
      ? passed
      : compared('responseBody', answer.body, expect['responseBody']),
    compared('events stored', stored.length, isPublished === true ? 1 : 0),
    dataOutcome(expect['dataSubset'], stored[0]),
    envelopeOutcome(partOf(expect['event']), stored[0]),
  );
}

function dataOutcome(want: unknown, message: StoredMessage | undefined): CaseOutcome {
  if (want === undefined) return passed;
  const data: unknown = JSON.parse(new TextDecoder().decode(message?.event.data));
  return contains(data, want) ? passed : compared('data', data, want);
}

/** CloudEvents 1.0 in binary mode: `specversion` is that of the bus' codec and no field of the event. */
function envelopeOutcome(want: Part, message: StoredMessage | undefined): CaseOutcome {
  const { idPattern, specversion, ...fields } = want;
  if (specversion !== undefined && specversion !== '1.0') return failed('only 1.0 is spoken');
  const id = message?.event.id ?? '';
  if (typeof idPattern === 'string' && !new RegExp(idPattern).test(id)) {
    return failed(`id: expected /${idPattern}/, found "${id}"`);
  }
  return contains(message?.event ?? {}, fields) ? passed : compared('event', message?.event, want);
}
