// Covers the HTTP trigger against a real server on a loopback socket: what is sent, which answers count, time-outs,
// redirects, secrets. Leaves out retries (actions) and the resolution of parameters (libs/core-events).
import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { ok } from '@argosy/base';
import { createMemoryBus } from '@argosy/bus';
import { createLogger, createMetrics, createTracing } from '@argosy/telemetry';
import { describe, expect, test } from 'vitest';
import { memoryObjects } from '../testing/memory-objects.ts';
import { httpTrigger } from './http.ts';
import type { TriggerCall, TriggerEnvironment, TriggerOutcome } from './trigger.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[];
}

interface Answer {
  readonly status?: number;
  readonly location?: string;
  readonly isSilent?: boolean;
}

async function receiver(answer: (path: string) => Answer = () => ({})): Promise<Receiver> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, rawHeaders, headers } = request;
      seen.push({ method, url, rawHeaders, headers, body: Buffer.concat(chunks).toString() });
      const { status, location, isSilent } = answer(url ?? '');
      if (isSilent === true) return;
      if (location !== undefined) response.setHeader('location', location);
      response.writeHead(status ?? 200).end('thanks');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const environment: TriggerEnvironment = {
  context: {
    bus: createMemoryBus(),
    logger: createLogger({ name: 'test', level: 'silent' }),
    metrics: createMetrics(),
    tracing: createTracing({ serviceName: 'test' }),
    replicaId: 'replica-1',
    advertiseHost: '127.0.0.1',
  },
  values: {
    secret: (_namespace, name, key) => (name === 'vault' ? `secret-${key}` : undefined),
    configMap: (_namespace, name, key) => (name === 'settings' ? `config-${key}` : undefined),
    manifest: () => Promise.resolve(undefined),
  },
  objects: memoryObjects(),
  partitions: 1,
  logger: createLogger({ name: 'test', level: 'silent' }),
};

function run(settings: object, changes: Partial<TriggerCall> = {}): Promise<TriggerOutcome> {
  const call: TriggerCall = {
    namespace: 'default',
    sensor: 's',
    trigger: 't',
    firingId: 'f1',
    firedAtMs: 0,
    traceparent: TRACEPARENT,
    settings: { ...settings },
    policy: undefined,
    events: {},
    apply: (_parameters, text) => ok(text),
    payload: (parameters) =>
      ok(JSON.stringify(Object.fromEntries(parameters as [string, string][]))),
    signal: new AbortController().signal,
    ...changes,
  };
  return httpTrigger.run(call, environment);
}

describe('trigger http, against an HTTP server of the test', () => {
  test('a trigger posts its payload as JSON with the trace and an idempotency key', async () => {
    await using server = await receiver();
    const outcome = await run({ url: `${server.url}/hook?x=1`, payload: [['order', '17']] });
    expect(outcome).toEqual({ kind: 'Done' });
    expect(server.seen).toMatchObject([
      {
        method: 'POST',
        url: '/hook?x=1',
        body: '{"order":"17"}',
        headers: {
          'content-type': 'application/json',
          traceparent: TRACEPARENT,
          'idempotency-key': 'f1',
        },
      },
    ]);
  });

  test('headers are sent as they are spelt: given, computed, from secrets and config maps', async () => {
    await using server = await receiver();
    await run({
      url: server.url,
      method: 'PUT',
      headers: { 'x-GIVEN': 'a' },
      dynamicHeaders: [['X-Computed', 'b']],
      secureHeaders: [
        { name: 'X-Secret', valueFrom: { secretKeyRef: { name: 'vault', key: 'k' } } },
        { name: 'X-Config', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } },
      ],
      basicAuth: { username: { name: 'vault', key: 'u' }, password: { name: 'vault', key: 'p' } },
      host: 'shop.example',
    });
    const [seen] = server.seen;
    expect(seen?.method).toBe('PUT');
    expect(seen?.rawHeaders).toEqual(expect.arrayContaining(['x-GIVEN', 'a', 'X-Computed', 'b']));
    expect(seen?.headers).toMatchObject({
      'x-secret': 'secret-k',
      'x-config': 'config-k',
      authorization: `Basic ${btoa('secret-u:secret-p')}`,
      host: 'shop.example',
    });
  });

  test('a missing secret refuses the trigger and nothing is sent', async () => {
    await using server = await receiver();
    const valueFrom = { secretKeyRef: { name: 'none', key: 'k' } };
    const outcome = await run({ url: server.url, secureHeaders: [{ name: 'X', valueFrom }] });
    expect(outcome.kind).toBe('Refused');
    expect(server.seen).toEqual([]);
  });

  test('any answer is a success unless policy.status.allow lists the good ones (rule 36)', async () => {
    await using server = await receiver(() => ({ status: 500 }));
    expect(await run({ url: server.url })).toEqual({ kind: 'Done' });
    const policy = { status: { allow: [200, 201] } };
    const outcome = await run({ url: server.url }, { policy });
    expect(outcome).toMatchObject({ kind: 'Failed', reason: expect.stringContaining('500') });
    expect(await run({ url: server.url }, { policy: { status: { allow: [500] } } })).toEqual({
      kind: 'Done',
    });
  });

  test('no answer in time and no listener are failures that say so', async () => {
    await using server = await receiver(() => ({ isSilent: true }));
    expect(await run({ url: server.url, timeout: 0.05 })).toMatchObject({
      kind: 'Failed',
      reason: expect.stringContaining('within 50 ms'),
    });
    expect(await run({ url: 'http://127.0.0.1:1/' })).toMatchObject({
      kind: 'Failed',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('a stopping sensor leaves the outcome open', async () => {
    await using server = await receiver(() => ({ isSilent: true }));
    const stopping = new AbortController();
    const outcome = run({ url: server.url }, { signal: stopping.signal });
    setTimeout(() => stopping.abort(), 20);
    expect((await outcome).kind).toBe('BusAway');
  });

  test('redirects are followed, and what the user wrote does not go to another host', async () => {
    await using other = await receiver();
    await using server = await receiver((path) =>
      path === '/away'
        ? { status: 307, location: `${other.url}/there` }
        : path === '/here'
          ? { status: 303, location: '/done' }
          : {},
    );
    const settings = { headers: { Authorization: 'Bearer s3cret' }, payload: [['a', 'b']] };
    expect(await run({ ...settings, url: `${server.url}/here` })).toEqual({ kind: 'Done' });
    expect(server.seen.map(({ method, url }) => [method, url])).toEqual([
      ['POST', '/here'],
      ['GET', '/done'],
    ]);
    expect(server.seen[1]?.headers.authorization).toBe('Bearer s3cret');
    await run({ ...settings, url: `${server.url}/away` });
    expect(other.seen).toMatchObject([{ method: 'POST', url: '/there', body: '{"a":"b"}' }]);
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
  });

  test('an endless redirection ends', async () => {
    await using server = await receiver(() => ({ status: 302, location: '/again' }));
    const outcome = await run({ url: server.url }, { policy: { status: { allow: [200] } } });
    expect(outcome.kind).toBe('Failed');
    expect(server.seen.length).toBe(11);
  });
});
