// Covers what of the pulsar source needs no broker: the settings' problems, where it runs, the event of a message.
// Leaves out reading (pulsar.integration.test.ts).
import { unwrap } from '@argosy/base';
import { expect, test } from 'vitest';
import { driverRecorder } from '../../testing/driver-recorder.ts';
import { createPulsarDriver } from './driver.ts';
import { pulsarEvent } from './message.ts';

const GOOD = { url: 'pulsar://b1:6650', topics: ['t'] };
const secret = { name: 'pulsar', key: 'x' };

function problemsOf(changes: object): string {
  return createPulsarDriver()
    .problems({ ...GOOD, ...changes })
    .join('; ');
}

test('settings as Argo Events has them are taken', () => {
  expect(problemsOf({ type: 'exclusive', jsonBody: true, metadata: { a: 'b' } })).toBe('');
  expect(problemsOf({ topics: ['t', 'a/b/c', 'non-persistent://a/b/c'], type: 'shared' })).toBe('');
  const tls = { tlsTrustCertsSecret: secret, tlsAllowInsecureConnection: false };
  expect(problemsOf({ ...tls, tlsValidateHostname: true, authTokenSecret: secret })).toBe('');
});

test('settings that are wrong are told by field, with what to do', () => {
  expect(problemsOf({ url: '' })).toContain('url is missing');
  expect(problemsOf({ url: 'b1:6650' })).toContain('url must be an address such as pulsar://');
  expect(problemsOf({ topics: [] })).toContain('topics is missing');
  expect(problemsOf({ topics: ['a/b'] })).toContain('"a/b" is no topic');
  expect(problemsOf({ type: 'failover' })).toContain('type must be either exclusive or shared');
  expect(problemsOf({ authTokenSecret: 'x' })).toContain('authTokenSecret must name a Secret');
});

test('settings that are not built are refused, with what to do instead', () => {
  expect(problemsOf({ authAthenzParams: {} })).toContain('authAthenzParams is not supported here');
  expect(problemsOf({ authAthenzSecret: secret })).toContain('use authTokenSecret');
  expect(problemsOf({ tls: { caCertSecret: secret } })).toContain('use tlsTrustCertsSecret');
});

test('a shared subscription runs on every replica, an exclusive one on one', () => {
  const { runsOn } = createPulsarDriver();
  const placeOf = (settings: object): unknown =>
    typeof runsOn === 'function' ? runsOn(settings) : runsOn;
  expect(placeOf(GOOD)).toBe('OneReplica');
  expect(placeOf({ ...GOOD, type: 'shared' })).toBe('EveryReplica');
});

const MESSAGE = {
  batchIndex: 3,
  key: 'k',
  properties: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  publishTimeMs: Date.parse('2026-03-02T10:04:00.250Z'),
  payload: new TextEncoder().encode('{"a": 1.50}'),
};
const PLACE = { topic: 'persistent://public/default/t', ledgerId: 7n, entryId: 9n };

test('an event has key, publishTime and body, and the trace that came along', () => {
  const { context } = driverRecorder();
  const settings = { jsonBody: true, metadata: { team: 'x' } };
  const event = unwrap(pulsarEvent(MESSAGE, PLACE, { settings, context }));
  expect(JSON.parse(new TextDecoder().decode(event.data))).toEqual({
    key: 'k',
    publishTime: '2026-03-02 10:04:00.25 +0000 UTC',
    body: { a: 1.5 },
    metadata: { team: 'x' },
  });
  expect(event.traceparent).toBe(MESSAGE.properties.traceparent);
});

test('the id is made of the topic and the place in it: ledger, entry, place in the batch', () => {
  const { context } = driverRecorder();
  const scope = { settings: { jsonBody: false, metadata: undefined }, context };
  const idOf = (batchIndex: number, place: object): string | undefined =>
    unwrap(pulsarEvent({ ...MESSAGE, batchIndex }, { ...PLACE, ...place }, scope)).id;
  const ids = [idOf(3, {}), idOf(4, {}), idOf(3, { entryId: 10n }), idOf(3, { topic: 'u' })];
  expect(new Set(ids).size).toBe(4);
  expect(idOf(3, {})).toBe(ids[0]);
});

test('a body is base64 text without jsonBody, and what is not JSON with it is no event', () => {
  const { context } = driverRecorder();
  const scopeOf = (jsonBody: boolean): Parameters<typeof pulsarEvent>[2] => ({
    settings: { jsonBody, metadata: undefined },
    context,
  });
  const message = { ...MESSAGE, payload: new TextEncoder().encode('{"a":') };
  const { data } = unwrap(pulsarEvent(message, PLACE, scopeOf(false)));
  expect(JSON.parse(new TextDecoder().decode(data))).toMatchObject({ body: 'eyJhIjo=' });
  expect(pulsarEvent(message, PLACE, scopeOf(true))).toMatchObject({ ok: false });
});
