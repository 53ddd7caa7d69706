// Covers which requests count as made by Slack just now, and how events, interactions and commands are read.
// Leaves out the driver in the service (http/provider.test.ts).
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../http/endpoint.ts';
import { slackForgery, slackMessage } from './message.ts';

const SECRET = 'signing secret';
const NOW_MS = 1_800_000_000_000;
const NOW_SECONDS = NOW_MS / 1_000;

function request(body: string, headers: Readonly<Record<string, string>> = {}): HttpRequest {
  const bytes = new TextEncoder().encode(body);
  return { method: 'POST', path: '/', query: '', headers: Object.entries(headers), body: bytes };
}
function signed(body: string, atSeconds: number | string, secret = SECRET): HttpRequest {
  const mac = createHmac('sha256', secret).update(`v0:${atSeconds}:${body}`).digest('hex');
  return request(body, {
    'x-slack-request-timestamp': String(atSeconds),
    'x-slack-signature': `v0=${mac}`,
  });
}

describe('source slack, against requests as its maker documents them', () => {
  test('a signature of now and of up to five minutes to either side is taken', () => {
    for (const offset of [0, -300, 300]) {
      expect(slackForgery(signed('{}', NOW_SECONDS + offset), SECRET, NOW_MS)).toBeUndefined();
    }
  });

  test.each([
    { name: 'too old', forged: signed('{}', NOW_SECONDS - 301), reason: 'the request is too old' },
    {
      name: 'of the future',
      forged: signed('{}', NOW_SECONDS + 301),
      reason: 'the request is too old',
    },
    {
      name: 'by another secret',
      forged: signed('{}', NOW_SECONDS, 'x'),
      reason: 'the signature is wrong',
    },
    { name: 'without a time', forged: request('{}'), reason: expect.stringContaining('missing') },
    { name: 'of no time', forged: signed('{}', 'NaN'), reason: expect.stringContaining('missing') },
  ])('a request $name is a forgery', ({ forged, reason }) => {
    expect(slackForgery(forged, SECRET, NOW_MS)).toEqual(reason);
  });

  test('a signature with its time changed is a forgery', () => {
    const old = signed('{}', NOW_SECONDS - 10_000);
    const headers = old.headers.map(([name, value]): readonly [string, string] =>
      name === 'x-slack-request-timestamp' ? [name, String(NOW_SECONDS)] : [name, value],
    );
    expect(slackForgery({ ...old, headers }, SECRET, NOW_MS)).toBe('the signature is wrong');
  });

  test('the inner event is the data, with fields that nobody knows', () => {
    const body = JSON.stringify({
      type: 'event_callback',
      token: 't',
      event_id: 'Ev1',
      event: { type: 'something_new', a: { b: [1] } },
    });
    const message = slackMessage(request(body));
    expect(message).toEqual({
      ok: true,
      value: {
        kind: 'Event',
        token: 't',
        data: '{"type":"something_new","a":{"b":[1]}}',
        deliveryKey: 'Ev1',
      },
    });
  });

  test('an interaction is the payload of its form', () => {
    const payload = '{"type":"block_actions","token":"t"}';
    const message = slackMessage(
      request(`payload=${encodeURIComponent(payload)}`, {
        'content-type': 'application/x-www-form-urlencoded',
      }),
    );
    expect(message).toEqual({ ok: true, value: { kind: 'Event', token: 't', data: payload } });
  });

  test.each(['', 'x', '[]', '{"type":"other"}', '{"type":"event_callback","event":1}'])(
    'the body %j is no message',
    (body) => {
      expect(slackMessage(request(body)).ok).toBe(false);
    },
  );
});
