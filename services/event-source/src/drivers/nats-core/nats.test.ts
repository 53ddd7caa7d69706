// Covers what needs no server: the settings of nats and jetstream and the data of their events. Leaves out
// the server (the integration tests).
import { unwrap } from '@argosy/base';
import { expect, test } from 'vitest';
import { parseJetStreamSettings } from '../jetstream/settings.ts';
import { natsEvent, natsEventData } from '../nats-message.ts';
import { parseNatsSettings } from './settings.ts';

type Settings = Readonly<Record<string, unknown>>;

function problemsOf(
  settings: Settings,
  parse: (fields: Settings, problems: string[]) => unknown = parseNatsSettings,
): string {
  const problems: string[] = [];
  parse(settings, problems);
  return problems.join('; ');
}

const secret = { name: 's', key: 'k' };
const place = { url: 'nats://h:4222', subject: 'a.b' };

test('settings that are wrong are told by field', () => {
  expect(problemsOf({ subject: 'a' })).toContain('url is missing');
  expect(problemsOf({ url: 'nats://h' })).toContain('subject is missing');
  expect(problemsOf({ ...place, subject: 'a..b' })).toContain('"a..b" is no subject');
  expect(problemsOf({ ...place, subject: 'a.>.b' })).toContain('is no subject');
  expect(problemsOf({ ...place, subject: 'a.*.>' })).toBe('');
  expect(problemsOf({ ...place, queue: '' })).toContain('queue is empty');
  expect(problemsOf({ ...place, auth: {} })).toContain('one of basic, token, nkey, credential');
  expect(problemsOf({ ...place, auth: { basic: { username: secret } } })).toContain('auth.basic');
  expect(problemsOf({ ...place, auth: { token: 'x' } })).toContain('auth.token must name');
  expect(problemsOf({ ...place, connectionBackoff: { factor: 0 } })).toContain('factor');
  const ofStream = (settings: Settings): string =>
    problemsOf({ url: 'nats://h', ...settings }, parseJetStreamSettings);
  expect(ofStream({})).toContain('stream is missing');
  expect(ofStream({ stream: 'a.b' })).toContain('stream must be a name');
  expect(ofStream({ stream: 'S', durable: 'a b' })).toContain('durable must be a name');
  expect(ofStream({ stream: 'S', deliver: 'last' })).toContain('deliver must be new');
  expect(ofStream({ stream: 'S', subject: '>', deliver: 'all' })).toBe('');
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const plain = { isJson: false, metadata: undefined };

test('a body is base64, or with jsonBody the JSON that it is, beside the headers that there are', () => {
  const message = { subject: 'a', data: bytes('{"a":1.0}'), headers: { X: ['1', '2'] } };
  expect(unwrap(natsEventData(message, { isJson: true, metadata: { team: 'x' } }))).toBe(
    '{"subject":"a","header":{"X":["1","2"]},"body":{"a":1.0},"metadata":{"team":"x"}}',
  );
  expect(unwrap(natsEventData({ ...message, headers: undefined }, plain))).toBe(
    '{"subject":"a","body":"eyJhIjoxLjB9"}',
  );
  expect(natsEventData({ ...message, data: bytes('{') }, { ...plain, isJson: true }).ok).toBe(
    false,
  );
});

test('a trace that comes with a message goes on', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const message = { subject: 'a', data: bytes('x'), headers: { traceparent: [traceparent] } };
  expect(unwrap(natsEvent(message, plain)).traceparent).toBe(traceparent);
});
