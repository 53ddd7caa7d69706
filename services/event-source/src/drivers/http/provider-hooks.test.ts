// Covers the hooks that are set up at GitHub, GitLab, both Bitbuckets, Gerrit and Stripe, against a stand-in
// for their APIs on a real socket: created once, by several replicas too, updated, deleted when the event is
// removed and not when the service stops, trouble told in the status. Leaves out the providers themselves.
import { generateKeyPairSync, verify } from 'node:crypto';
import { eventually, freePort } from '@argosy/testkit';
import { createMemoryBus } from '@argosy/bus';
import { describe, expect, test } from 'vitest';
import { startHarness, type Harness } from '../../testing/harness.ts';
import { startStandIn } from './testing/stand-in.ts';

const WITHIN = { timeoutMs: 8_000 };
const HOOK_URL = 'https://hooks.example.com/base/hook';
const secretRef = (key: string): object => ({ name: 'provider', key });

/** Per kind: settings, the place of its hooks in the API, and what a hook must say. */
const KINDS = [
  {
    kind: 'github',
    settings: (url: string): object => ({
      githubBaseURL: `${url}/`,
      apiToken: secretRef('token'),
      webhookSecret: secretRef('hook'),
      repositories: [{ owner: 'o', names: ['r'] }],
      events: ['push'],
    }),
    place: '/repos/o/r/hooks',
    login: ['authorization', 'Bearer t0ken'],
    hook: {
      name: 'web',
      active: true,
      events: ['push'],
      config: { url: HOOK_URL, content_type: 'json', insecure_ssl: '0', secret: 'h00k' },
    },
  },
  {
    kind: 'gitlab',
    settings: (url: string): object => ({
      gitlabBaseURL: url,
      accessToken: secretRef('token'),
      secretToken: secretRef('hook'),
      projects: ['group/name'],
      events: ['MergeRequestsEvents', 'TagPushEvents'],
      enableSSLVerification: true,
    }),
    place: '/api/v4/projects/group%2Fname/hooks',
    login: ['private-token', 't0ken'],
    hook: {
      url: HOOK_URL,
      token: 'h00k',
      push_events: false,
      merge_requests_events: true,
      tag_push_events: true,
      enable_ssl_verification: true,
    },
  },
  {
    kind: 'bitbucketserver',
    settings: (url: string): object => ({
      bitbucketserverBaseURL: `${url}/rest`,
      accessToken: secretRef('token'),
      webhookSecret: secretRef('hook'),
      repositories: [{ projectKey: 'P', repositorySlug: 'r' }],
      events: ['repo:refs_changed'],
      checkInterval: '1s',
    }),
    place: '/rest/api/1.0/projects/P/repos/r/webhooks',
    login: ['authorization', 'Bearer t0ken'],
    hook: { url: HOOK_URL, events: ['repo:refs_changed'], configuration: { secret: 'h00k' } },
  },
  {
    kind: 'bitbucket',
    settings: (url: string): object => ({
      bitbucketBaseURL: url,
      auth: { basic: { username: secretRef('user'), password: secretRef('token') } },
      webhookSecret: secretRef('hook'),
      repositories: [{ owner: 'o', repositorySlug: 'r' }],
      events: ['repo:push'],
    }),
    place: '/repositories/o/r/hooks',
    login: ['authorization', `Basic ${btoa('me:t0ken')}`],
    hook: { url: HOOK_URL, events: ['repo:push'], secret: 'h00k' },
  },
];

async function declare(harness: Harness, kind: string, settings: object): Promise<void> {
  const secret = { stringData: { token: 't0ken', hook: 'h00k', user: 'me' } };
  await harness.apply('Secret', 'provider', secret);
  const webhook = {
    port: String(await freePort()),
    endpoint: '/hook',
    url: 'https://hooks.example.com/base',
  };
  const event = { deleteHookOnFinish: true, ...settings, webhook };
  await harness.apply('EventSource', 'code', { spec: { [kind]: { push: event } } });
}

describe.each(KINDS)('source $kind, against a stand-in of its API', (one) => {
  test('one hook is set up, another start leaves one, and it goes with its event', async () => {
    const { kind, settings, place, login, hook } = one;
    await using provider = await startStandIn();
    await using bus = createMemoryBus();
    await using first = await startHarness({ bus });
    await declare(first, kind, settings(provider.url));
    await eventually(() => expect(provider.at(place).length).toBe(1), WITHIN);
    expect(provider.at(place)[0]).toMatchObject(hook);
    expect(provider.calls[0]?.headers[login[0] ?? '']).toBe(login[1]);
    await eventually(
      async () => expect(await first.condition('code', 'Deployed')).toBe(''),
      WITHIN,
    );
    const before = provider.calls.length;
    const second = await startHarness({ bus, replicaId: 'replica-2' });
    await eventually(() => expect(provider.calls.length).toBeGreaterThan(before), WITHIN);
    await second[Symbol.asyncDispose]();
    expect(provider.at(place).length).toBe(1);
    await first.remove('EventSource', 'code');
    await eventually(() => expect(provider.at(place).length).toBe(0), WITHIN);
  });
});

test('a hook of someone else stays, and one with our url is brought up to date', async () => {
  await using provider = await startStandIn();
  const github = KINDS[0];
  if (github === undefined) throw new Error('github is the first');
  provider.put(github.place, { config: { url: 'https://other.example.com' } });
  provider.put(github.place, { config: { url: HOOK_URL }, events: ['old'], active: false });
  await using harness = await startHarness();
  await declare(harness, 'github', github.settings(provider.url));
  await eventually(() => {
    expect(provider.at(github.place)[1]).toMatchObject({ events: ['push'], active: true });
  }, WITHIN);
  expect(provider.at(github.place)[0]).toMatchObject({
    config: { url: 'https://other.example.com' },
  });
  expect(provider.at(github.place).length).toBe(2);
});

test('of two replicas that create a hook at the same time one hook stays', async () => {
  await using provider = await startStandIn({ listsWait: 2 });
  const github = KINDS[0];
  if (github === undefined) throw new Error('github is the first');
  await using bus = createMemoryBus();
  await using first = await startHarness({ bus });
  await using second = await startHarness({ bus, replicaId: 'replica-2' });
  await declare(first, 'github', github.settings(provider.url));
  await eventually(() => {
    const posts = provider.calls.filter(({ method }) => method === 'POST');
    const deletes = provider.calls.filter(({ method }) => method === 'DELETE');
    expect([posts.length, deletes.length]).toEqual([2, 1]);
  }, WITHIN);
  expect(provider.at(github.place).length).toBe(1);
  expect(second.service.ready().ready).toBe(true);
});

describe('source bitbucketserver, against a stand-in of its API', () => {
  test('the hooks of a project are in all of its repositories', async () => {
    await using provider = await startStandIn();
    for (const slug of ['a', 'b']) provider.put('/rest/api/1.0/projects/P/repos', { slug });
    await using harness = await startHarness();
    const settings = {
      bitbucketserverBaseURL: provider.url,
      accessToken: secretRef('token'),
      projects: ['P'],
      events: ['pr:opened'],
    };
    await declare(harness, 'bitbucketserver', settings);
    for (const slug of ['a', 'b']) {
      const place = `/rest/api/1.0/projects/P/repos/${slug}/webhooks`;
      await eventually(() => expect(provider.at(place).length).toBe(1), WITHIN);
    }
  });
});

describe('source gerrit, against a stand-in of its API', () => {
  test('the remote is put under its name in each project, and taken away', async () => {
    await using provider = await startStandIn();
    await using harness = await startHarness();
    const path = '/a/config/server/webhooks~projects/a%2Fb/remotes/argosy';
    await declare(harness, 'gerrit', {
      gerritBaseURL: provider.url,
      hookName: 'argosy',
      projects: ['a/b'],
      events: ['patchset-created'],
      auth: { username: secretRef('user'), password: secretRef('token') },
    });
    const asked = (method: string): unknown =>
      provider.calls.find((call) => call.method === method && call.path === path)?.body;
    await eventually(() => {
      expect(asked('PUT')).toEqual({
        url: HOOK_URL,
        events: ['patchset-created'],
        sslVerify: false,
      });
    }, WITHIN);
    await harness.remove('EventSource', 'code');
    await eventually(() => {
      expect(provider.calls.some((call) => call.method === 'DELETE' && call.path === path)).toBe(
        true,
      );
    }, WITHIN);
  });
});

describe('source stripe, against a stand-in of its API', () => {
  test('the endpoint is created with the events of the filter', async () => {
    await using provider = await startStandIn();
    await using harness = await startHarness();
    await declare(harness, 'stripe', {
      stripeBaseURL: provider.url,
      createWebhook: true,
      apiKey: secretRef('token'),
      eventFilter: ['charge.failed', 'charge.succeeded'],
    });
    await eventually(() => {
      const post = provider.calls.find(({ method }) => method === 'POST');
      const form = new URLSearchParams(post?.text);
      expect(form.get('url')).toBe(HOOK_URL);
      expect(form.getAll('enabled_events[]')).toEqual(['charge.failed', 'charge.succeeded']);
    }, WITHIN);
  });
});

describe('source github, against a stand-in of its API', () => {
  test('an app logs in with a statement that its key signed', async () => {
    await using provider = await startStandIn();
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    await using harness = await startHarness();
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await harness.apply('Secret', 'app', { stringData: { key: pem } });
    await declare(harness, 'github', {
      githubBaseURL: provider.url,
      githubApp: { privateKey: { name: 'app', key: 'key' }, appID: '12', installationID: '34' },
      organizations: ['acme'],
      events: ['*'],
    });
    await eventually(() => expect(provider.at('/orgs/acme/hooks').length).toBe(1), WITHIN);
    const [login, list] = provider.calls;
    expect(login?.path).toBe('/app/installations/34/access_tokens');
    const proof = login?.headers.authorization?.replace('Bearer ', '') ?? '';
    const [head, body, signature] = proof.split('.');
    const text = Buffer.from(`${head}.${body}`);
    const isGenuine = verify(
      'RSA-SHA256',
      text,
      publicKey,
      Buffer.from(signature ?? '', 'base64url'),
    );
    expect(isGenuine).toBe(true);
    expect(JSON.parse(Buffer.from(body ?? '', 'base64url').toString())).toMatchObject({
      iss: '12',
    });
    expect(list?.headers.authorization).toBe('Bearer installation-token');
  });
});

test('a provider that refuses is told in the status, requests are served, and it is tried again', async () => {
  await using provider = await startStandIn({ refusals: 1 });
  await using harness = await startHarness();
  const github = KINDS[0];
  if (github === undefined) throw new Error('github is the first');
  await declare(harness, 'github', github.settings(provider.url));
  await eventually(async () => {
    const message = await harness.condition('code', 'Deployed');
    expect(message).toContain('GitHub answered 401 to GET /repos/o/r/hooks (Bad credentials)');
    expect(message).not.toContain('t0ken');
  }, WITHIN);
  await eventually(
    async () => expect(await harness.condition('code', 'Deployed')).toBe(''),
    WITHIN,
  );
  expect(provider.at(github.place).length).toBe(1);
});
