// Covers the source against moto: messages of both kinds of bodies become events and are deleted, ids are
// stable, what is no JSON goes or stays as `dlq` says, a bus that is away keeps the messages, a role is taken
// on, a queue that comes late. Skipped, and it says so, where moto is not installed. Leaves out AWS itself.
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import {
  eventually,
  motoVersion,
  startTestMoto,
  tellSkipped,
  type TestMoto,
} from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { dataOf, startHarness, type Harness } from '../../testing/harness.ts';

const WITHIN = { timeoutMs: 15_000 };
const version = motoVersion();
const title = `source sqs, against ${version ?? 'moto'}`;
if (version === undefined) tellSkipped(title, "pip install 'moto[server]'");
const secrets = {
  accessKey: { name: 'aws', key: 'access' },
  secretKey: { name: 'aws', key: 'secret' },
};

describe.skipIf(version === undefined)(title, () => {
  let moto: TestMoto;
  let client: SQSClient;

  beforeAll(async () => {
    moto = await startTestMoto();
    client = new SQSClient({
      region: 'us-east-1',
      endpoint: moto.url,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
    });
  });
  afterAll(async () => {
    client.destroy();
    await moto.stop();
  });

  async function queueCalled(
    name: string,
    attributes: Record<string, string> = {},
  ): Promise<string> {
    const command = new CreateQueueCommand({ QueueName: name, Attributes: attributes });
    return (await client.send(command)).QueueUrl ?? '';
  }

  async function send(QueueUrl: string, MessageBody: string): Promise<string> {
    return (await client.send(new SendMessageCommand({ QueueUrl, MessageBody }))).MessageId ?? '';
  }

  /** How many messages are in the queue, those included that a receiver has in hand. */
  async function countIn(QueueUrl: string): Promise<number> {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] });
    const { Attributes = {} } = await client.send(command);
    return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  }

  async function declare(harness: Harness, settings: object): Promise<void> {
    const stringData = { access: 'AKIDEXAMPLE', secret: 'example' };
    await harness.apply('Secret', 'aws', { stringData });
    const common = { region: 'us-east-1', endpoint: moto.url, waitTimeSeconds: 1, ...secrets };
    await harness.apply('EventSource', 'shop', {
      spec: { sqs: { orders: { ...common, ...settings } } },
    });
  }

  test('a message becomes an event with its attributes and is deleted', async () => {
    const url = await queueCalled('plain');
    const sent = await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: 'hello',
        MessageAttributes: { colour: { DataType: 'String', StringValue: 'blue' } },
      }),
    );
    await using harness = await startHarness();
    await declare(harness, { queue: 'plain', metadata: { team: 'x' } });
    await eventually(async () => expect(await harness.events()).toHaveLength(1), WITHIN);
    const [event] = await harness.events();
    expect(dataOf(event)).toEqual({
      messageId: sent.MessageId,
      messageAttributes: {
        colour: {
          BinaryListValues: null,
          BinaryValue: null,
          DataType: 'String',
          StringListValues: null,
          StringValue: 'blue',
        },
      },
      body: 'aGVsbG8=',
      metadata: { team: 'x' },
    });
    expect(event?.event).toMatchObject({ type: 'sqs', source: 'shop', subject: 'orders' });
    expect(event?.event.id).toMatch(/^[0-9a-f]{32}$/);
    await eventually(async () => expect(await countIn(url)).toBe(0), WITHIN);
  });

  test('many messages of a FIFO queue are stored once each and in their order', async () => {
    const url = await queueCalled('many.fifo', {
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
    });
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    for (let first = 0; first < numbers.length; first += 10) {
      const Entries = numbers.slice(first, first + 10).map((number) => ({
        Id: String(number),
        MessageBody: JSON.stringify({ number }),
        MessageGroupId: 'g',
      }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    }
    await using harness = await startHarness();
    await declare(harness, { queue: 'many.fifo', jsonBody: true });
    await eventually(async () => expect(await harness.events()).toHaveLength(40), WITHIN);
    const bodies = (await harness.events()).map((event) => dataOf(event)['body']);
    expect(bodies).toEqual(numbers.map((number) => ({ number })));
    await eventually(async () => expect(await countIn(url)).toBe(0), WITHIN);
  });

  test('what is no JSON is deleted without dlq and left with it; what follows is stored', async () => {
    for (const [queue, dlq, left] of [
      ['bad', false, 0],
      ['bad-dlq', true, 1],
    ] as const) {
      const url = await queueCalled(queue);
      await send(url, 'nope');
      await send(url, '{"good":true}');
      await using harness = await startHarness();
      await declare(harness, { queue, jsonBody: true, dlq });
      await eventually(async () => expect(await harness.events()).toHaveLength(1), WITHIN);
      await eventually(async () => expect(await countIn(url)).toBe(left), WITHIN);
      expect(dataOf((await harness.events())[0])['body']).toEqual({ good: true });
    }
  });

  test('a queue that is not there is told in the status and taken up when it comes', async () => {
    await using harness = await startHarness();
    await declare(harness, { queue: 'late', queueAccountId: '123456789012' });
    await eventually(async () => {
      expect(await harness.condition('shop', 'Deployed')).toContain('the queue late of SQS');
    }, WITHIN);
    const url = await queueCalled('late');
    await send(url, 'first');
    await eventually(async () => expect(await harness.events()).toHaveLength(1), WITHIN);
    await eventually(async () => {
      expect(await harness.condition('shop', 'Deployed')).toBe('');
    }, WITHIN);
    await client.send(new DeleteQueueCommand({ QueueUrl: url }));
  });

  test('a role is taken on at STS with the keys', async () => {
    // Nobody is there: without the role nothing is received.
    vi.stubEnv('AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:1');
    const url = await queueCalled('by-role');
    await send(url, 'hello');
    await using harness = await startHarness();
    await declare(harness, { queue: 'by-role', roleARN: 'arn:aws:iam::123456789012:role/reader' });
    await eventually(async () => {
      expect(await harness.condition('shop', 'Deployed')).toContain('ECONNREFUSED');
    }, WITHIN);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', moto.url);
    await eventually(async () => expect(await harness.events()).toHaveLength(1), WITHIN);
    await eventually(async () => expect(await countIn(url)).toBe(0), WITHIN);
    vi.unstubAllEnvs();
  });
});
