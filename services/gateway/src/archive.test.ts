// Covers the paths of Argo's archive over the gateway's own runs: list, labels, get, delete, retry and resubmit by uid.
// Leaves out what these do to a run; the paths by name cover it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { helloWorkflow, startHarness, type Harness } from './testing/harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(async () => {
  await harness.stop();
});

const BASE = '/api/v1/archived-workflows';

interface Item {
  readonly metadata: { readonly name: string; readonly uid: string };
}

/** Starts a run; a phase ends it. Its uid. */
async function begin(
  metadata: { readonly name: string; readonly labels?: object },
  phase?: 'Succeeded' | 'Failed',
): Promise<string> {
  const workflow = helloWorkflow(metadata);
  const { body } = await harness.call('POST', '/api/v1/workflows/default', { workflow });
  if (phase !== undefined) await harness.scheduler.finishTask({ phase });
  return (body as unknown as Item).metadata.uid;
}

async function names(query = ''): Promise<readonly string[]> {
  const { status, body } = await harness.call('GET', `${BASE}${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  const items = (body['items'] ?? []) as readonly Item[];
  return items.map(({ metadata }) => metadata.name).sort();
}

describe('the archive', () => {
  it('lists the runs that have ended, and no others', async () => {
    await begin({ name: 'old' }, 'Succeeded');
    await begin({ name: 'odd', labels: { team: 'a' } }, 'Failed');
    await begin({ name: 'live' });
    expect(await names()).toEqual(['odd', 'old']);
    expect(await names('?listOptions.labelSelector=team%3Da')).toEqual(['odd']);
    expect(await names('?namePrefix=ol')).toEqual(['old']);
    expect(await names('?listOptions.fieldSelector=metadata.namespace%3Dother')).toEqual([]);
    const selector = (text: string): string =>
      `?listOptions.fieldSelector=${encodeURIComponent(text)}`;
    expect(await names(selector('spec.startedAt>2001-01-01T00:00:00Z'))).toEqual(['odd', 'old']);
    expect(await names(selector('spec.startedAt<2001-01-01T00:00:00Z'))).toEqual([]);
    const wrong = await harness.call('GET', `${BASE}${selector('spec.startedAt>noon')}`);
    expect(wrong.status).toBe(400);
  });

  it('pages with limit and continue', async () => {
    for (const name of ['a', 'b', 'c']) await begin({ name }, 'Succeeded');
    const first = await harness.call('GET', `${BASE}?listOptions.limit=2`);
    const { continue: token } = first.body['metadata'] as { readonly continue: string };
    expect(first.body['items']).toHaveLength(2);
    expect(await names(`?listOptions.limit=2&listOptions.continue=${token}`)).toHaveLength(1);
  });

  it('knows the labels of its runs and their values', async () => {
    await begin({ name: 'a', labels: { team: 'deck' } }, 'Succeeded');
    await begin({ name: 'b', labels: { team: 'hold' } }, 'Succeeded');
    const keys = await harness.call('GET', `${BASE}-label-keys`);
    expect(keys.body['items']).toContain('team');
    const values = await harness.call('GET', `${BASE}-label-values?listOptions.labelSelector=team`);
    expect(values.body).toEqual({ items: ['deck', 'hold'] });
    expect((await harness.call('GET', `${BASE}-label-values`)).status).toBe(400);
  });

  it('gives, retries, resubmits and deletes a run by its uid', async () => {
    const uid = await begin({ name: 'one' }, 'Failed');
    const got = await harness.call('GET', `${BASE}/${uid}`);
    expect(got.body).toMatchObject({ metadata: { name: 'one' }, status: { phase: 'Failed' } });
    const again = await harness.call('PUT', `${BASE}/${uid}/resubmit`, { uid });
    expect(again.body).toMatchObject({ metadata: { generateName: 'one-' } });
    const retried = await harness.call('PUT', `${BASE}/${uid}/retry`, { uid });
    expect(retried.body).toMatchObject({ status: { phase: 'Running' } });
    expect((await harness.call('DELETE', `${BASE}/${uid}`)).status).toBe(404);
    await harness.scheduler.finishTask();
    await harness.scheduler.finishTask();
    expect((await harness.call('DELETE', `${BASE}/${uid}`)).body).toEqual({});
    expect((await harness.call('GET', `${BASE}/${uid}`)).status).toBe(404);
  });

  it('has no run that is still going on', async () => {
    const uid = await begin({ name: 'live' });
    const { status, body } = await harness.call('GET', `${BASE}/${uid}`);
    expect(status).toBe(404);
    expect(body['message']).toBe('Workflow "live" is not archived: it has not ended yet.');
  });
});

it('the paths by name take a uid, too, but not one of another namespace', async () => {
  const uid = await begin({ name: 'one' }, 'Succeeded');
  const { body } = await harness.call('GET', `/api/v1/workflows/default/${uid}`);
  expect(body).toMatchObject({ metadata: { name: 'one' } });
  expect((await harness.call('GET', `/api/v1/workflows/other/${uid}`)).status).toBe(404);
});
