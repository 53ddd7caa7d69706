// Covers the WebSocket source against a real WebSocket server in the test: what is sent to it and what becomes of
// its messages, a server that is away, refuses, closes or falls silent. Leaves out TLS and the waits between tries.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually, freePort } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { dataOf, startHarness, type Harness } from '../../testing/harness.ts';
import { createWebSocketDriver } from './driver.ts';

const WITHIN = { timeoutMs: 20_000 };

interface Feed extends AsyncDisposable {
  readonly port: number;
  readonly sockets: WebSocket[];
  readonly requests: IncomingMessage[];
  readonly got: string[];
}

async function feed(
  options: { port?: number; token?: string; isDeaf?: boolean } = {},
): Promise<Feed> {
  const { token, isDeaf = false } = options;
  const [sockets, requests, got]: [WebSocket[], IncomingMessage[], string[]] = [[], [], []];
  const http = createServer();
  const server = new WebSocketServer({ noServer: true, autoPong: !isDeaf });
  http.on('upgrade', (request, socket, head) => {
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    server.handleUpgrade(request, socket, head, (webSocket) => {
      requests.push(request);
      webSocket.on('message', (message: Buffer) => got.push(message.toString()));
      sockets.push(webSocket);
    });
  });
  http.listen(options.port ?? 0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    sockets,
    requests,
    got,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate();
      const closed = once(http, 'close');
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

async function declare(harness: Harness, settings: object): Promise<void> {
  await harness.apply('EventSource', 'feed', { spec: { websocket: { prices: settings } } });
}

const bodies = async (harness: Harness): Promise<readonly unknown[]> =>
  (await harness.events()).map((event) => dataOf(event)['body']);
const trouble = (harness: Harness): Promise<string | undefined> =>
  harness.condition('feed', 'Deployed');
const connections = (server: Feed, count: number): Promise<void> =>
  eventually(() => expect(server.sockets).toHaveLength(count), WITHIN);

describe('source websocket, against a WebSocket server of the test (ws)', () => {
  test('texts are events as they are, bytes in base64, in the order they came', async () => {
    await using server = await feed();
    await using harness = await startHarness();
    await declare(harness, { url: `ws://127.0.0.1:${server.port}/x`, metadata: { team: 'x' } });
    await connections(server, 1);
    const texts = Array.from({ length: 50 }, (_, index) => `n ${index}`);
    for (const text of texts) server.sockets[0]?.send(text);
    server.sockets[0]?.send(Buffer.from('hi'));
    await eventually(async () => {
      expect(await bodies(harness)).toEqual([...texts, 'aGk=']);
    }, WITHIN);
    const [event] = await harness.events();
    expect(event?.event).toMatchObject({ type: 'websocket', source: 'feed', subject: 'prices' });
    expect(dataOf(event)).toEqual({ body: 'n 0', metadata: { team: 'x' } });
  });

  test('headers, a token, subprotocols and first messages are sent; jsonBody embeds JSON', async () => {
    await using server = await feed({ token: 's3cret' });
    await using harness = await startHarness();
    await harness.apply('Secret', 'feed', { stringData: { token: 's3cret' } });
    await declare(harness, {
      url: `ws://127.0.0.1:${server.port}/x?a=1`,
      headers: { 'X-Team': 'x' },
      authSecret: { name: 'feed', key: 'token' },
      subprotocols: ['v2', 'v1'],
      messages: ['{"subscribe":"prices"}'],
      jsonBody: true,
    });
    await eventually(() => expect(server.got).toEqual(['{"subscribe":"prices"}']), WITHIN);
    const [request] = server.requests;
    expect(request?.url).toBe('/x?a=1');
    expect(request?.headers).toMatchObject({ 'x-team': 'x', 'sec-websocket-protocol': 'v2,v1' });
    for (const text of ['{"n":1}', '{', '[2]']) server.sockets[0]?.send(text);
    await eventually(async () => expect(await bodies(harness)).toEqual([{ n: 1 }, [2]]), WITHIN);
  });

  test('a server that is away or closes is told, and connected to again', async () => {
    const port = await freePort();
    await using harness = await startHarness();
    await declare(harness, { url: `ws://127.0.0.1:${port}` });
    await eventually(async () => expect(await trouble(harness)).toContain('ECONNREFUSED'), WITHIN);
    await using server = await feed({ port });
    await connections(server, 1);
    await eventually(async () => expect(await trouble(harness)).toBe(''), WITHIN);
    server.sockets[0]?.close(1012, 'restart');
    await eventually(async () => expect(await trouble(harness)).toContain('1012 restart'), WITHIN);
    await connections(server, 2);
    server.sockets[1]?.send('again');
    await eventually(async () => expect(await bodies(harness)).toEqual(['again']), WITHIN);
  });

  test('a refused token is told without saying it', async () => {
    await using server = await feed({ token: 's3cret' });
    await using harness = await startHarness();
    await harness.apply('Secret', 'feed', { stringData: { token: 'hunter2' } });
    const authSecret = { name: 'feed', key: 'token' };
    await declare(harness, { url: `ws://127.0.0.1:${server.port}`, authSecret });
    await eventually(async () => expect(await trouble(harness)).toContain('401'), WITHIN);
    expect(await trouble(harness)).not.toContain('hunter2');
  });

  test('a server that answers no ping is taken for lost', async () => {
    await using server = await feed({ isDeaf: true });
    await using harness = await startHarness();
    await declare(harness, { url: `ws://127.0.0.1:${server.port}`, pingInterval: '200ms' });
    await connections(server, 1);
    await eventually(async () => expect(await trouble(harness)).toContain('ping'), WITHIN);
    await eventually(() => expect(server.sockets.length).toBeGreaterThan(1), WITHIN);
  });

  test('settings that are wrong are told by field', () => {
    const problems = (settings: object): string =>
      createWebSocketDriver().problems(settings).join();
    const url = 'wss://example.com/x';
    expect(problems({ url })).toBe('');
    expect(problems({ url: 'https://example.com' })).toContain(
      'url must be an address such as wss',
    );
    expect(problems({ url, headers: { 'a b': 'c' } })).toContain('headers must be a map');
    expect(problems({ url, subprotocols: ['a', 'a'] })).toContain('twice');
    expect(problems({ url, pingInterval: 'soon' })).toContain('pingInterval must be a duration');
  });
});
