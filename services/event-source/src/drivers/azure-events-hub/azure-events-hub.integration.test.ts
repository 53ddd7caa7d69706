// Covers the Azure Event Hubs source with Azure's own client against a stand-in that speaks AMQP 1.0 and
// checks tokens: settings, partitions, that nothing is missed while it is away, a bus and a namespace that are
// away. Leaves out Azure itself and logins without keys.
import { ArgosyError } from '@argosy/base';
import { eventually, startTestAzureMessaging, type TestAzureMessaging } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { driverRecorder, emittedData, type DriverRecorder } from '../../testing/driver-recorder.ts';
import type { RunningDriver } from '../driver.ts';
import { createAzureEventsHubDriver } from './driver.ts';

const WITHIN = { timeoutMs: 30_000, intervalMs: 20 };
const SETTINGS = { connectionString: { name: 'azure', key: 'string' } };
const driver = createAzureEventsHubDriver();

describe(
  'source azureEventsHub, against a stand-in that speaks AMQP 1.0',
  { timeout: 90_000 },
  () => {
    let azure: TestAzureMessaging;
    beforeAll(async () => {
      azure = await startTestAzureMessaging();
    });
    afterAll(() => azure[Symbol.asyncDispose]());

    const recorderHere = (): DriverRecorder =>
      driverRecorder({ 'azure/string': azure.connectionString });
    async function started(recorder: DriverRecorder, hubName: string): Promise<RunningDriver> {
      const running = await driver.start({ ...SETTINGS, hubName }, recorder.context);
      expect(running.health()).toEqual({ kind: 'Healthy' });
      return running;
    }
    const bodies = (recorder: DriverRecorder): readonly string[] =>
      emittedData(recorder).map(({ body }) => Buffer.from(String(body), 'base64').toString());

    test('events of all partitions are stored from the first start on, and none is missed between two', async () => {
      azure.addHub('orders', 2);
      azure.publish('orders', 0, { body: 'before' });
      const recorder = recorderHere();
      const first = await started(recorder, 'orders');
      await first.stop();
      // Nobody reads now.
      azure.publish('orders', 0, { body: 'a', messageId: 'm1', partitionKey: 'k' });
      azure.publish('orders', 1, { body: 'b' });
      const second = await started(recorder, 'orders');
      await eventually(() => expect(bodies(recorder).toSorted()).toEqual(['a', 'b']), WITHIN);
      expect(emittedData(recorder)).toContainEqual({ id: 'm1', partitionKey: 'k', body: 'YQ==' });
      await second.stop();
      azure.publish('orders', 0, { body: 'c' });
      const third = await started(recorder, 'orders');
      await eventually(() => expect(bodies(recorder).at(-1)).toBe('c'), WITHIN);
      await third.stop();
      expect(recorder.emitted.length).toBe(3);
    });

    test('events that the bus does not take are read again, in their order', async () => {
      azure.addHub('waiting', 1);
      const recorder = recorderHere();
      const first = await started(recorder, 'waiting');
      recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
      for (const body of ['1', '2', '3']) azure.publish('waiting', 0, { body });
      await eventually(() => first.health().kind === 'Failing', WITHIN);
      await first.stop();
      recorder.failure = undefined;
      const second = await started(recorder, 'waiting');
      await eventually(() => recorder.emitted.length === 3, WITHIN);
      await second.stop();
      expect(bodies(recorder)).toEqual(['1', '2', '3']);
    });

    test('a namespace that went away is told, and the source goes on by itself when it is back', async () => {
      azure.addHub('lasting', 1);
      const recorder = recorderHere();
      const running = await started(recorder, 'lasting');
      await azure.stop();
      await eventually(() => running.health().kind === 'Failing', WITHIN);
      azure.publish('lasting', 0, { body: 'a' });
      await azure.start();
      await eventually(() => expect(bodies(recorder)).toEqual(['a']), WITHIN);
      await running.stop();
    });

    test('a wrong key and a hub that is not there are told', async () => {
      const wrong = azure.connectionString.replace(
        /SharedAccessKey=[^;]+/,
        'SharedAccessKey=hunter2',
      );
      const recorder = driverRecorder({ 'azure/string': wrong });
      const refused = await driver.start({ ...SETTINGS, hubName: 'lasting' }, recorder.context);
      expect(JSON.stringify(refused.health())).toMatch(/InvalidSignature/);
      expect(JSON.stringify(refused.health())).not.toContain('hunter2');
      await refused.stop();
      const missing = await driver.start({ ...SETTINGS, hubName: 'none' }, recorderHere().context);
      expect(JSON.stringify(missing.health())).toMatch(/could not be found/);
      await missing.stop();
    });

    test('settings that are wrong are told by field', () => {
      const problemsOf = (settings: object): string => driver.problems(settings).join('\n');
      const fqdn = 'shop.servicebus.windows.net';
      const selector = { name: 'hub', key: 'k' };
      expect(problemsOf({ hubName: 'h', fqdn })).toBe('');
      const keys = { sharedAccessKeyName: selector, sharedAccessKey: selector };
      expect(problemsOf({ hubName: 'h', fqdn, ...keys })).toBe('');
      expect(problemsOf({ fqdn })).toContain('hubName is missing');
      expect(problemsOf({ hubName: 'h', fqdn: 'https://a/b' })).toContain(
        'fqdn must be a host name',
      );
      expect(problemsOf({ hubName: 'h', fqdn, sharedAccessKey: selector })).toContain(
        'go together',
      );
    });
  },
);
