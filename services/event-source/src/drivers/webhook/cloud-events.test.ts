// Covers CloudEvents that are posted to a webhook: structured, binary and batched ones are kept, repeated ones are
// stored once, filters see their data, broken ones are refused. Leaves out other requests (webhook.test.ts).
import { eventually, freePort } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { startHarness, type Harness } from '../../testing/harness.ts';

const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);

interface Rig extends AsyncDisposable {
  readonly harness: Harness;
  post(headers: Readonly<Record<string, string>>, body: unknown): Promise<Response>;
}

async function webhook(settings: object = {}): Promise<Rig> {
  const harness = await startHarness();
  const port = await freePort();
  const orders = { port: String(port), endpoint: '/orders', method: 'POST', ...settings };
  await harness.apply('EventSource', 'shop', { spec: { webhook: { orders } } });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/health`)).ok);
  return {
    harness,
    post(headers, body) {
      const payload = typeof body === 'string' ? body : JSON.stringify(body);
      return fetch(`${url}/orders`, { method: 'POST', headers, body: payload });
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
}

const STRUCTURED = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const BATCHED = { 'content-type': 'application/cloudevents-batch+json' };
const order = (id: string, more: object = {}): object => ({
  specversion: '1.0',
  id,
  source: '/till/7',
  type: 'shop.order',
  subject: 'order-7',
  time: '2026-03-02T11:00:00.123456+01:00',
  region: 'north',
  data: { total: 12 },
  ...more,
});

test('a structured event keeps its id, source, type, subject, time, extensions and data', async () => {
  await using rig = await webhook({ metadata: { team: 'x' } });
  const answer = await rig.post(STRUCTURED, order('a-1'));
  expect([answer.status, await answer.text()]).toEqual([200, 'success']);
  const [stored] = await rig.harness.events();
  expect({ ...stored?.event, data: text(stored?.event.data) }).toMatchObject({
    id: 'a-1',
    source: '/till/7',
    type: 'shop.order',
    subject: 'order-7',
    time: '2026-03-02T11:00:00.123456+01:00',
    extensions: { region: 'north' },
    data: '{"total":12}',
  });
  expect(stored?.subject).toBe('events.default.default.shop.orders');
});

test('a binary event keeps its body byte for byte and its content type', async () => {
  await using rig = await webhook();
  const headers = {
    'content-type': 'text/plain',
    'ce-specversion': '1.0',
    'ce-id': 'b-1',
    'ce-source': '/till/7',
    'ce-type': 'shop.note',
    'ce-region': 'north',
  };
  expect((await rig.post(headers, ' not JSON ')).status).toBe(200);
  const [stored] = await rig.harness.events();
  expect(stored?.event).toMatchObject({
    id: 'b-1',
    type: 'shop.note',
    subject: 'orders',
    datacontenttype: 'text/plain',
    extensions: { region: 'north' },
  });
  expect(text(stored?.event.data)).toBe(' not JSON ');
});

test('a batch is stored in its order; a repeated event once, one of another source besides', async () => {
  await using rig = await webhook();
  const batch = [order('c-1'), order('c-2'), order('c-1'), order('c-1', { source: '/till/8' })];
  expect((await rig.post(BATCHED, batch)).status).toBe(200);
  expect((await rig.post(STRUCTURED, order('c-2'))).status).toBe(200);
  const ids = (await rig.harness.events()).map(({ event }) => `${event.source} ${event.id}`);
  expect(ids).toEqual(['/till/7 c-1', '/till/7 c-2', '/till/8 c-1']);
});

test('the filter of the event source sees the data of the event', async () => {
  await using rig = await webhook({ filter: { expression: 'total > 10' } });
  const batch = [order('d-1', { data: { total: 5 } }), order('d-2')];
  expect((await rig.post(BATCHED, batch)).status).toBe(200);
  expect((await rig.harness.events()).map(({ event }) => event.id)).toEqual(['d-2']);
});

test.each([
  ['an event without a source', STRUCTURED, order('e-1', { source: '' })],
  ['an event of another specversion', STRUCTURED, order('e-1', { specversion: '3.0' })],
  ['a time that is none', STRUCTURED, order('e-1', { time: 'soon' })],
  ['a batch that is no JSON', BATCHED, '[{'],
  ['binary attributes without an id', { 'ce-specversion': '1.0' }, '{}'],
])('%s is refused and nothing is stored', async (_, headers, body) => {
  await using rig = await webhook();
  const answer = await rig.post(headers, body);
  expect(answer.status).toBe(400);
  expect(await rig.harness.events()).toEqual([]);
});

test('with cloudEvents: wrap a request becomes an event of the webhook, as in Argo Events', async () => {
  await using rig = await webhook({ cloudEvents: 'wrap' });
  expect((await rig.post(STRUCTURED, order('f-1'))).status).toBe(200);
  const [stored] = await rig.harness.events();
  expect(stored?.event).toMatchObject({ source: 'shop', type: 'webhook', subject: 'orders' });
  expect(JSON.parse(text(stored?.event.data))).toMatchObject({ body: { id: 'f-1' } });
});
