// Covers the source of server-sent events against a real HTTP server in the test: what is sent to it and what becomes
// of its events, going on after the last id over lost connections and restarts, a server that refuses. Leaves out
// the format's details, which are the parser's.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryBus } from '@argosy/bus';
import { eventually } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { dataOf, startHarness, type Harness } from '../../testing/harness.ts';
import { createSseDriver } from './driver.ts';

const WITHIN = { timeoutMs: 20_000 };

interface Feed extends AsyncDisposable {
  readonly url: string;
  readonly asked: IncomingHttpHeaders[];
  readonly streams: ServerResponse[];
  /** Answers all from now on with this status. */
  refuseWith: number | undefined;
}

/** A server that keeps what it was told to send, and sends what comes after `Last-Event-ID`. */
async function feed(kept: readonly string[] = []): Promise<Feed> {
  const [asked, streams]: [IncomingHttpHeaders[], ServerResponse[]] = [[], []];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    if (rig.refuseWith !== undefined) {
      response.writeHead(rig.refuseWith, { 'content-type': 'text/plain' }).end('no');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const after = Number(request.headers['last-event-id'] ?? 0);
    response.write(': hello\n\n');
    kept.forEach((data, index) => {
      if (index + 1 > after) response.write(`id: ${index + 1}\ndata: ${data}\n\n`);
    });
    streams.push(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const rig: Feed = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/stream`,
    asked,
    streams,
    refuseWith: undefined,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return rig;
}

async function declare(harness: Harness, settings: object): Promise<void> {
  await harness.apply('EventSource', 'feed', { spec: { sse: { changes: settings } } });
}

const bodies = async (harness: Harness): Promise<readonly unknown[]> =>
  (await harness.events()).map((event) => dataOf(event)['body']);
const trouble = (harness: Harness): Promise<string | undefined> =>
  harness.condition('feed', 'Deployed');

describe('source sse, against an HTTP server of the test (node:http)', () => {
  test('each event has its type, its id and its text, in order', async () => {
    await using server = await feed();
    await using harness = await startHarness();
    await declare(harness, { url: server.url, metadata: { team: 'x' } });
    await eventually(() => expect(server.streams).toHaveLength(1), WITHIN);
    server.streams[0]?.write('data: one\ndata: two\n\nevent: sale\nid: 7\ndata: {"n":');
    server.streams[0]?.write('1}\n\n');
    await eventually(async () => expect(await harness.events()).toHaveLength(2), WITHIN);
    const events = await harness.events();
    expect(events[0]?.event).toMatchObject({ type: 'sse', source: 'feed', subject: 'changes' });
    expect(events.map(dataOf)).toEqual([
      { type: 'message', body: 'one\ntwo', metadata: { team: 'x' } },
      { type: 'sale', id: '7', body: '{"n":1}', metadata: { team: 'x' } },
    ]);
  });

  test('eventTypes choose, jsonBody embeds JSON, headers and a token are sent', async () => {
    await using server = await feed();
    await using harness = await startHarness();
    await harness.apply('Secret', 'feed', { stringData: { token: 's3cret' } });
    await declare(harness, {
      url: server.url,
      eventTypes: ['sale'],
      jsonBody: true,
      headers: { 'X-Team': 'x' },
      authSecret: { name: 'feed', key: 'token' },
    });
    await eventually(() => expect(server.streams).toHaveLength(1), WITHIN);
    expect(server.asked[0]).toMatchObject({
      accept: 'text/event-stream',
      authorization: 'Bearer s3cret',
      'x-team': 'x',
    });
    server.streams[0]?.write('data: {}\n\nevent: sale\ndata: {"n":1}\n\n');
    server.streams[0]?.write('event: sale\ndata: {\n\nevent: sale\ndata: {"n":2}\n\n');
    await eventually(
      async () => expect(await bodies(harness)).toEqual([{ n: 1 }, { n: 2 }]),
      WITHIN,
    );
  });

  test('after a lost connection and a restart it goes on after the last id, and stores nothing twice', async () => {
    const kept = ['a', 'b'];
    await using server = await feed(kept);
    await using bus = createMemoryBus();
    {
      await using harness = await startHarness({ bus });
      await declare(harness, { url: server.url });
      await eventually(async () => expect(await bodies(harness)).toEqual(['a', 'b']), WITHIN);
      kept.push('c');
      server.streams[0]?.destroy();
      await eventually(async () => expect(await bodies(harness)).toEqual(['a', 'b', 'c']), WITHIN);
    }
    kept.push('d');
    await using harness = await startHarness({ bus });
    await eventually(
      async () => expect(await bodies(harness)).toEqual(['a', 'b', 'c', 'd']),
      WITHIN,
    );
    expect(server.asked.map((headers) => headers['last-event-id'])).toEqual([undefined, '2', '3']);
  });

  test('a server that sends everything again makes no second events', async () => {
    await using server = await feed();
    await using harness = await startHarness();
    await declare(harness, { url: server.url });
    await eventually(() => expect(server.streams).toHaveLength(1), WITHIN);
    server.streams[0]?.write('id: 1\ndata: a\n\nid: 1\ndata: a\n\nid: 2\ndata: b\n\n');
    await eventually(async () => expect(await bodies(harness)).toEqual(['a', 'b']), WITHIN);
  });

  test('a server that refuses or sends no stream is told and asked again', async () => {
    await using server = await feed();
    server.refuseWith = 503;
    await using harness = await startHarness();
    await declare(harness, { url: server.url });
    await eventually(async () => {
      expect(await trouble(harness)).toContain('the server answered 503 with text/plain');
    }, WITHIN);
    server.refuseWith = 200;
    await eventually(async () => expect(await trouble(harness)).toContain('200 with text'), WITHIN);
    server.refuseWith = undefined;
    await eventually(async () => expect(await trouble(harness)).toBe(''), WITHIN);
  });

  test('settings that are wrong are told by field', () => {
    const problems = (settings: object): string => createSseDriver().problems(settings).join();
    const url = 'https://example.com/x';
    expect(problems({ url })).toBe('');
    expect(problems({})).toContain('url must be an address such as https');
    expect(problems({ url, eventTypes: 'sale' })).toContain('eventTypes must be a list');
    expect(problems({ url, tls: {} })).toContain('NODE_EXTRA_CA_CERTS');
  });
});
