// Covers the triggers azureServiceBus and azureEventHubs with Azure's own clients against a stand-in that
// speaks AMQP 1.0 and checks tokens: what arrives, wrong keys and settings, a namespace that went away and
// came back. Leaves out Azure itself and logins without keys.
import { startTestAzureMessaging, type TestAzureMessaging } from '@argosy/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environmentWith, runTrigger, TRACEPARENT } from '../testing/trigger-call.ts';
import { azureAccessOf } from './azure-account.ts';
import { createAzureEventHubsTrigger } from './azure-event-hubs.ts';
import { createAzureServiceBusTrigger } from './azure-service-bus.ts';
import type { TriggerCall, TriggerKind, TriggerOutcome } from './trigger.ts';

const STAND_IN = 'a stand-in that speaks AMQP 1.0';
const TIMEOUT_MS = 90_000;
const payload = [['order', '17']];
const connectionString = { name: 'azure', key: 'string' };

const CASES = [
  {
    title: `trigger azureServiceBus, against ${STAND_IN}`,
    create: createAzureServiceBusTrigger,
    settings: { queueName: 'orders', connectionString, payload },
  },
  {
    title: `trigger azureEventHubs, against ${STAND_IN}`,
    create: createAzureEventHubsTrigger,
    settings: { hubName: 'orders', connectionString, payload },
  },
];

describe.each(CASES.map((given) => [given.title, given] as const))(
  '%s',
  { timeout: TIMEOUT_MS },
  (_title, { create, settings }) => {
    let azure: TestAzureMessaging;
    let trigger: TriggerKind;
    beforeAll(async () => {
      azure = await startTestAzureMessaging();
      azure.addQueue('orders');
      azure.addHub('orders', 1);
      trigger = create();
    });
    afterAll(async () => {
      await trigger.close?.();
      await azure[Symbol.asyncDispose]();
    });
    const run = (changes: Partial<TriggerCall> = {}, text = azure.connectionString) =>
      runTrigger(trigger, settings, {
        environment: environmentWith({ 'azure/string': text }),
        ...changes,
      });

    test('a payload arrives with the id of the firing and the trace, and a connection that broke is opened anew', async () => {
      expect(await run({ firingId: 'f7' })).toEqual({ kind: 'Done' });
      expect(azure.sent('orders')).toMatchObject([
        {
          body: '{"order":"17"}',
          messageId: 'f7',
          contentType: 'application/json',
          applicationProperties: { 'Diagnostic-Id': TRACEPARENT },
        },
      ]);
      await azure.stop();
      const away: TriggerOutcome = await run({ firingId: 'f8' });
      expect(away.kind).toBe('Failed');
      await azure.start();
      await expect.poll(async () => (await run({ firingId: 'f8' })).kind).toBe('Done');
      expect(azure.sent('orders').at(-1)?.messageId).toBe('f8');
    });

    test('a wrong key is a failed attempt, and a missing Secret refuses the trigger', async () => {
      const wrong = azure.connectionString.replace(
        /SharedAccessKey=[^;]+/,
        'SharedAccessKey=hunter2',
      );
      const refused = await run({}, wrong);
      expect(refused).toMatchObject({
        kind: 'Failed',
        reason: expect.stringContaining('InvalidSignature'),
      });
      const unreadable = await run({}, 'hunter2');
      expect(JSON.stringify([refused, unreadable])).not.toContain('hunter2');
      expect(unreadable.kind).toBe('Failed');
      expect((await runTrigger(trigger, settings)).kind).toBe('Refused');
    });

    test('settings that are wrong are told by field', () => {
      expect(trigger.problems(settings)).toEqual([]);
      const text = trigger.problems({}).join('\n');
      expect(text).toMatch(/queueName|hubName/);
      expect(text).toContain('payload is missing');
      expect(text).toMatch(/connectionString/);
    });
  },
);

test('keys beside a host make a connection string, and a host alone is reached as who the process is', () => {
  const call = { namespace: 'default' } as TriggerCall;
  const { values } = environmentWith({ 'hub/name': 'send', 'hub/key': 's3cret=' });
  const fqdn = 'shop.servicebus.windows.net';
  const keys = {
    sharedAccessKeyName: { name: 'hub', key: 'name' },
    sharedAccessKey: { name: 'hub', key: 'key' },
  };
  expect(azureAccessOf({ fqdn, ...keys }, 'fqdn', { call, values })).toEqual({
    ok: true,
    value: {
      kind: 'ConnectionString',
      text: `Endpoint=sb://${fqdn}/;SharedAccessKeyName=send;SharedAccessKey=s3cret=`,
    },
  });
  expect(azureAccessOf({ fqdn }, 'fqdn', { call, values })).toEqual({
    ok: true,
    value: { kind: 'Identity', host: fqdn },
  });
  expect(azureAccessOf({ fqdn: 'a/b' }, 'fqdn', { call, values }).ok).toBe(false);
});
