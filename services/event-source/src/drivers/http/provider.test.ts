// Covers what the providers' drivers do with requests through the whole service: secrets that are missing or
// arrive later, deliveries told apart, pushes to Bitbucket, notifications of StorageGRID. Leaves out the
// rules of signatures (beside each driver), hooks (provider-hooks.test.ts) and hostile requests.
import { createHmac } from 'node:crypto';
import { eventually, freePort } from '@argosy/testkit';
import { describe, expect, test } from 'vitest';
import { dataOf, startHarness, type Harness } from '../../testing/harness.ts';
import { startStandIn } from './testing/stand-in.ts';

const WITHIN = { timeoutMs: 8_000 };
const SECRET = { name: 'sign', key: 'secret' };

interface Source extends AsyncDisposable {
  readonly harness: Harness;
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

async function sourceOf(kind: string, settings: object): Promise<Source> {
  const port = await freePort();
  const harness = await startHarness();
  const event = { ...settings, webhook: { port: String(port), endpoint: '/hook' } };
  await harness.apply('EventSource', 'code', { spec: { [kind]: { push: event } } });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => expect((await fetch(`${url}/health`)).ok).toBe(true), WITHIN);
  return {
    harness,
    post: (body, headers = {}) =>
      fetch(`${url}/hook`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      }),
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
}

const signature = (body: string): string =>
  `sha256=${createHmac('sha256', 'correct horse').update(body).digest('hex')}`;

test.each([
  { kind: 'github', header: 'x-hub-signature-256', settings: { organizations: ['o'] } },
  {
    kind: 'bitbucketserver',
    header: 'x-hub-signature',
    settings: { bitbucketserverBaseURL: 'http://bitbucket.test' },
  },
  { kind: 'bitbucket', header: 'x-hub-signature', settings: { events: ['repo:push'] } },
])(
  '$kind: all is refused while the secret is missing or empty',
  async ({ kind, header, settings }) => {
    await using source = await sourceOf(kind, { ...settings, webhookSecret: SECRET });
    const { harness, post } = source;
    const send = async (): Promise<number> => {
      return (await post('{}', { [header]: signature('{}') })).status;
    };
    expect(await send()).toBe(500);
    expect(await harness.condition('code', 'Deployed')).toContain(
      'the secret sign has no key secret',
    );
    await harness.apply('Secret', 'sign', { stringData: { secret: '' } });
    expect(await send()).toBe(500);
    await harness.apply('Secret', 'sign', { stringData: { secret: 'correct horse' } });
    await eventually(async () => expect(await send()).toBe(200), WITHIN);
    expect((await post('{}')).status).toBe(400);
    expect((await harness.events()).length).toBe(1);
  },
);

describe('source github, against requests as its maker documents them', () => {
  test('a delivery that GitHub repeats is stored once, another one again', async () => {
    await using source = await sourceOf('github', {
      organizations: ['o'],
      metadata: { team: 'x' },
    });
    for (const delivery of ['a', 'a', 'b']) {
      const headers = { 'x-github-delivery': delivery, 'x-github-event': 'push' };
      expect((await source.post('{"n":1}', headers)).status).toBe(200);
    }
    const events = await source.harness.events();
    expect(events.length).toBe(2);
    expect(events[0]?.event.type).toBe('github');
    expect(dataOf(events[0])).toMatchObject({
      headers: { 'X-Github-Event': ['push'] },
      body: { n: 1, 'X-GitHub-Event': 'push', 'X-GitHub-Delivery': 'a' },
      metadata: { team: 'x' },
    });
  });
});

test('bitbucketserver: updates of branches with an open pull request are left out when asked', async () => {
  await using provider = await startStandIn();
  await using source = await sourceOf('bitbucketserver', {
    bitbucketserverBaseURL: provider.url,
    accessToken: SECRET,
    skipBranchRefsChangedOnOpenPR: true,
    oneEventPerChange: true,
    events: ['repo:refs_changed'],
  });
  await source.harness.apply('Secret', 'sign', { stringData: { secret: 'token' } });
  const change = (id: string, type: string): object => ({ ref: { id, type }, type: 'UPDATE' });
  const push = (...changes: readonly object[]): string =>
    JSON.stringify({
      eventKey: 'repo:refs_changed',
      repository: { slug: 'r', project: { key: 'P' } },
      changes,
    });
  const [main, tag] = [change('refs/heads/main', 'BRANCH'), change('refs/tags/v1', 'TAG')];
  await eventually(async () => expect((await source.post(push(main))).status).toBe(200), WITHIN);
  provider.put('/rest/api/1.0/projects/P/repos/r/pull-requests', { state: 'OPEN' });
  expect((await source.post(push(main, tag))).status).toBe(200);
  expect((await source.post(push(main))).status).toBe(200);
  const bodies = (await source.harness.events()).map((event) => dataOf(event)['body']);
  expect(bodies).toMatchObject([{ changes: [main] }, { changes: [tag] }]);
});

describe('source storageGrid, against requests as its maker documents them', () => {
  test('what passes the filter is stored once, the answer is that of SNS', async () => {
    await using source = await sourceOf('storageGrid', {
      filter: { prefix: 'in/', suffix: '.txt' },
    });
    const notification = (key: string): string => {
      const record = { eventName: 'ObjectCreated:Put', s3: { object: { key, sequencer: '1' } } };
      return new URLSearchParams({ Message: JSON.stringify({ Records: [record] }) }).toString();
    };
    for (const key of ['in/a.txt', 'in/a.txt', 'out/a.txt']) {
      const answer = await source.post(notification(key));
      expect([answer.status, await answer.text()]).toEqual([
        200,
        expect.stringContaining('<PublishResponse>'),
      ]);
    }
    expect((await source.post('nothing')).status).toBe(400);
    expect((await source.harness.events()).length).toBe(1);
  });
});

test('sns: another topic, a certificate from elsewhere and an unknown type are refused', async () => {
  const topicArn = 'arn:aws:sns:us-east-1:1:t';
  await using source = await sourceOf('sns', {
    topicArn,
    region: 'us-east-1',
    validateSignature: true,
  });
  const message = { Type: 'Notification', TopicArn: topicArn, SignatureVersion: '1' };
  const answers = [
    { ...message, TopicArn: 'arn:aws:sns:us-east-1:1:other' },
    { ...message, SigningCertURL: 'http://127.0.0.1/c.pem' },
    { ...message, SigningCertURL: 'https://evil.example/sns.us-east-1.amazonaws.com/c.pem' },
    message,
  ].map(async (body) => (await source.post(JSON.stringify(body))).text());
  expect(await Promise.all(answers)).toEqual([
    'the topic is another one',
    'SigningCertURL is not an address of SNS',
    'SigningCertURL is not an address of SNS',
    'SigningCertURL is not an address of SNS',
  ]);
  expect(await source.harness.events()).toEqual([]);
});

test('settings that are wrong are told in the status by field', async () => {
  await using harness = await startHarness();
  await harness.apply('EventSource', 'code', {
    spec: {
      slack: { s: { webhook: { port: 'x', endpoint: '/s' } } },
      stripe: { p: { webhook: { port: '1', endpoint: '/p' }, createWebhook: true } },
      sns: { n: { webhook: { port: '2', endpoint: '/n' }, roleARN: 'r' } },
    },
  });
  await eventually(async () => {
    const message = await harness.condition('code', 'SourcesProvided');
    expect(message).toContain('spec.slack.s: webhook.port must be a number from 1 to 65535');
    expect(message).toContain('spec.slack.s: signingSecret is missing');
    expect(message).toContain('spec.stripe.p: createWebhook needs apiKey and webhook.url');
    expect(message).toContain('spec.sns.n: roleARN is not supported here');
  }, WITHIN);
});
