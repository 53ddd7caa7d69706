// Covers what needs no server: the settings of redis and redisStream, the data of their events, and what is
// held for a bus that is away (arrivals). Leaves out the server (the integration tests).
import { ArgosyError, err, ok, unwrap } from '@argosy/base';
import { eventually } from '@argosy/testkit';
import { expect, test } from 'vitest';
import { driverRecorder, emittedData } from '../../testing/driver-recorder.ts';
import { createArrivals } from '../arrivals.ts';
import { entryValues, redisStreamEventData } from '../redis-stream/entry.ts';
import { parseRedisStreamSettings } from '../redis-stream/settings.ts';
import { createTrouble } from '../trouble.ts';
import { redisEventData } from './message.ts';
import { parseRedisSettings } from './settings.ts';

type Settings = Readonly<Record<string, unknown>>;

function problemsOf(
  settings: Settings,
  parse: (settings: Settings, problems: string[]) => unknown = parseRedisSettings,
): string {
  const problems: string[] = [];
  parse(settings, problems);
  return problems.join('; ');
}

test('settings that are wrong are told by field', () => {
  expect(problemsOf({ channels: ['a'] })).toContain('hostAddress is missing');
  expect(problemsOf({ hostAddress: 'redis://h:1', channels: ['a'] })).toContain('HOST:PORT');
  expect(problemsOf({ hostAddress: 'h:1' })).toContain('channels is missing');
  expect(problemsOf({ hostAddress: 'h:1', channels: 'a' })).toBe(
    'channels must be a list of texts',
  );
  expect(problemsOf({ hostAddress: 'h', channels: ['a'], db: -1 })).toContain('db must be');
  expect(problemsOf({ hostAddress: 'h', channels: ['a'], password: 'x' })).toContain('{name, key}');
  const streamProblems = (settings: Settings): string =>
    problemsOf({ hostAddress: 'h:1', ...settings }, parseRedisStreamSettings);
  expect(streamProblems({})).toContain('streams is missing');
  expect(streamProblems({ streams: ['a', 'a'] })).toContain('twice');
  expect(streamProblems({ streams: ['a'], maxMsgCountPerRead: 5_000 })).toContain('at most 1000');
});

test('an address without a port is that of the usual port, and patterns do without channels', () => {
  const parsed = parseRedisSettings({ hostAddress: '[::1]', patterns: ['a*'] }, []);
  expect(parsed.server).toMatchObject({ host: '::1', port: 6_379, db: 0 });
  const stream = parseRedisStreamSettings({ hostAddress: 'h', streams: ['a'] }, []);
  expect(stream).toMatchObject({ consumerGroup: 'argo-events-cg', entriesMax: 10 });
});

test('a payload is text, or with jsonBody the JSON that it is', () => {
  const message = { channel: 'c', pattern: '', payload: '{"a":1.0}' };
  const text = unwrap(redisEventData(message, { isJson: false, metadata: { team: 'x' } }));
  expect(JSON.parse(text)).toEqual({
    channel: 'c',
    pattern: '',
    body: '{"a":1.0}',
    metadata: { team: 'x' },
  });
  const json = unwrap(redisEventData(message, { isJson: true, metadata: undefined }));
  expect(json).toBe('{"channel":"c","pattern":"","body":{"a":1.0}}');
  const bad = redisEventData({ ...message, payload: '{' }, { isJson: true, metadata: undefined });
  expect(bad.ok).toBe(false);
});

test('the values of an entry are texts by field', () => {
  const values = entryValues(['k', 'v', '__proto__', 'w', 'k', 'last']);
  const data = redisStreamEventData({ stream: 'S', id: '1-0', values }, undefined);
  expect(data).toBe('{"stream":"S","message_id":"1-0","values":{"k":"last","__proto__":"w"}}');
});

const event = (n: number): { data: Uint8Array } => ({
  data: new TextEncoder().encode(JSON.stringify({ n })),
});

test('what comes while the bus is away is held and stored in its order', async () => {
  const recorder = driverRecorder();
  const trouble = createTrouble(recorder.context);
  const arrivals = createArrivals({ context: recorder.context, trouble });
  recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
  for (let n = 0; n < 5; n += 1) arrivals.push(ok(event(n)));
  arrivals.push(err('it is not JSON'));
  await eventually(() => trouble.health().kind === 'Failing');
  recorder.failure = undefined;
  await eventually(() => recorder.emitted.length === 5);
  expect(emittedData(recorder)).toEqual([0, 1, 2, 3, 4].map((n) => ({ n })));
  expect([recorder.refusals, trouble.health().kind]).toEqual([1, 'Healthy']);
  await arrivals.finish();
});

test('beyond 10,000 messages the newest are dropped, and the health says so until there is room', async () => {
  const recorder = driverRecorder();
  const trouble = createTrouble(recorder.context);
  const arrivals = createArrivals({ context: recorder.context, trouble });
  recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
  for (let n = 0; n < 10_002; n += 1) arrivals.push(ok(event(n)));
  expect(recorder.refusals).toBe(2);
  expect(JSON.stringify(trouble.health())).toContain('faster than they are stored');
  recorder.failure = undefined;
  await eventually(() => recorder.emitted.length === 10_000);
  await eventually(() => trouble.health().kind === 'Healthy');
  await arrivals.finish();
});

test('a stop stores what is held, and counts as lost what the bus does not take then', async () => {
  const recorder = driverRecorder();
  const trouble = createTrouble(recorder.context);
  const held = createArrivals({ context: recorder.context, trouble });
  for (let n = 0; n < 3; n += 1) held.push(ok(event(n)));
  await held.finish();
  expect(recorder.emitted.length).toBe(3);
  const away = createArrivals({ context: recorder.context, trouble });
  recorder.failure = new ArgosyError('UNAVAILABLE', 'the bus is away');
  for (let n = 0; n < 3; n += 1) away.push(ok(event(n)));
  await away.finish();
  expect([recorder.emitted.length, recorder.refusals]).toEqual([3, 3]);
});
