// Covers the webhook driver through the whole service, with real sockets and the bus in memory: what is
// stored, what is answered, hostile requests, the gateway's way in, changes of manifests. Leaves out the real
// NATS server (test/e2e) and the calendar (its own test).
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { BUCKETS, IngressService, resourceKey } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { createMemoryBus, type Bus } from '@argosy/bus';
import { createRpcClient } from '@argosy/rpc';
import { eventually, freePort } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { dataOf, startHarness, type Harness } from './testing/harness.ts';

const WITHIN = { timeoutMs: 8_000 };

interface Hook extends AsyncDisposable {
  readonly harness: Harness;
  readonly url: string;
  readonly port: number;
}

async function hookWith(settings: object = {}, bus?: Bus): Promise<Hook> {
  const port = await freePort();
  const harness = await startHarness(bus === undefined ? {} : { bus });
  const orders = { port: String(port), endpoint: '/orders', method: 'POST', ...settings };
  await harness.apply('EventSource', 'shop', { spec: { webhook: { orders } } });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => expect((await fetch(`${url}/health`)).status).toBe(200), WITHIN);
  return { harness, url, port, [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose]() };
}

function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

describe('source webhook, against HTTP clients of the test', () => {
  test('a post is answered with success once its event is stored under the event source’s subject', async () => {
    await using hook = await hookWith({ metadata: { team: 'x' } });
    const { harness, url } = hook;
    const answer = await post(`${url}/orders`, '{"id": 9007199254740993}');
    expect([answer.status, await answer.text()]).toEqual([200, 'success']);
    const [message, ...others] = await harness.events();
    expect(others).toEqual([]);
    expect(message?.subject).toBe('events.default.default.shop.orders');
    expect(message?.event).toMatchObject({
      source: 'shop',
      type: 'webhook',
      subject: 'orders',
      datacontenttype: 'application/json',
    });
    expect(message?.event.id).toMatch(/^[0-9a-f]{32}$/);
    // The number is kept as it was written, which a parsed copy would not do.
    expect(new TextDecoder().decode(message?.event.data)).toContain(
      '"body":{"id": 9007199254740993}',
    );
    expect(dataOf(message)['metadata']).toEqual({ team: 'x' });
    expect(dataOf(message)['header']).toMatchObject({ 'Content-Type': ['application/json'] });
  });

  test('an incoming trace goes on in the event, and without one a trace begins', async () => {
    await using hook = await hookWith();
    const { harness, url } = hook;
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await post(`${url}/orders`, '{}', { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    await post(`${url}/orders`, '{}');
    const [first, second] = await harness.events();
    expect(first?.traceparent).toContain(traceId);
    expect(first?.traceparent).not.toContain('b7ad6b7169203331');
    expect(second?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    expect(second?.traceparent).not.toContain(traceId);
  });

  test('the same idempotency key is stored once, another one again', async () => {
    await using hook = await hookWith();
    const { harness, url } = hook;
    for (const key of ['a', 'a', 'b'])
      await post(`${url}/orders`, '{}', { 'idempotency-key': key });
    expect((await harness.events()).length).toBe(2);
  });

  test.each([
    { name: 'another method', method: 'GET', answer: [400, 'http method does not match'] },
    { name: 'an unknown path', path: '/other', answer: [404, '404 page not found'] },
    { name: 'a trailing slash', path: '/orders/', answer: [404, '404 page not found'] },
    { name: 'a traversal', path: '/x/../orders', answer: [404, '404 page not found'] },
    { name: 'an escaped traversal', path: '/%2e%2e/orders', answer: [404, '404 page not found'] },
    { name: 'a broken escape', path: '/%zz', answer: [400, 'the request target is malformed'] },
    { name: 'an empty body', body: '', answer: [400, expect.stringContaining('body is empty')] },
    {
      name: 'a body that is not JSON',
      body: '{',
      answer: [400, expect.stringContaining('as JSON')],
    },
    { name: 'a body that is not UTF-8', body: 'Iv8i', answer: [400, 'the body is not UTF-8 text'] },
  ])('$name is refused and nothing is stored', async ({ method, path, body, answer }) => {
    await using hook = await hookWith();
    const { harness, port } = hook;
    const bytes = body === 'Iv8i' ? Buffer.from(body, 'base64') : (body ?? '{}');
    const raw = { method: method ?? 'POST', path: path ?? '/orders', body: bytes };
    const { status, text } = await rawRequest(port, raw);
    expect([status, text]).toEqual(answer);
    expect(await harness.events()).toEqual([]);
  });

  test('a body over maxPayloadSize is answered with 400, whether or not its length is announced', async () => {
    await using hook = await hookWith({ maxPayloadSize: 64 });
    const { harness, url, port } = hook;
    const answer = await post(`${url}/orders`, JSON.stringify('x'.repeat(200_000)));
    expect([answer.status, await answer.text()]).toEqual([400, 'the payload is too large']);
    const chunked = { method: 'POST', path: '/orders', body: '"' + 'x'.repeat(100) + '"' };
    expect((await rawRequest(port, { ...chunked, chunked: true })).status).toBe(400);
    expect(await harness.events()).toEqual([]);
    expect((await post(`${url}/orders`, '{}')).status).toBe(200);
  });

  test('a sender that is too slow is cut off with 408 and others are served meanwhile', async () => {
    await using hook = await hookWith();
    const { harness, url, port } = hook;
    const slow = connect(port, '127.0.0.1');
    slow.write('POST /orders HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"a":');
    const received: string[] = [];
    const closed = new Promise((resolve) => slow.on('close', resolve));
    slow.on('data', (chunk: Buffer) => received.push(chunk.toString()));
    slow.on('error', () => undefined);
    expect((await post(`${url}/orders`, '{}')).status).toBe(200);
    await closed;
    expect(received.join('')).toMatch(/^HTTP\/1\.1 408 /);
    expect((await harness.events()).length).toBe(1);
  });

  test('with an authSecret only the right bearer token is let in, and it never gets into the event', async () => {
    await using hook = await hookWith({ authSecret: { name: 'hook', key: 'token' } });
    const { harness, url } = hook;
    const withToken = (token: string): Promise<Response> =>
      post(`${url}/orders`, '{}', { authorization: token });
    expect((await withToken('Bearer s3cret')).status).toBe(500);
    expect(await harness.condition('shop', 'Deployed')).toContain(
      'the secret hook has no key token',
    );
    await harness.apply('Secret', 'hook', { data: { token: btoa('s3cret') } });
    await eventually(
      async () => expect((await withToken('Bearer s3cret')).status).toBe(200),
      WITHIN,
    );
    for (const wrong of ['', 'Bearer ', 'Bearer s3cre', 's3cret', 'Basic s3cret']) {
      expect((await withToken(wrong)).status, wrong).toBe(401);
    }
    expect((await post(`${url}/orders`, '{}')).status).toBe(401);
    const events = await harness.events();
    expect(events.length).toBe(1);
    expect(dataOf(events[0])['header']).toMatchObject({
      Authorization: ['*** Masked Auth Secret ***'],
    });
    await eventually(
      async () => expect(await harness.condition('shop', 'Deployed')).toBe(''),
      WITHIN,
    );
  });

  test('an event that the bus does not store is answered with 500', async () => {
    const bus = createMemoryBus();
    const publish = (): never => {
      throw new ArgosyError('UNAVAILABLE', 'the bus is away');
    };
    const broken = new Proxy(bus, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown;
        if (name === 'publish') return publish;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    await using hook = await hookWith({}, broken);
    const { url } = hook;
    const answer = await post(`${url}/orders`, '{}');
    expect([answer.status, await answer.text()]).toEqual([500, 'failed to record event']);
  });

  test('metrics count what was stored and what was refused, under Argo Events’ names', async () => {
    await using hook = await hookWith();
    await post(`${hook.url}/orders`, '{}');
    await post(`${hook.url}/orders`, '{');
    const text = await hook.harness.context.metrics.render();
    const labels = '{namespace="default",eventsource_name="shop",event_name="orders"}';
    expect(text).toContain(`argo_events_events_sent_total${labels} 1`);
    expect(text).toContain(`argo_events_events_processing_failed_total${labels} 1`);
    const running = 'argo_events_event_service_running_total';
    expect(text).toContain(`${running}{namespace="default",eventsource_name="shop"} 1`);
  });

  test('an event whose filter is false or fails is dropped and the sender is told success', async () => {
    await using hook = await hookWith({ filter: { expression: 'body.a == 1' } });
    const { harness, url } = hook;
    for (const body of ['{"a":2}', '{"b":1}', '[1]', '{"a":1}']) {
      expect((await post(`${url}/orders`, body)).status).toBe(200);
    }
    expect((await harness.events()).map((event) => dataOf(event)['body'])).toEqual([{ a: 1 }]);
  });

  test('a request through the gateway is handled by the same endpoint', async () => {
    await using hook = await hookWith();
    const { harness } = hook;
    const client = createRpcClient(IngressService, harness.service.rpcAddress);
    const request = {
      namespace: 'default',
      eventSource: 'shop',
      method: 'POST',
      path: '/orders?x=1',
      headers: [{ name: 'content-type', value: 'application/json' }],
      body: new TextEncoder().encode('{"a":1}'),
    };
    const answer = await client.deliver(request);
    expect([answer.status, new TextDecoder().decode(answer.body)]).toEqual([200, 'success']);
    expect((await client.deliver({ ...request, eventSource: 'other' })).status).toBe(404);
    expect((await client.deliver({ ...request, method: 'GET' })).status).toBe(400);
    expect((await harness.events()).length).toBe(1);
    client.close();
  });

  test('a port in use is told in the status, other event sources go on, and it is served once free', async () => {
    await using first = await hookWith();
    await using second = await startHarness();
    const orders = { port: String(first.port), endpoint: '/orders', method: 'POST' };
    const other = { port: String(await freePort()), endpoint: '/x', method: 'POST' };
    await second.apply('EventSource', 'blocked', { spec: { webhook: { orders } } });
    await second.apply('EventSource', 'free', { spec: { webhook: { other } } });
    await eventually(async () => {
      expect(await second.condition('blocked', 'Deployed')).toContain(
        'another program listens on it',
      );
      expect(await second.condition('free', 'Deployed')).toBe('');
    }, WITHIN);
    expect((await post(`http://127.0.0.1:${other.port}/x`, '{}')).status).toBe(200);
  });

  test('a manifest that is wrong is told in its status by field, and its other events run', async () => {
    await using hook = await hookWith();
    const { harness, url, port } = hook;
    const good = { port: String(port), endpoint: '/orders', method: 'POST' };
    await harness.apply('EventSource', 'shop', {
      spec: { webhook: { orders: good, bad: { port: 'x' } }, telegraph: { e: {} } },
    });
    await eventually(async () => {
      const message = await harness.condition('shop', 'SourcesProvided');
      expect(message).toContain('spec.webhook.bad: endpoint is missing');
      expect(message).toContain('spec.webhook.bad: port must be a number from 1 to 65535, not "x"');
      expect(message).toContain('spec.telegraph: there is no such event source here');
    }, WITHIN);
    expect((await post(`${url}/orders`, '{}')).status).toBe(200);
  });

  test('two events may not share a path on a port, and the second one runs when the first is gone', async () => {
    await using hook = await hookWith();
    const { harness, port } = hook;
    const orders = { port: String(port), endpoint: '/orders', method: 'POST' };
    await harness.apply('EventSource', 'late', { spec: { webhook: { orders } } });
    await eventually(async () => {
      const message = await harness.condition('late', 'Deployed');
      expect(message).toContain('belongs to the event orders of the event source default/shop');
    }, WITHIN);
  });

  test('a changed endpoint is served and the old one is gone; a deleted source closes its port', async () => {
    await using hook = await hookWith();
    const { harness, url, port } = hook;
    const changed = { port: String(port), endpoint: '/v2', method: 'POST' };
    await harness.apply('EventSource', 'shop', { spec: { webhook: { orders: changed } } });
    await eventually(async () => {
      expect((await post(`${url}/v2`, '{}')).status).toBe(200);
      expect((await post(`${url}/orders`, '{}')).status).toBe(404);
    }, WITHIN);
    await harness.remove('EventSource', 'shop');
    await eventually(async () => {
      await expect(fetch(`${url}/health`)).rejects.toThrow();
    }, WITHIN);
  });

  test('replicas of which one cannot open the port do not write the status against each other', async () => {
    await using bus = createMemoryBus();
    await using hook = await hookWith({}, bus);
    await using second = await startHarness({ bus, replicaId: 'replica-2' });
    await eventually(async () => {
      expect(await second.condition('shop', 'Deployed')).toContain('another program listens on it');
    }, WITHIN);
    const resources = await bus.keyValue(BUCKETS.resources);
    const key = resourceKey('EventSource', 'default', 'shop');
    const before = (await resources.get(key))?.revision;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await resources.get(key))?.revision).toBe(before);
    expect((await post(`${hook.url}/orders`, '{}')).status).toBe(200);
  });

  interface RawRequest {
    readonly method: string;
    readonly path: string;
    readonly body: string | Uint8Array;
    readonly chunked?: boolean;
  }

  /** A request whose target is sent as it is, which fetch would tidy up. */
  function rawRequest(port: number, raw: RawRequest): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string | number> =
        raw.chunked === true
          ? { 'transfer-encoding': 'chunked' }
          : { 'content-length': Buffer.byteLength(raw.body) };
      const options = { host: '127.0.0.1', port, method: raw.method, path: raw.path, headers };
      const request = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
      });
      request.on('error', reject);
      request.end(raw.body);
    });
  }
});
