// Covers what of the pulsar trigger needs no broker: the settings' problems, what parameters may break, secrets that
// are missing, a broker that is away. Leaves out what arrives (pulsar.integration.test.ts).
import { expect, test } from 'vitest';
import { runTrigger } from '../testing/trigger-call.ts';
import { createPulsarTrigger } from './pulsar.ts';

const GOOD = { url: 'pulsar://b1:6650', topic: 't', payload: [['a', '1']] };
const selector = { name: 'pulsar', key: 'x' };

function problemsOf(changes: object): string {
  return createPulsarTrigger()
    .problems({ ...GOOD, ...changes })
    .join('; ');
}

test('settings as Argo Events has them are taken', () => {
  expect(problemsOf({})).toBe('');
  const tls = { tlsTrustCertsSecret: selector, tlsValidateHostname: true };
  expect(problemsOf({ url: 'pulsar+ssl://b1,b2:6651', authTokenSecret: selector, ...tls })).toBe(
    '',
  );
});

test('settings that are wrong are told by field, with what to do', () => {
  expect(problemsOf({ url: '' })).toContain('url is missing');
  expect(problemsOf({ url: 'http://b1' })).toContain('url must be an address such as pulsar://');
  expect(problemsOf({ topic: undefined })).toContain('topic is missing');
  expect(problemsOf({ topic: 'a/b' })).toContain('"a/b" is no topic');
  expect(problemsOf({ payload: undefined })).toContain('payload is missing');
});

test('settings that are not built are refused, with what to do instead', () => {
  expect(problemsOf({ authAthenzParams: {} })).toContain('use authTokenSecret');
  expect(problemsOf({ tls: { caCertSecret: selector } })).toContain('use tlsTrustCertsSecret');
});

test('parameters that break the settings and secrets that are missing are refused, not tried', async () => {
  const trigger = createPulsarTrigger();
  expect(await runTrigger(trigger, { ...GOOD, parameters: [['url', 'b1']] })).toMatchObject({
    kind: 'Refused',
    reason: expect.stringContaining('url must be an address'),
  });
  expect(await runTrigger(trigger, { ...GOOD, authTokenSecret: selector })).toEqual({
    kind: 'Refused',
    reason: 'authTokenSecret: the Secret pulsar has no key x',
  });
});

test('a broker that is away is a failed attempt that names the address', async () => {
  const trigger = createPulsarTrigger();
  const outcome = await runTrigger(trigger, { ...GOOD, url: 'pulsar://127.0.0.1:1' });
  expect(outcome).toMatchObject({ kind: 'Failed', reason: expect.stringContaining('127.0.0.1:1') });
  await trigger.close?.();
});
