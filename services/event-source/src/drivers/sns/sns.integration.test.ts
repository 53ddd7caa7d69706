// Covers the life of a subscription against moto, a server that speaks the protocol of SNS: the endpoint is
// subscribed, a publication becomes an event, the subscription goes with the event. Skipped, and it says so,
// where moto is not installed (pip install 'moto[server]'). Leaves out signatures, which moto does not
// make (message.test.ts).
import { eventually, freePort, motoVersion, startTestMoto, tellSkipped } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { dataOf, startHarness } from '../../testing/harness.ts';
import { createSnsClient } from './client.ts';

const WITHIN = { timeoutMs: 30_000 };
const KEYS = { accessKey: 'AKIDEXAMPLE', secretKey: 'example' };
const version = motoVersion();
const title = `source sns, against ${version ?? 'moto'}`;
if (version === undefined) tellSkipped(title, "pip install 'moto[server]'");

describe.skipIf(version === undefined)(title, () => {
  test('an endpoint is subscribed, gets what is published, and is unsubscribed', async () => {
    await using moto = await startTestMoto();
    const endpoint = moto.url;
    const client = createSnsClient({
      endpoint,
      region: 'us-east-1',
      keys: () => KEYS,
      clock: Date.now,
    });
    const created = await client.call('CreateTopic', { Name: 'orders' });
    const topicArn = /<TopicArn>([^<]+)/.exec(created)?.[1] ?? '';
    await using harness = await startHarness();
    const port = await freePort();
    await harness.apply('Secret', 'aws', {
      stringData: { access: 'AKIDEXAMPLE', secret: 'example' },
    });
    await harness.apply('EventSource', 'shop', {
      spec: {
        sns: {
          orders: {
            topicArn,
            region: 'us-east-1',
            endpoint,
            accessKey: { name: 'aws', key: 'access' },
            secretKey: { name: 'aws', key: 'secret' },
            webhook: { port: String(port), endpoint: '/sns', url: `http://127.0.0.1:${port}` },
          },
        },
      },
    });
    const subscriptions = (): Promise<string> =>
      client.call('ListSubscriptionsByTopic', { TopicArn: topicArn });
    const hookUrl = `<Endpoint>http://127.0.0.1:${port}/sns</Endpoint>`;
    await eventually(async () => expect(await subscriptions()).toContain(hookUrl), WITHIN);
    await client.call('Publish', { TopicArn: topicArn, Message: 'hello', Subject: 's' });
    await eventually(async () => expect((await harness.events()).length).toBe(1), WITHIN);
    const [event] = await harness.events();
    expect(dataOf(event)['body']).toMatchObject({
      Type: 'Notification',
      TopicArn: topicArn,
      Message: 'hello',
    });
    await harness.remove('EventSource', 'shop');
    await eventually(async () => expect(await subscriptions()).not.toContain(hookUrl), WITHIN);
  });
});
