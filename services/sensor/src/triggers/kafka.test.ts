// Covers what of the Kafka trigger needs no broker: the settings' problems, what parameters may break, secrets
// that are missing, a broker that is away. Leaves out what arrives (kafka.integration.test.ts).
import { expect, test } from 'vitest';
import { environmentWith, runTrigger } from '../testing/trigger-call.ts';
import { createKafkaTrigger } from './kafka.ts';

const GOOD = { url: 'b1:9092,b2:9092', topic: 't', payload: [['a', '1']] };
const selector = { name: 'kafka', key: 'x' };

function problemsOf(changes: object): string {
  return createKafkaTrigger()
    .problems({ ...GOOD, ...changes })
    .join('; ');
}

test('settings as Argo Events has them are taken', () => {
  expect(problemsOf({})).toBe('');
  const sasl = { mechanism: 'SCRAM-SHA-512', userSecret: selector, passwordSecret: selector };
  expect(problemsOf({ sasl, tls: { caCertSecret: selector }, compress: true })).toBe('');
  expect(
    problemsOf({ requiredAcks: -1, partition: 0, partitioningKey: 'k', version: '1.0.0' }),
  ).toBe('');
});

test('settings that are wrong are told by field, with what to do', () => {
  expect(problemsOf({ url: '' })).toContain('url is missing');
  expect(problemsOf({ url: 'kafka://b1' })).toContain('without a scheme');
  expect(problemsOf({ topic: undefined })).toContain('topic is missing');
  expect(problemsOf({ payload: undefined })).toContain('payload is missing');
  expect(problemsOf({ partition: -1 })).toContain('partition must be a number');
  expect(problemsOf({ requiredAcks: 2 })).toContain('requiredAcks must be 1');
  expect(problemsOf({ headers: 'a: b' })).toContain('headers must be a map');
  expect(problemsOf({ sasl: 'PLAIN' })).toContain('sasl must be a map');
});

test('settings that are not built are refused, with what to do instead', () => {
  expect(problemsOf({ schemaRegistry: { url: 'x' } })).toContain('schemaRegistry is not supported');
  expect(problemsOf({ sasl: { mechanism: 'GSSAPI' } })).toContain('use PLAIN, SCRAM-SHA-256');
});

test('parameters that break the settings and secrets that are missing are refused, not tried', async () => {
  const trigger = createKafkaTrigger();
  const parameters = [['partition', 'none']];
  expect(await runTrigger(trigger, { ...GOOD, parameters })).toMatchObject({
    kind: 'Refused',
    reason: expect.stringContaining('partition must be a number'),
  });
  const sasl = { userSecret: selector, passwordSecret: { name: 'kafka', key: 'y' } };
  const environment = environmentWith({ 'kafka/x': 'alice' });
  expect(await runTrigger(trigger, { ...GOOD, sasl }, { environment })).toEqual({
    kind: 'Refused',
    reason: 'sasl.passwordSecret: the Secret kafka has no key y',
  });
});

test('a broker that is away is a failed attempt that names the address', async () => {
  const trigger = createKafkaTrigger();
  const outcome = await runTrigger(trigger, { ...GOOD, url: '127.0.0.1:1' });
  expect(outcome).toMatchObject({ kind: 'Failed', reason: expect.stringContaining('127.0.0.1:1') });
  await trigger.close?.();
});
