// Covers declared manifests over REST: create, read, replace, list, delete, lint, cron suspend, masking of
// secrets. Leaves out what services make of them.
import { BUCKETS, resourceKey } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import { afterEach, describe, expect, it } from 'vitest';
import { helloWorkflow, startHarness, type Harness } from './testing/harness.ts';

const TEMPLATES = '/api/v1/workflow-templates/default';
const CRONS = '/api/v1/cron-workflows/default';

let harness: Harness | undefined;
afterEach(async () => {
  await harness?.stop();
  harness = undefined;
});

async function start(): Promise<Harness> {
  harness = await startHarness();
  return harness;
}

const { spec } = helloWorkflow() as { spec: object };
const template = (name: string, changes: object = {}): object => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'WorkflowTemplate',
  metadata: { name },
  spec: { ...spec, ...changes },
});

interface Stored {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
  };
  readonly spec: { readonly suspend?: boolean };
}

describe('workflow templates', () => {
  it('are created, read, replaced, listed and deleted', async () => {
    const { call } = await start();
    const created = await call('POST', TEMPLATES, { template: template('one') });
    expect(created.status).toBe(200);
    const { metadata } = created.body as unknown as Stored;
    expect(metadata).toMatchObject({ name: 'one', namespace: 'default', generation: 1 });
    expect((await call('POST', TEMPLATES, { template: template('one') })).status).toBe(409);
    const changed = { template: template('one', { priority: 3 }) };
    const replaced = await call('PUT', `${TEMPLATES}/one`, changed);
    const after = (replaced.body as unknown as Stored).metadata;
    expect(after.uid).toBe(metadata.uid);
    expect(after.generation).toBe(2);
    expect(after.resourceVersion).not.toBe(metadata.resourceVersion);
    const listed = await call('GET', TEMPLATES);
    expect(listed.body['items']).toMatchObject([
      { metadata: { name: 'one' }, spec: { priority: 3 } },
    ]);
    expect((await call('DELETE', `${TEMPLATES}/one`)).status).toBe(200);
    expect((await call('GET', `${TEMPLATES}/one`)).status).toBe(404);
    expect((await call('DELETE', `${TEMPLATES}/one`)).status).toBe(404);
    expect((await call('GET', TEMPLATES)).body['items']).toBe(null);
  });

  it('are refused when the path names another object or another kind', async () => {
    const { call } = await start();
    await call('POST', TEMPLATES, { template: template('one') });
    expect((await call('PUT', `${TEMPLATES}/one`, { template: template('two') })).status).toBe(400);
    expect((await call('PUT', `${TEMPLATES}/two`, { template: template('two') })).status).toBe(404);
    expect((await call('POST', CRONS, { cronWorkflow: template('x') })).status).toBe(400);
  });

  it('are refused when they are not valid, and are not stored', async () => {
    const { call } = await start();
    const wrong = template('wrong', {
      templates: [{ name: 'a', steps: [[{ name: 's', template: 'none' }]] }],
    });
    const answer = await call('POST', TEMPLATES, { template: wrong });
    expect(answer).toMatchObject({ status: 400, body: { code: 3 } });
    expect(answer.body['message']).toContain('none');
    expect((await call('GET', `${TEMPLATES}/wrong`)).status).toBe(404);
  });

  it('are linted without being stored', async () => {
    const { call } = await start();
    expect((await call('POST', `${TEMPLATES}/lint`, { template: template('x') })).status).toBe(200);
    const wrong = { template: template('x', { unknownField: 1 }) };
    const lenient = await call('POST', `${TEMPLATES}/lint`, wrong);
    expect(lenient.status).toBe(200);
    expect((await call('GET', `${TEMPLATES}/x`)).status).toBe(404);
  });

  it('of the cluster have no namespace', async () => {
    const { call } = await start();
    const path = '/api/v1/cluster-workflow-templates';
    const manifest = { ...template('wide'), kind: 'ClusterWorkflowTemplate' };
    expect((await call('POST', path, { template: manifest })).status).toBe(200);
    const got = (await call('GET', `${path}/wide`)).body as unknown as Stored;
    expect(got.metadata.namespace).toBeUndefined();
    const submitted = await call('POST', '/api/v1/workflows/any/submit', {
      resourceKind: 'ClusterWorkflowTemplate',
      resourceName: 'wide',
    });
    expect(submitted.status).toBe(200);
  });
});

describe('cron workflows', () => {
  const cronWorkflow = {
    kind: 'CronWorkflow',
    metadata: { name: 'nightly', labels: { team: 'a' } },
    spec: { schedules: ['0 3 * * *'], workflowSpec: spec },
  };

  /** As the scheduler does it. */
  async function changeStored(bus: Bus, change: object, metadata: object = {}): Promise<void> {
    const bucket = await bus.keyValue(BUCKETS.resources);
    const key = resourceKey('CronWorkflow', 'default', 'nightly');
    const text = new TextDecoder().decode((await bucket.get(key))?.value);
    const known = JSON.parse(text) as { metadata: object };
    const next = { ...known, ...change, metadata: { ...known.metadata, ...metadata } };
    await bucket.put(key, new TextEncoder().encode(JSON.stringify(next)));
  }

  it('are suspended and resumed', async () => {
    const { call } = await start();
    expect((await call('POST', CRONS, { cronWorkflow })).status).toBe(200);
    const suspended = await call('PUT', `${CRONS}/nightly/suspend`, {});
    expect((suspended.body as unknown as Stored).spec.suspend).toBe(true);
    expect((suspended.body as unknown as Stored).metadata.generation).toBe(2);
    const resumed = await call('PUT', `${CRONS}/nightly/resume`, {});
    expect((resumed.body as unknown as Stored).spec.suspend).toBe(false);
    expect((await call('PUT', `${CRONS}/none/suspend`, {})).status).toBe(404);
  });

  it('keep what the scheduler wrote when a text without it replaces them', async () => {
    const { call, bus } = await start();
    await call('POST', CRONS, { cronWorkflow });
    const key = 'cronworkflows.argoproj.io/last-used-schedule';
    await changeStored(
      bus,
      { status: { succeeded: 4 } },
      { annotations: { [key]: 'x', own: '1' } },
    );
    const replaced = await call('PUT', `${CRONS}/nightly`, { cronWorkflow });
    expect(replaced.body).toMatchObject({
      metadata: { labels: { team: 'a' }, annotations: { [key]: 'x' } },
      status: { succeeded: 4 },
    });
    expect(JSON.stringify(replaced.body)).not.toContain('"own"');
  });

  it('that a stop strategy has stopped begin anew when they are resumed', async () => {
    const { call, bus } = await start();
    await call('POST', CRONS, { cronWorkflow });
    const labels = { team: 'a', 'cronworkflows.argoproj.io/completed': 'true' };
    await changeStored(bus, { status: { phase: 'Stopped', failed: 2 } }, { labels });
    const { body } = await call('PUT', `${CRONS}/nightly/resume`, {});
    expect(body).toMatchObject({ status: { phase: 'Active', failed: 0 } });
    expect((body['metadata'] as { labels: object }).labels).toEqual({ team: 'a' });
  });

  it('are checked without being stored by lint', async () => {
    const { call } = await start();
    expect((await call('POST', `${CRONS}/lint`, { cronWorkflow })).status).toBe(200);
    const wrong = { ...cronWorkflow, spec: { ...cronWorkflow.spec, schedules: ['never'] } };
    const refused = await call('POST', `${CRONS}/lint`, { cronWorkflow: wrong });
    expect(refused).toMatchObject({ status: 400 });
    expect(refused.body['message']).toMatch(/cron schedule never is malformed/);
    expect((await call('GET', `${CRONS}/nightly`)).status).toBe(404);
  });
});

describe('sensors and event sources', () => {
  it('are refused when they break a rule of Argo Events', async () => {
    const { call } = await start();
    const sensor = { kind: 'Sensor', metadata: { name: 's' }, spec: { triggers: [] } };
    const refused = await call('POST', '/api/v1/sensors/default', { sensor });
    expect(refused).toMatchObject({ status: 400, body: { code: 3 } });
    expect(refused.body['message']).toContain('no event dependencies found');
    const eventSource = { kind: 'EventSource', metadata: { name: 'e' }, spec: {} };
    const path = '/api/v1/event-sources/default';
    expect((await call('POST', path, { eventSource })).body['message']).toContain('empty spec');
  });
});

describe('what services write', () => {
  it('a status survives a replacement, and is not taken from a client', async () => {
    const { call, bus } = await start();
    const path = '/api/v1/sensors/default';
    const sensor = {
      kind: 'Sensor',
      metadata: { name: 's' },
      spec: {
        dependencies: [{ name: 'd', eventSourceName: 'shop', eventName: 'order' }],
        triggers: [{ template: { name: 't', log: {} } }],
      },
    };
    await call('POST', path, { sensor: { ...sensor, status: { mine: true } } });
    const bucket = await bus.keyValue(BUCKETS.resources);
    const key = resourceKey('Sensor', 'default', 's');
    const stored = JSON.parse(new TextDecoder().decode((await bucket.get(key))?.value)) as object;
    expect(stored).not.toHaveProperty('status');
    const withStatus = { ...stored, status: { conditions: [] } };
    await bucket.put(key, new TextEncoder().encode(JSON.stringify(withStatus)));
    const replaced = await call('PUT', `${path}/s`, { sensor });
    expect(replaced.body['status']).toEqual({ conditions: [] });
  });
});
