// Covers the limits of semaphores over REST and gRPC: both kinds, and what is refused. Leaves out what the limits do
// (services/scheduler).
import { SyncLimit_Type, SyncService } from '@argosy/api';
import { createRpcClient } from '@argosy/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHarness, TOKEN, type Harness } from '../testing/harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
});

afterEach(() => harness.stop());

describe.each([
  ['CONFIGMAP', { type: 'CONFIGMAP', cmName: 'limits' }, 'type=CONFIGMAP&cmName=limits'],
  ['DATABASE', { type: 'DATABASE' }, 'type=1'],
])('a limit of type %s', (_type, fields, query) => {
  const path = '/api/v1/sync/team';

  it('is created, read, changed and deleted', async () => {
    const limit = { ...fields, key: 'k', limit: 3 };
    const whole = { ...fields, namespace: 'team', key: 'k', limit: 3 };
    expect(await harness.call('POST', path, limit)).toEqual({ status: 200, body: whole });
    expect(await harness.call('GET', `${path}/k?${query}`)).toEqual({ status: 200, body: whole });
    const changed = await harness.call('PUT', `${path}/k`, { ...fields, limit: 5 });
    expect(changed.body).toEqual({ ...whole, limit: 5 });
    expect((await harness.call('GET', `${path}/k?${query}`)).body).toEqual({ ...whole, limit: 5 });
    expect((await harness.call('DELETE', `${path}/k?${query}`)).status).toBe(200);
    expect((await harness.call('GET', `${path}/k?${query}`)).status).toBe(404);
  });

  it('is refused when it exists already, is not there to be changed, or is not above zero', async () => {
    const limit = { ...fields, key: 'k', limit: 1 };
    await harness.call('POST', path, limit);
    expect((await harness.call('POST', path, limit)).status).toBe(409);
    expect((await harness.call('PUT', `${path}/other`, { ...fields, limit: 1 })).status).toBe(404);
    expect((await harness.call('POST', path, { ...limit, key: 'z', limit: 0 })).status).toBe(400);
  });
});

describe('a limit in a ConfigMap', () => {
  it('leaves the other keys of the ConfigMap alone', async () => {
    const path = '/api/v1/sync/team';
    for (const key of ['a', 'b']) {
      await harness.call('POST', path, { cmName: 'limits', key, limit: 1 });
    }
    await harness.call('DELETE', `${path}/a?cmName=limits`);
    expect((await harness.call('GET', `${path}/b?cmName=limits`)).body).toMatchObject({ limit: 1 });
  });

  it('needs the name of the ConfigMap', async () => {
    const answer = await harness.call('POST', '/api/v1/sync/team', { key: 'k', limit: 1 });
    expect(answer).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/cmName/) },
    });
  });
});

describe('SyncService', () => {
  it('has the same limits', async () => {
    const client = createRpcClient(SyncService, harness.gateway.rpcAddress, { token: TOKEN });
    const limit = { type: SyncLimit_Type.DATABASE, namespace: 'team', key: 'k' };
    await client.createSyncLimit({ limit: { ...limit, limit: 2 } });
    expect((await client.getSyncLimit({ limit })).limit?.limit).toBe(2);
    await client.updateSyncLimit({ limit: { ...limit, limit: 4 } });
    const { body } = await harness.call('GET', '/api/v1/sync/team/k?type=DATABASE');
    expect(body).toMatchObject({ limit: 4 });
    await client.deleteSyncLimit({ limit });
    await expect(client.getSyncLimit({ limit })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    client.close();
  });
});
