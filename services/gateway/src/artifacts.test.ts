// Covers downloads of artifacts by each of Argo's paths, from the store of the bus and from text. Leaves out how they
// get there.
import type { Artifact } from '@argosy/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { helloWorkflow, startHarness, type Harness } from './testing/harness.ts';

let harness: Harness;
let uid = '';

beforeEach(async () => {
  harness = await startHarness();
  const workflow = helloWorkflow({ name: 'wf' });
  const { body } = await harness.call('POST', '/api/v1/workflows/default', { workflow });
  uid = (body as { metadata: { uid: string } }).metadata.uid;
  const store = await harness.bus.objectStore('artifacts');
  const put = async (name: string, text: string): Promise<void> => {
    const content = (async function* () {
      yield await Promise.resolve(new TextEncoder().encode(text));
    })();
    await store.put(name, content);
  };
  await put('default/wf/a.json', '{"a":1}');
  await put('default/wf/dir/one.txt', 'one');
  await put('default/wf/dir/deep/two.txt', 'two');
  const artifacts: Artifact[] = [
    { name: 'data', s3: { key: 'wf/a.json' } },
    { name: 'dir', s3: { key: 'wf/dir/' } },
    { name: 'note', raw: { data: '<script>' } },
    { name: 'gone', s3: { key: 'wf/gone.txt' } },
    { name: 'elsewhere', s3: { key: 'x', bucket: 'theirs' } },
  ];
  await harness.scheduler.finishTask({ artifacts });
});
afterEach(async () => {
  await harness.stop();
});

describe('an artifact is sent as it is stored', () => {
  it.each([
    ['by name', () => '/artifacts/default/wf/wf/data'],
    ['by uid', () => `/artifacts-by-uid/${uid}/wf/data`],
    ['as a file', () => '/artifact-files/default/workflows/wf/wf/outputs/data'],
    [
      'as a file of the archive',
      () => `/artifact-files/default/archived-workflows/${uid}/wf/outputs/data`,
    ],
  ])('%s', async (_, path) => {
    const response = await harness.fetch(path());
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('{"a":1}');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('content-disposition')).toBe("inline; filename*=UTF-8''a.json");
  });

  it('and cannot act as a page of the server', async () => {
    const response = await harness.fetch('/artifacts/default/wf/wf/note');
    expect(await response.text()).toBe('<script>');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
  });
});

it('a directory tells its files, and each can be had', async () => {
  const base = '/artifact-files/default/workflows/wf/wf/outputs/dir';
  expect((await harness.call('GET', base)).body).toEqual({ files: ['deep/two.txt', 'one.txt'] });
  expect(await (await harness.fetch(`${base}/deep/two.txt`)).text()).toBe('two');
  expect((await harness.call('GET', `${base}/three.txt`)).status).toBe(404);
});

it.each([
  ['/artifacts/default/none/wf/data', 404, /Workflow "none" not found/],
  ['/artifacts/default/wf/none/data', 404, /has no node "none"/],
  ['/artifacts/default/wf/wf/none', 404, /has no artifact "none" among its outputs/],
  ['/input-artifacts/default/wf/wf/data', 404, /has no artifact "data" among its inputs/],
  ['/input-artifacts-by-uid/none/wf/data', 404, /No workflow has the uid "none"/],
  ['/artifacts/default/wf/wf/gone', 404, /Nothing is stored for artifact "gone" any more/],
  ['/artifacts/default/wf/wf/elsewhere', 501, /s3 with its own bucket is not available here/],
])('%s is refused with the reason', async (path, status, message) => {
  const answer = await harness.call('GET', path);
  expect(answer).toMatchObject({
    status,
    body: { message: expect.stringMatching(message) as string },
  });
});

it('without a token nothing is sent', async () => {
  const { httpAddress } = harness.gateway;
  expect((await fetch(`${httpAddress}/artifacts/default/wf/wf/data`)).status).toBe(401);
});
