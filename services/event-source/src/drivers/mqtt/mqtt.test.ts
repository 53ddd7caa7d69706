// Covers what needs no broker: the settings of mqtt and emitter and the data of their events. Leaves out the
// broker (the integration tests).
import { unwrap } from '@argosy/base';
import { expect, test } from 'vitest';
import { parseEmitterSettings } from '../emitter/settings.ts';
import { mqttEventData } from './message.ts';
import { parseMqttSettings } from './settings.ts';

type Settings = Readonly<Record<string, unknown>>;

function problemsOf(
  settings: Settings,
  parse: (fields: Settings, problems: string[]) => unknown = parseMqttSettings,
): string {
  const problems: string[] = [];
  parse(settings, problems);
  return problems.join('; ');
}

test('settings that are wrong are told by field', () => {
  const right = { url: 'tcp://h:1883', topic: 'a/+/#', clientId: 'c' };
  expect(problemsOf(right)).toBe('');
  expect(problemsOf({})).toMatch(/topic is missing.*clientId is missing.*url is missing/);
  expect(problemsOf({ ...right, url: 'h:1883' })).toContain('url must begin with');
  expect(problemsOf({ ...right, topic: 'a/#/b' })).toContain('is no topic');
  expect(problemsOf({ ...right, qos: 2 })).toContain('qos must be 0 or 1');
  expect(problemsOf({ ...right, auth: { username: 'x' } })).toContain('username must name');
  const emitter = { broker: 'tcp://h:8080', channelName: 'a', channelKey: 'k' };
  expect(problemsOf(emitter, parseEmitterSettings)).toBe('');
  expect(problemsOf({ broker: 'tcp://h' }, parseEmitterSettings)).toMatch(
    /channelName is missing.*channelKey is missing/,
  );
  expect(problemsOf({ ...emitter, channelKey: { name: 'x' } }, parseEmitterSettings)).toContain(
    'channelKey must name',
  );
});

test('a body is base64, or with jsonBody the JSON that it is', () => {
  const payload = new TextEncoder().encode('{"a":1.0}');
  const message = { topic: 'a/b', messageId: 7, payload };
  expect(unwrap(mqttEventData(message, { isJson: true, metadata: { team: 'x' } }))).toBe(
    '{"topic":"a/b","messageId":7,"body":{"a":1.0},"metadata":{"team":"x"}}',
  );
  const plain = { isJson: false, metadata: undefined };
  expect(unwrap(mqttEventData({ ...message, messageId: undefined }, plain))).toBe(
    '{"topic":"a/b","body":"eyJhIjoxLjB9"}',
  );
});
