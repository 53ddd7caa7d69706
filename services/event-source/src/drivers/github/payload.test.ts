// Covers which requests count as signed by GitHub and what becomes of their payloads. Leaves out the driver
// in the service (http/provider.test.ts) and the API (http/provider-hooks.test.ts).
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { HttpRequest } from '../http/endpoint.ts';
import { githubPayload, isSignedByGithub } from './payload.ts';

const SECRET = 'correct horse';
const BODY = '{"action":"opened","id":9007199254740993}';

function request(body: string, headers: Readonly<Record<string, string>> = {}): HttpRequest {
  const all = { 'content-type': 'application/json', 'x-github-event': 'push', ...headers };
  const bytes = new TextEncoder().encode(body);
  return { method: 'POST', path: '/', query: '', headers: Object.entries(all), body: bytes };
}
const sign = (algorithm: string, body = BODY, secret = SECRET): string =>
  `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`;

test.each(['sha1', 'sha256', 'sha512'])('a signature by %s is taken', (algorithm) => {
  const signed = request(BODY, { 'x-hub-signature': sign(algorithm) });
  expect(isSignedByGithub(signed, SECRET)).toBe(true);
});

test.each([
  { name: 'none', headers: {} },
  { name: 'an empty one', headers: { 'x-hub-signature-256': '' } },
  { name: 'one without digits', headers: { 'x-hub-signature-256': 'sha256=' } },
  { name: 'one by another secret', headers: { 'x-hub-signature-256': sign('sha256', BODY, 'x') } },
  { name: 'one of another body', headers: { 'x-hub-signature-256': sign('sha256', '{}') } },
  { name: 'one by md5', headers: { 'x-hub-signature-256': sign('md5') } },
  { name: 'no algorithm', headers: { 'x-hub-signature-256': sign('sha256').slice(7) } },
  {
    name: 'a wrong one of SHA-256 beside a right one of SHA-1',
    headers: { 'x-hub-signature-256': 'sha256=00', 'x-hub-signature': sign('sha1') },
  },
])('$name is no signature', ({ headers }) => {
  expect(isSignedByGithub(request(BODY, headers), SECRET)).toBe(false);
});

test('an empty secret vouches for nothing', () => {
  const signed = request(BODY, { 'x-hub-signature-256': sign('sha256', BODY, '') });
  expect(isSignedByGithub(signed, '')).toBe(false);
});

test('the kind of event and the delivery are put into the body, whose numbers stay as written', () => {
  const payload = githubPayload(request(BODY, { 'x-github-delivery': 'd-1' }));
  expect(payload).toEqual({
    ok: true,
    value:
      '{"action":"opened","id":9007199254740993,' +
      '"X-GitHub-Event":"push","X-GitHub-Delivery":"d-1"}',
  });
});

test('a body cannot bring its own kind of event', () => {
  const payload = githubPayload(request('{"X-GitHub-Event":"forged","a":1}'));
  expect(payload.ok && payload.value).toBe(
    '{"a":1,"X-GitHub-Event":"push","X-GitHub-Delivery":""}',
  );
});

test('an empty object and a form carry a payload', () => {
  const empty = githubPayload(request(' {} '));
  expect(empty.ok && JSON.parse(empty.value)).toMatchObject({ 'X-GitHub-Event': 'push' });
  const form = request(`payload=${encodeURIComponent('{"a":1}')}`, {
    'content-type': 'application/x-www-form-urlencoded',
  });
  const payload = githubPayload(form);
  expect(payload.ok && JSON.parse(payload.value)).toMatchObject({ a: 1 });
});

test.each(['[1]', 'null', '1', '', '{'])('the body %j is refused', (body) => {
  expect(githubPayload(request(body)).ok).toBe(false);
});
