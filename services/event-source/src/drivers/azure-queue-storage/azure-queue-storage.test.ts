// Covers what is read from the settings of an Azure Queue Storage source and what its events hold. Leaves out
// the service (azure-queue-storage.integration.test.ts).
import { unwrap } from '@argosy/base';
import { expect, test } from 'vitest';
import { driverRecorder } from '../../testing/driver-recorder.ts';
import { azureReason, fromConnectionString } from '../azure-account.ts';
import { createAzureQueueStorageDriver } from './driver.ts';
import { azureQueueEvent } from './message.ts';
import { parseAzureQueueStorageSettings } from './settings.ts';

const SETTINGS = { queueName: 'orders', connectionString: { name: 'azure', key: 'string' } };

function problemsOf(changes: object): string {
  return createAzureQueueStorageDriver()
    .problems({ ...SETTINGS, ...changes })
    .join('\n');
}

test('settings that are wrong are told by field', () => {
  expect(problemsOf({})).toBe('');
  expect(problemsOf({ queueName: '' })).toContain('queueName is missing');
  expect(problemsOf({ connectionString: undefined })).toContain('set storageAccountName');
  expect(problemsOf({ connectionString: 'x' })).toContain('connectionString must name a Secret');
  expect(problemsOf({ waitTimeInSeconds: -1 })).toContain('waitTimeInSeconds must be a number');
  expect(problemsOf({ dlq: 'yes' })).toContain('dlq must be true or false');
  const byName = { connectionString: undefined, storageAccountName: 'shop' };
  expect(problemsOf(byName)).toBe('');
  expect(problemsOf({ ...byName, storageAccountName: 'evil.example/' })).toContain(
    'without a scheme',
  );
});

test('a connection string that cannot be read is told without its text', () => {
  const make = (): never => {
    throw new Error('AccountKey=hunter2 is wrong');
  };
  expect(() => fromConnectionString(make)).toThrow(/^((?!hunter2).)*$/);
});

test('of what a client threw one line is told, with its code', () => {
  const error = Object.assign(new Error('Not there.\nRequestId: 1'), { code: 'QueueNotFound' });
  expect(azureReason(error)).toBe('QueueNotFound: Not there.');
  expect(azureReason('no')).toBe('no');
});

function eventOf(messageText: string, changes: object = {}) {
  const { context } = driverRecorder();
  const settings = parseAzureQueueStorageSettings({ ...SETTINGS, ...changes }, []);
  const insertedOn = new Date('2026-03-02T10:00:00Z');
  return azureQueueEvent({ messageId: 'm1', insertedOn, messageText }, settings, context);
}

function dataOf(messageText: string, changes: object = {}): unknown {
  const { data } = unwrap(eventOf(messageText, changes));
  return JSON.parse(new TextDecoder().decode(data));
}

test('an event has the id and time of its message, and the body in base64 or as JSON', () => {
  expect(dataOf('hi', { metadata: { team: 'x' } })).toEqual({
    body: 'aGk=',
    messageID: 'm1',
    insertionTime: '2026-03-02T10:00:00Z',
    metadata: { team: 'x' },
  });
  expect(dataOf('{"a":1}', { jsonBody: true })).toMatchObject({ body: { a: 1 } });
  expect(eventOf('{', { jsonBody: true }).ok).toBe(false);
  expect(unwrap(eventOf('hi')).id).toMatch(/^[0-9a-f]{32}$/);
});

test('decodeMessage takes both alphabets of base64 and nothing else', () => {
  const changes = { decodeMessage: true, jsonBody: true };
  const text = '{"a":"?>~ü"}';
  for (const alphabet of ['base64', 'base64url'] as const) {
    const encoded = Buffer.from(text).toString(alphabet);
    const padded = encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=');
    expect(dataOf(padded, changes)).toMatchObject({ body: { a: '?>~ü' } });
  }
  for (const wrong of ['{"a":1}', 'aGk', '+A_=']) {
    expect(eventOf(wrong, changes)).toMatchObject({ ok: false });
  }
});
