// Covers what comes in as events: web hooks handed on to event-source replicas over gRPC, and
// CloudEvents over HTTP in all three modes. The event-source service itself is a stand-in here.
import { BUCKETS, IngressService, STREAMS, type DeliverRequest } from '@argosy/api';
import type { StoredMessage } from '@argosy/bus';
import { createRpcServer, rpcService, type RpcServer } from '@argosy/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHarness, type Harness } from './testing/harness.ts';

let harness: Harness;
const servers: RpcServer[] = [];
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(async () => {
  await harness.stop();
  for (const server of servers.splice(0)) await server.stop(0);
});

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A replica that keeps what it is given and answers 202 with a body. */
async function startReplica(
  name: string,
): Promise<{ requests: DeliverRequest[]; server: RpcServer }> {
  const requests: DeliverRequest[] = [];
  const server = await createRpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [
      rpcService(IngressService, {
        deliver: (request) => {
          requests.push(request);
          const headers = [{ name: 'x-replica', value: name }];
          return Promise.resolve({ status: 202, headers, body: bytes('stored') });
        },
      }),
    ],
    logger: { error: () => undefined, debug: () => undefined },
  });
  servers.push(server);
  await announce(name, server.address);
  return { requests, server };
}

async function announce(name: string, rpcAddress: string): Promise<void> {
  const leases = await harness.bus.keyValue(BUCKETS.leases);
  await leases.put(`event-source.${name}`, bytes(JSON.stringify({ rpcAddress })));
}

const hook = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${harness.gateway.httpAddress}/webhooks/${path}`, { method: 'POST', ...init });

describe('web hooks', () => {
  it('are handed on with method, path, query, headers and body, without a token of ours', async () => {
    const { requests } = await startReplica('one');
    const response = await hook('shop/orders/push/now?x=1&y=%20', {
      body: '{"n": 1}',
      headers: { 'content-type': 'application/json', 'x-signature': 's' },
    });
    expect(response.status).toBe(202);
    expect(response.headers.get('x-replica')).toBe('one');
    expect(await response.text()).toBe('stored');
    const [request] = requests;
    expect(request).toMatchObject({
      namespace: 'shop',
      eventSource: 'orders',
      method: 'POST',
      path: '/push/now?x=1&y=%20',
    });
    expect(text(request?.body ?? new Uint8Array())).toBe('{"n": 1}');
    expect(request?.headers.find((header) => header.name === 'x-signature')?.value).toBe('s');
  });

  it('keep a body that is not text, and one of a type nobody knows', async () => {
    const { requests } = await startReplica('one');
    const body = Uint8Array.from([0, 255, 1, 128]);
    await hook('ns/source', { body, headers: { 'content-type': 'application/x-strange' } });
    await hook('ns/source', { body: '{broken', headers: { 'content-type': 'application/json' } });
    expect(Array.from(requests[0]?.body ?? [])).toEqual([0, 255, 1, 128]);
    expect(requests[0]?.path).toBe('/');
    expect(text(requests[1]?.body ?? new Uint8Array())).toBe('{broken');
  });

  it('pass a replica by that is gone', async () => {
    const { requests } = await startReplica('alive');
    const dead = await startReplica('dead');
    await dead.server.stop(0);
    for (let count = 0; count < 3; count += 1) expect((await hook('a/b')).status).toBe(202);
    expect(requests).toHaveLength(3);
  });

  it('are answered with 503 while no event-source service is there', async () => {
    const response = await hook('a/b');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 14 });
  });

  it('are refused with 413 when they are too large', async () => {
    await startReplica('one');
    const body = new Uint8Array(17 * 1024 * 1024);
    expect((await hook('a/b', { body })).status).toBe(413);
    expect((await hook('a/b')).status).toBe(202);
  });
});

describe('CloudEvents', () => {
  async function stored(): Promise<StoredMessage[]> {
    const found: StoredMessage[] = [];
    for await (const message of harness.bus.read(STREAMS.events, 'events.>')) found.push(message);
    return found;
  }
  const post = (path: string, headers: Record<string, string>, body: string): Promise<Response> =>
    harness.fetch(`/cloudevents/${path}`, { method: 'POST', headers, body });
  const structured = (changes: object = {}): object => ({
    specversion: '1.0',
    id: '1',
    source: '/shop',
    type: 'order.placed',
    data: { n: 1 },
    myextension: 'x',
    ...changes,
  });

  it('in structured mode are stored once, with their attributes', async () => {
    const headers = { 'content-type': 'application/cloudevents+json' };
    const send = () => post('ns/shop/order', headers, JSON.stringify(structured()));
    const first = await send();
    expect(first.status).toBe(200);
    const answer = (await first.json()) as { events: { id: string; duplicate: boolean }[] };
    expect(answer.events).toMatchObject([{ id: '1', duplicate: false }]);
    expect(await (await send()).json()).toMatchObject({ events: [{ id: '1', duplicate: true }] });
    const [message, ...more] = await stored();
    expect(more).toEqual([]);
    expect(message?.subject).toBe('events.ns.default.shop.order');
    expect(message?.event).toMatchObject({
      id: '1',
      source: '/shop',
      type: 'order.placed',
      extensions: { myextension: 'x' },
    });
    expect(text(message?.event.data ?? new Uint8Array())).toBe('{"n":1}');
  });

  it('in binary mode keep their body byte by byte, and name the event bus', async () => {
    const headers = {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'b-1',
      'ce-source': '/s',
      'ce-type': 't',
      'ce-subject': 'sub',
    };
    const response = await post('ns/mybus/shop/order', headers, '{ "n" :  1.0 }');
    expect(response.status).toBe(200);
    const [message] = await stored();
    expect(message?.subject).toBe('events.ns.mybus.shop.order');
    expect(message?.event).toMatchObject({
      id: 'b-1',
      subject: 'sub',
      datacontenttype: 'application/json',
    });
    expect(text(message?.event.data ?? new Uint8Array())).toBe('{ "n" :  1.0 }');
  });

  it('in a batch are all stored', async () => {
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const batch = ['1', '2', '3'].map((id) =>
      structured({ id, data_base64: 'AAE=', data: undefined }),
    );
    const response = await post('ns/shop/order', headers, JSON.stringify(batch));
    expect(response.status).toBe(200);
    const messages = await stored();
    expect(messages.map((message) => message.event.id)).toEqual(['1', '2', '3']);
    expect(Array.from(messages[0]?.event.data ?? [])).toEqual([0, 1]);
  });

  it('that are none, or lack an attribute, are refused with 400', async () => {
    const json = { 'content-type': 'application/json' };
    expect((await post('ns/shop/order', json, '{}')).status).toBe(400);
    const type = { 'content-type': 'application/cloudevents+json' };
    expect((await post('ns/shop/order', type, '{"specversion":"1.0"}')).status).toBe(400);
    expect((await post('ns/shop/order', type, '{broken')).status).toBe(400);
    expect(await stored()).toEqual([]);
  });
});
