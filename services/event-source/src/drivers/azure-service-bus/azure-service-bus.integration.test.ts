// Covers the Azure Service Bus source with Azure's own client against a stand-in that speaks AMQP 1.0 and
// checks tokens: queues and subscriptions, order, what is completed and when, dead letters, a namespace that
// is away. Leaves out Azure itself, ends of locks, sessions and logins without keys.
import { ArgosyError } from '@argosy/base';
import { eventually, startTestAzureMessaging, type TestAzureMessaging } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { driverRecorder, emittedData, type DriverRecorder } from '../../testing/driver-recorder.ts';
import { dataOf, startHarness } from '../../testing/harness.ts';
import type { RunningDriver } from '../driver.ts';
import { createAzureServiceBusDriver } from './driver.ts';

const WITHIN = { timeoutMs: 30_000, intervalMs: 20 };
const SETTINGS = { connectionString: { name: 'azure', key: 'string' }, jsonBody: true };

describe(
  'source azureServiceBus, against a stand-in that speaks AMQP 1.0',
  { timeout: 90_000 },
  () => {
    let azure: TestAzureMessaging;
    beforeAll(async () => {
      azure = await startTestAzureMessaging();
    });
    afterAll(() => azure[Symbol.asyncDispose]());

    const recorderHere = (): DriverRecorder =>
      driverRecorder({ 'azure/string': azure.connectionString });
    async function started(recorder: DriverRecorder, settings: object): Promise<RunningDriver> {
      const driver = createAzureServiceBusDriver();
      const running = await driver.start({ ...SETTINGS, ...settings }, recorder.context);
      expect(running.health()).toEqual({ kind: 'Healthy' });
      return running;
    }

    test('a message of a queue is an event and is completed', async () => {
      azure.addQueue('orders');
      await using harness = await startHarness();
      await harness.apply('Secret', 'azure', { stringData: { string: azure.connectionString } });
      await harness.apply('EventSource', 'shop', {
        spec: { azureServiceBus: { orders: { ...SETTINGS, queueName: 'orders' } } },
      });
      azure.put('orders', {
        body: '{"n":1}',
        messageId: 'm1',
        subject: 'new',
        contentType: 'application/json',
        applicationProperties: { team: 'x', urgent: true },
      });
      await eventually(async () => expect((await harness.events()).length).toBe(1), WITHIN);
      const [event] = await harness.events();
      expect(event?.event).toMatchObject({ type: 'azureServiceBus', source: 'shop' });
      expect(dataOf(event)).toMatchObject({
        applicationProperties: { team: 'x', urgent: true },
        body: { n: 1 },
        contentType: 'application/json',
        correlationID: null,
        messageID: 'm1',
        replyTo: null,
        sequenceNumber: 1,
        subject: 'new',
      });
      expect(dataOf(event)['enqueuedTime']).toMatch(/^\d{4}-.*Z$/);
      await eventually(() => expect(azure.count('orders').present).toBe(0), WITHIN);
    });

    test('messages of a subscription are stored in their order', async () => {
      azure.addQueue('topic/Subscriptions/all');
      const recorder = recorderHere();
      for (let n = 0; n < 100; n += 1) azure.put('topic/Subscriptions/all', { body: `{"n":${n}}` });
      const running = await started(recorder, { topicName: 'topic', subscriptionName: 'all' });
      await eventually(() => recorder.emitted.length === 100, WITHIN);
      await running.stop();
      const numbers = emittedData(recorder).map(({ body }) => (body as { n: number }).n);
      expect(numbers).toEqual(Array.from({ length: 100 }, (_, n) => n));
      expect(azure.count('topic/Subscriptions/all').present).toBe(0);
    });

    test('a message is not completed before it is stored, and is free again after a stop', async () => {
      azure.addQueue('waiting');
      const recorder = recorderHere();
      recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
      for (const n of [1, 2]) azure.put('waiting', { body: `{"n":${n}}` });
      const first = await started(recorder, { queueName: 'waiting' });
      await eventually(() => first.health().kind === 'Failing', WITHIN);
      await first.stop();
      expect(azure.count('waiting')).toEqual({ present: 2, dead: 0 });
      recorder.failure = undefined;
      const second = await started(recorder, { queueName: 'waiting' });
      await eventually(() => expect(azure.count('waiting').present).toBe(0), WITHIN);
      await second.stop();
      expect(emittedData(recorder).map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }]);
    });

    test('a message that is no JSON is dead-lettered and counted', async () => {
      azure.addQueue('strict');
      const recorder = recorderHere();
      const running = await started(recorder, { queueName: 'strict' });
      azure.put('strict', { body: 'no json' });
      azure.put('strict', { body: '{"n":1}' });
      await eventually(
        () => expect(azure.count('strict')).toEqual({ present: 0, dead: 1 }),
        WITHIN,
      );
      expect([recorder.refusals, recorder.emitted.length]).toEqual([1, 1]);
      await running.stop();
    });

    test('a wrong key and a queue that is not there are told', async () => {
      const wrong = azure.connectionString.replace(
        /SharedAccessKey=[^;]+/,
        'SharedAccessKey=hunter2',
      );
      const recorder = driverRecorder({ 'azure/string': wrong, 'azure/none': 'hunter3' });
      const driver = createAzureServiceBusDriver();
      const settings = { ...SETTINGS, queueName: 'orders' };
      const refused = await driver.start(settings, recorder.context);
      expect(JSON.stringify(refused.health())).toMatch(/InvalidSignature/);
      await refused.stop();
      const connectionString = { name: 'azure', key: 'none' };
      const unreadable = await driver.start({ ...settings, connectionString }, recorder.context);
      expect(JSON.stringify(unreadable.health())).toMatch(/holds no connection string/);
      expect(JSON.stringify([refused.health(), unreadable.health()])).not.toMatch(/hunter/);
      await unreadable.stop();
    });

    test('a namespace that went away is told, and the source goes on by itself when it is back', async () => {
      azure.addQueue('lasting');
      const recorder = recorderHere();
      const running = await started(recorder, { queueName: 'lasting' });
      azure.put('lasting', { body: '{"n":1}' });
      await eventually(() => expect(azure.count('lasting').present).toBe(0), WITHIN);
      await azure.stop();
      await eventually(() => running.health().kind === 'Failing', WITHIN);
      azure.put('lasting', { body: '{"n":2}' });
      await azure.start();
      await eventually(() => expect(azure.count('lasting').present).toBe(0), WITHIN);
      expect(running.health()).toEqual({ kind: 'Healthy' });
      await running.stop();
      expect(emittedData(recorder).map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }]);
    });
  },
);
