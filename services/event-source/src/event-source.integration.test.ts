// Covers the webhook on a real nats-server that is killed (-9) and started again while orders come in: an order
// that was answered with success is stored, and one that its sender repeated is stored once. Leaves out the
// sensor and the gateway.
import { connectBus } from '@argosy/bus';
import { eventually, freePort, startTestNats } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { dataOf, startHarness } from './testing/harness.ts';

const ORDERS = 300;
const SENDERS = 10;
const WITHIN = { timeoutMs: 30_000, intervalMs: 100 };

test('each order is stored exactly once over a kill of the server in the middle', async () => {
  await using nats = await startTestNats();
  await using bus = await connectBus({ url: nats.url, token: nats.token, name: 'test' });
  await bus.applyTopology();
  await using harness = await startHarness({ bus });
  const port = await freePort();
  const orders = { port: String(port), endpoint: '/orders', method: 'POST' };
  await harness.apply('EventSource', 'shop', { spec: { webhook: { orders } } });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => expect((await fetch(`${url}/health`)).status).toBe(200), WITHIN);

  const waiting = Array.from({ length: ORDERS }, (_, index) => index);
  const send = async (): Promise<void> => {
    for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
      const headers = { 'idempotency-key': `order-${order}` };
      const body = JSON.stringify({ order });
      for (;;) {
        const answer = await fetch(`${url}/orders`, { method: 'POST', headers, body });
        if (answer.status === 200) break;
        expect([answer.status, await answer.text()]).toEqual([500, 'failed to record event']);
      }
      if (order === ORDERS / 2) await nats.restart();
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  const stored = await harness.events();
  expect(stored.length).toBe(ORDERS);
  const numbers = stored.map((event) => (dataOf(event)['body'] as { order: number }).order);
  expect(new Set(numbers).size).toBe(ORDERS);
});
