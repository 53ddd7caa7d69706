import { BUCKETS, resourceKey, STREAMS } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { createMemoryBus, type Bus, type StoredMessage } from '@argosy/bus';
import { HTTP_LIMITS, startEventSource } from '@argosy/event-source';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import { eventually, freePort } from '@argosy/testkit';
import { failed, passed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { startProvider, type Provider } from './provider.ts';
import { allOf, compared, contains, expectOf, partOf, partsOf, specOf, type Part } from './case.ts';

const NAMESPACE = 'default';
const START_TIMEOUT_MS = 8_000;
const STOP_BUDGET_MS = 1_000;
const EXTENSION_SECRET = 'beyond-argo-events';
/** The field with the address of the provider's API, for kinds that may call it. */
const PROVIDER_ADDRESS: Readonly<Record<string, string>> = {
  gitlab: 'gitlabBaseURL',
  sns: 'endpoint',
};

/** The HTTP family: a real request to the event-source service, whose bus is in memory. */
export async function runWebhookCase(conformanceCase: ConformanceCase): Promise<CaseOutcome> {
  const spec = specOf(conformanceCase);
  const source = partOf(spec['eventSource']);
  const name = String(source['name']);
  const port = await freePort();
  await using bus = createMemoryBus();
  await using provider = await startProvider();
  const place = { port, providerUrl: provider.url, extension: partOf(spec['extension']) };
  await declare(bus, 'EventSource', name, { spec: adapted(partOf(source['spec']), place) });
  for (const [key, value] of Object.entries(place.extension)) {
    await declare(bus, 'Secret', EXTENSION_SECRET, { stringData: { [key]: value } });
  }
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
    {
      rpcHost: '127.0.0.1',
      rpcPort: 0,
      webhookHost: '127.0.0.1',
      httpLimits: HTTP_LIMITS,
      ...(typeof spec['now'] === 'number' ? { clock: () => Number(spec['now']) * 1_000 } : {}),
    },
  );
  try {
    const [event] = partsOf(conformanceCase['events']);
    const answer = await send(port, partOf(event?.['request']));
    const stored: StoredMessage[] = [];
    for await (const message of bus.read(STREAMS.events, 'events.>')) stored.push(message);
    return judge(expectOf(conformanceCase), answer, { stored, provider });
  } finally {
    await service.stop(STOP_BUDGET_MS);
  }
}

/**
 * The manifest's own port may be taken on this machine, and its provider must not be called. What goes
 * beyond Argo Events' fields is a secret, which a Secret has to hold.
 */
function adapted(
  spec: Part,
  place: { readonly port: number; readonly providerUrl: string; readonly extension: Part },
): Part {
  const port = String(place.port);
  const selectors = Object.keys(place.extension).map((key) => [
    key,
    { name: EXTENSION_SECRET, key },
  ]);
  const onPort = (kind: string, settings: Part): Part => {
    const changed =
      'webhook' in settings ? { webhook: { ...partOf(settings['webhook']), port } } : { port };
    const address = PROVIDER_ADDRESS[kind];
    return {
      ...settings,
      ...changed,
      ...(address === undefined ? {} : { [address]: place.providerUrl }),
      ...(Object.fromEntries(selectors) as Part),
    };
  };
  const kinds = Object.entries(spec).map(([kind, events]) => [
    kind,
    Object.fromEntries(
      Object.entries(partOf(events)).map(([name, settings]) => [
        name,
        onPort(kind, partOf(settings)),
      ]),
    ),
  ]);
  return Object.fromEntries(kinds) as Part;
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

interface Observed {
  readonly stored: readonly StoredMessage[];
  readonly provider: Provider;
}

/** Where the corpus recommends other than Argo Events does, the recommendation counts. */
function judge(expect: Part, answer: Answer, { stored, provider }: Observed): CaseOutcome {
  const recommended = partOf(expect['recommended']);
  const isPublished = recommended['accept'] ?? expect['published'] ?? expect['accept'];
  const count = expect['eventCount'] ?? (isPublished === true ? 1 : 0);
  return allOf(
    statusOutcome(expect, answer),
    expect['responseBody'] === undefined
      ? passed
      : compared('responseBody', answer.body, expect['responseBody']),
    answer.body.startsWith(String(expect['responseBodyPrefix'] ?? ''))
      ? passed
      : compared('responseBody', answer.body, expect['responseBodyPrefix']),
    compared('events stored', stored.length, count),
    dataOutcome(expect['dataSubset'], stored[0]),
    envelopeOutcome(partOf(expect['event']), stored[0]),
    sideEffectOutcome(expect['sideEffect'], provider),
  );
}

function statusOutcome(expect: Part, answer: Answer): CaseOutcome {
  const isRefused = partOf(expect['recommended'])['accept'] === false;
  if (isRefused || expect['status'] === undefined) {
    const isRightStatus = answer.status >= 400 && answer.status < 500;
    return compared(`refused (${answer.status} ${answer.body})`, isRightStatus, true);
  }
  return compared(`status (${answer.body})`, answer.status, expect['status']);
}

/** `Action(Field, Field=value)`: the call that the provider must have got. */
function sideEffectOutcome(want: unknown, provider: Provider): CaseOutcome {
  if (want === undefined) return passed;
  const match = /^(\w+)\((.*)\)$/.exec(String(want));
  if (match === null) return failed(`a side effect cannot be read: ${String(want)}`);
  const fields = (match[2] ?? '').split(',').map((field) => field.trim().split('='));
  const isSeen = provider.calls.some((call) => {
    const form = new URLSearchParams(call);
    const isRight = fields.every(([name = '', value]) =>
      value === undefined ? form.has(name) : form.get(name) === value,
    );
    return form.get('Action') === match[1] && isRight;
  });
  return isSeen
    ? passed
    : failed(`not called: ${String(want)}, calls: ${provider.calls.join(' ')}`);
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
