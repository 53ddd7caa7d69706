// Covers what is read from the settings of an Azure Service Bus source, what its events hold, and which locks
// are renewed. Leaves out the service (azure-service-bus.integration.test.ts).
import { unwrap } from '@argosy/base';
import { eventually } from '@argosy/testkit';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { expect, test } from 'vitest';
import { driverRecorder } from '../../testing/driver-recorder.ts';
import { createAzureServiceBusDriver } from './driver.ts';
import { createHeldLocks } from './locks.ts';
import { serviceBusEvent } from './message.ts';

const ACCOUNT = { connectionString: { name: 'azure', key: 'string' } };

function problemsOf(settings: object): string {
  return createAzureServiceBusDriver()
    .problems({ ...ACCOUNT, ...settings })
    .join('\n');
}

test('settings that are wrong are told by field', () => {
  expect(problemsOf({ queueName: 'q', deferDelete: true })).toBe('');
  expect(problemsOf({ topicName: 't', subscriptionName: 's' })).toBe('');
  expect(problemsOf({})).toContain('queueName is missing');
  expect(problemsOf({ topicName: 't' })).toContain('subscriptionName is missing');
  expect(problemsOf({ subscriptionName: 's' })).toContain('topicName is missing');
  expect(problemsOf({ queueName: 'q', topicName: 't' })).toContain('only one of queueName');
  expect(problemsOf({ queueName: 'q', tls: {} })).toContain('tls is not supported here');
  const byName = { queueName: 'q', connectionString: undefined };
  expect(problemsOf(byName)).toContain('or set fullyQualifiedNamespace');
  const fullyQualifiedNamespace = 'shop.servicebus.windows.net';
  expect(problemsOf({ ...byName, fullyQualifiedNamespace })).toBe('');
});

test('an event has what Argo Events takes from a message, with null for what is not set', () => {
  const { context } = driverRecorder();
  const settings = {
    jsonBody: false,
    metadata: undefined,
    entity: { kind: 'Queue', queue: 'q' },
  } as const;
  const message = {
    body: Buffer.from('hi'),
    applicationProperties: {
      bytes: Buffer.from([1]),
      at: new Date('2026-03-02T10:00:00.120Z'),
      'Diagnostic-Id': '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    },
    enqueuedTimeUtc: new Date('2026-03-02T10:00:00.500Z'),
    sequenceNumber: { toString: () => '9007199254740993' },
  };
  const event = unwrap(serviceBusEvent(message, settings, context));
  const text = new TextDecoder().decode(event.data);
  // It does not fit into a number of JavaScript.
  expect(text).toContain('"sequenceNumber":9007199254740993');
  expect(JSON.parse(text)).toMatchObject({
    applicationProperties: { bytes: 'AQ==', at: '2026-03-02T10:00:00.12Z' },
    body: 'aGk=',
    contentType: null,
    correlationID: null,
    enqueuedTime: '2026-03-02T10:00:00.5Z',
    messageID: '',
    replyTo: null,
    subject: null,
  });
  expect(event.traceparent).toContain('0af7651916cd43dd8448eb211c80319c');
  expect(unwrap(serviceBusEvent(message, settings, context)).id).toBe(event.id);
  const next = { ...message, sequenceNumber: { toString: () => '9007199254740994' } };
  expect(unwrap(serviceBusEvent(next, settings, context)).id).not.toBe(event.id);
  const value = unwrap(
    serviceBusEvent({ body: { a: 1 } }, { ...settings, jsonBody: true }, context),
  );
  expect(new TextDecoder().decode(value.data)).toContain('"body":{"a":1}');
});

test('a lock is renewed while its message is in hand, and no longer', async () => {
  const renewed: string[] = [];
  const messageOf = (messageId: string, leftMs: number): ServiceBusReceivedMessage =>
    ({
      messageId,
      lockedUntilUtc: new Date(Date.now() + leftMs),
    }) as ServiceBusReceivedMessage;
  const receiver = {
    renewMessageLock(message: ServiceBusReceivedMessage) {
      renewed.push(String(message.messageId));
      message.lockedUntilUtc = new Date(Date.now() + 60_000);
      return Promise.resolve(message.lockedUntilUtc);
    },
  };
  const locks = createHeldLocks(receiver, () => undefined, 5);
  const [short, long, gone] = [
    messageOf('short', 1_000),
    messageOf('long', 60_000),
    messageOf('gone', 1),
  ];
  for (const message of [short, long, gone]) locks.hold(message);
  locks.letGo(gone);
  await eventually(() => renewed.length > 0);
  short.lockedUntilUtc = new Date();
  await eventually(() => renewed.length > 1);
  locks.stop();
  expect(renewed).toEqual(['short', 'short']);
});
