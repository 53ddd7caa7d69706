// Covers what is read from the settings of an AMQP source and what its events hold. Leaves out the broker
// (amqp.integration.test.ts).
import { unwrap } from '@argosy/base';
import { expect, test } from 'vitest';
import { driverRecorder } from '../../testing/driver-recorder.ts';
import { createAmqpDriver } from './driver.ts';
import { amqpEvent, type AmqpMessage } from './message.ts';
import { parseAmqpArguments, parseAmqpDeclarations } from './settings.ts';

const SETTINGS = {
  url: 'amqp://broker:5672',
  exchangeName: 'orders',
  exchangeType: 'topic',
  routingKey: 'new.#',
};

function problemsOf(changes: object): string {
  return createAmqpDriver()
    .problems({ ...SETTINGS, ...changes })
    .join('\n');
}

test('settings that are wrong are told by field', () => {
  expect(problemsOf({ url: undefined })).toContain('url is missing');
  expect(problemsOf({ url: 'http://broker' })).toContain('url must be an address');
  expect(problemsOf({ urlSecret: { name: 'a', key: 'b' } })).toContain('only one of url');
  for (const field of ['exchangeName', 'exchangeType', 'routingKey']) {
    expect(problemsOf({ [field]: undefined })).toContain(`${field} is missing`);
  }
  expect(problemsOf({ tls: {} })).toContain('amqps://');
  expect(problemsOf({ auth: { username: { name: 'a', key: 'b' } } })).toContain('auth must name');
  expect(problemsOf({ queueDeclare: 5 })).toContain('queueDeclare must be a map');
  expect(problemsOf({ queueDeclare: { arguments: '- a' } })).toContain('arguments must be YAML');
  expect(problemsOf({ queueDeclare: { arguments: 'a: [' } })).toContain('arguments is no YAML');
  expect(problemsOf({ queueDeclare: { durable: 'yes' } })).toContain('durable must be true');
  expect(problemsOf({ connectionBackoff: { duration: 'soon' } })).toContain('duration');
  expect(problemsOf({ connectionBackoff: { duration: '10s', factor: 0 } })).toContain('factor');
  expect(problemsOf({ connectionBackoff: { duration: 10e9, factor: '2', steps: 5 } })).toBe('');
});

test('an absent block has defaults, and a present one has false for what it leaves out', () => {
  const absent = parseAmqpDeclarations(SETTINGS, []);
  expect([absent.exchange.durable, absent.queue.exclusive, absent.consume.autoAck]).toEqual([
    true,
    true,
    true,
  ]);
  const blocks = { exchangeDeclare: {}, queueDeclare: { name: 'q' }, consume: {} };
  const present = parseAmqpDeclarations({ ...SETTINGS, ...blocks }, []);
  expect([present.exchange.durable, present.queue.exclusive, present.consume.autoAck]).toEqual([
    false,
    false,
    false,
  ]);
});

test('arguments of a queue are YAML', () => {
  expect(unwrap(parseAmqpArguments(''))).toBeUndefined();
  expect(unwrap(parseAmqpArguments('x-queue-type: quorum\nx-expires: 5'))).toEqual({
    'x-queue-type': 'quorum',
    'x-expires': 5,
  });
});

const MESSAGE: AmqpMessage = {
  content: new TextEncoder().encode('{"a":1.0}'),
  fields: { exchange: 'orders', routingKey: 'new.big' },
  properties: {
    contentType: 'application/json',
    messageId: 'm1',
    timestamp: 1_772_445_600,
    deliveryMode: 2,
    headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  },
};

function eventOf(message: AmqpMessage, jsonBody = true) {
  const { context } = driverRecorder();
  return unwrap(amqpEvent(message, { jsonBody, metadata: { team: 'x' } }, context));
}

test('an event has the 13 properties of its message, the body as it was written, and metadata', () => {
  const event = eventOf(MESSAGE);
  const text = new TextDecoder().decode(event.data);
  expect(text).toContain('"body":{"a":1.0}');
  expect(JSON.parse(text)).toEqual({
    contentType: 'application/json',
    contentEncoding: '',
    deliveryMode: 2,
    priority: 0,
    correlationId: '',
    replyTo: '',
    expiration: '',
    messageId: 'm1',
    timestamp: '2026-03-02 10:00:00 +0000 UTC',
    type: '',
    appId: '',
    exchange: 'orders',
    routingKey: 'new.big',
    body: { a: 1 },
    metadata: { team: 'x' },
  });
  expect(event.traceparent).toContain('0af7651916cd43dd8448eb211c80319c');
  const bare = eventOf({ ...MESSAGE, properties: {} }, false);
  expect(JSON.parse(new TextDecoder().decode(bare.data))).toMatchObject({
    timestamp: '0001-01-01 00:00:00 +0000 UTC',
    body: Buffer.from('{"a":1.0}').toString('base64'),
  });
});

test('the id is stable for a message with an id, and a number that is used again is another event', () => {
  const { id } = eventOf(MESSAGE);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(eventOf(MESSAGE).id).toBe(id);
  const other = { ...MESSAGE, content: new TextEncoder().encode('{"a":2}') };
  expect(eventOf(other).id).not.toBe(id);
  expect(eventOf({ ...MESSAGE, properties: {} }).id).toBeUndefined();
});
