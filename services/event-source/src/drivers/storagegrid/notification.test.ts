// Covers how a notification of StorageGRID is read. Leaves out the driver in the service
// (http/provider.test.ts).
import { expect, test } from 'vitest';
import { passesObjectKeyFilter, storageGridNotification } from './notification.ts';

const encode = (form: Readonly<Record<string, string>>): Uint8Array =>
  new TextEncoder().encode(new URLSearchParams(form).toString());

test('the form is a notification whose first record says what it is about', () => {
  const record = {
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: 'b' }, object: { key: 'a+b%2Fc.txt', sequencer: '1' } },
  };
  const message = { Records: [record] };
  const form = {
    Action: 'Publish',
    Message: JSON.stringify(message),
    TopicArn: 'arn',
    Version: 'v',
  };
  const notification = storageGridNotification(encode(form));
  expect(notification).toMatchObject({
    ok: true,
    value: {
      eventName: 'ObjectCreated:Put',
      objectKey: 'a b/c.txt',
      data: { Action: 'Publish', Message: message, TopicArn: 'arn', Version: 'v' },
    },
  });
  expect(notification.ok && notification.value.deliveryKey).toContain('"1"');
});

test.each([{}, { Message: 'x' }, { Message: '[]' }, { Message: '{"Records":[]}' }])(
  'the form %j is refused',
  (form) => {
    expect(storageGridNotification(encode(form as Record<string, string>)).ok).toBe(false);
  },
);

test('a key must have the prefix and the suffix', () => {
  const filter = { prefix: 'a/', suffix: '.txt' };
  const keys = ['a/b.txt', 'b.txt', 'a/b'];
  expect(keys.map((key) => passesObjectKeyFilter(key, filter))).toEqual([true, false, false]);
  expect(passesObjectKeyFilter('x', undefined)).toBe(true);
});
