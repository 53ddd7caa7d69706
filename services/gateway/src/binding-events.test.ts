// Covers the posting of events for WorkflowEventBindings: what is stored, and who may post. Leaves out what is done
// with them (services/scheduler).
import { createHmac } from 'node:crypto';
import {
  BINDING_EVENTS_FILTER,
  BUCKETS,
  decodeBindingEvent,
  resourceKey,
  STREAMS,
} from '@argosy/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHarness, type Harness } from './testing/harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
});

afterEach(() => harness.stop());

async function stored(): Promise<unknown> {
  let last: unknown;
  for await (const message of harness.bus.read(STREAMS.events, BINDING_EVENTS_FILTER)) {
    last = decodeBindingEvent(message.event.data);
  }
  return last;
}

function postUnsigned(path: string, body: string, headers: Record<string, string> = {}) {
  return fetch(`${harness.gateway.httpAddress}${path}`, { method: 'POST', body, headers });
}

describe('an event that is posted', () => {
  it('is stored with its payload, its discriminator and its x- headers, and answered with nothing', async () => {
    const answer = await harness.fetch('/api/v1/events/team/builds', {
      method: 'POST',
      body: '{"a":[1]}',
      headers: { 'x-argo': 'yes', 'content-type': 'text/plain' },
    });
    expect([answer.status, await answer.text()]).toEqual([200, '{}']);
    expect(await stored()).toEqual({
      namespace: 'team',
      discriminator: 'builds',
      metadata: { 'x-argo': ['yes'] },
      payload: { a: [1] },
    });
  });

  it.each([
    ['"text"', 'text'],
    ['7', 7],
    ['[]', []],
    ['', null],
  ])('may be any JSON: %s', async (body, payload) => {
    const answer = await harness.fetch('/api/v1/events/team', { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect(await stored()).toMatchObject({ discriminator: '', payload });
  });

  it('is refused when it is not JSON, without a token, and when it is too large', async () => {
    const wrong = await harness.fetch('/api/v1/events/team/x', { method: 'POST', body: '{' });
    expect(wrong.status).toBe(400);
    expect((await postUnsigned('/api/v1/events/team/x', '{}')).status).toBe(401);
    const large = JSON.stringify('x'.repeat(3 * 1024 * 1024));
    const refused = await harness.fetch('/api/v1/events/team/x', { method: 'POST', body: large });
    expect(refused.status).toBe(413);
    expect(await stored()).toBeUndefined();
  });
});

describe('the sender of a web hook', () => {
  const body = '{"a":1}';
  const hmac = (algorithm: string): string =>
    `${algorithm}=${createHmac(algorithm, 'sh!').update(body).digest('hex')}`;

  async function declareClients(): Promise<void> {
    const manifest = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'argo-workflows-webhook-clients', namespace: 'team' },
      stringData: Object.fromEntries(
        ['github', 'gitlab', 'bitbucket', 'bitbucketserver'].map((type) => [
          `${type}.example`,
          `type: ${type}\nsecret: "sh!"\n`,
        ]),
      ),
    };
    const bucket = await harness.bus.keyValue(BUCKETS.resources);
    const key = resourceKey('Secret', 'team', 'argo-workflows-webhook-clients');
    await bucket.put(key, new TextEncoder().encode(JSON.stringify(manifest)));
  }

  it.each([
    ['github', { 'x-github-event': 'push', 'x-hub-signature-256': hmac('sha256') }],
    ['github of old', { 'x-github-event': 'push', 'x-hub-signature': hmac('sha1') }],
    ['gitlab', { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': 'sh!' }],
    ['bitbucket', { 'x-event-key': 'repo:push', 'x-hook-uuid': 'sh!' }],
    ['bitbucketserver', { 'x-event-key': 'repo:refs', 'x-hub-signature': hmac('sha256') }],
  ])('%s needs no token when it has signed the event', async (_sender, headers) => {
    await declareClients();
    expect((await postUnsigned('/api/v1/events/team/x', body, headers)).status).toBe(200);
    expect((await postUnsigned('/api/v1/events/other/x', body, headers)).status).toBe(401);
    const wrong = Object.entries(headers).map(([name, value]) => [
      name,
      /signature|token|uuid/.test(name) ? `${value}0` : value,
    ]);
    const forged = Object.fromEntries(wrong) as Record<string, string>;
    expect((await postUnsigned('/api/v1/events/team/x', body, forged)).status).toBe(401);
  });
});
