// Covers which Stripe-Signature headers vouch for a body. Leaves out the driver in the service
// (http/provider.test.ts).
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { stripeForgery } from './signature.ts';

const SECRET = 'whsec_test';
const NOW_MS = 1_800_000_000_000;
const NOW = NOW_MS / 1_000;
const body = new TextEncoder().encode('{"id":"evt_1"}');
const mac = (at: number, secret = SECRET): string =>
  createHmac('sha256', secret).update(`${at}.`).update(body).digest('hex');
const forgery = (header: string | undefined): string | undefined =>
  stripeForgery(header, body, { secret: SECRET, nowMs: NOW_MS });

test('a signature of time and body is taken, also as one of several', () => {
  expect(forgery(`t=${NOW},v1=${mac(NOW)}`)).toBeUndefined();
  expect(forgery(`t=${NOW - 299}, v1=00, v1=${mac(NOW - 299)},v0=1`)).toBeUndefined();
});

test.each([
  { name: 'no header', header: undefined, reason: 'the signature is missing' },
  { name: 'no time', header: `v1=${mac(NOW)}`, reason: 'the signature is missing' },
  { name: 'no signature', header: `t=${NOW}`, reason: 'the signature is wrong' },
  {
    name: 'one by another secret',
    header: `t=${NOW},v1=${mac(NOW, 'x')}`,
    reason: 'the signature is wrong',
  },
  {
    name: 'one of another scheme',
    header: `t=${NOW},v0=${mac(NOW)}`,
    reason: 'the signature is wrong',
  },
  {
    name: 'an old one',
    header: `t=${NOW - 301},v1=${mac(NOW - 301)}`,
    reason: 'the signature is too old',
  },
  {
    name: 'an old one with a new time',
    header: `t=${NOW},v1=${mac(NOW - 301)}`,
    reason: 'the signature is wrong',
  },
])('$name is refused', ({ header, reason }) => {
  expect(forgery(header)).toBe(reason);
});
