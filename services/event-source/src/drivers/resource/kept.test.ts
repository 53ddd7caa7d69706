// Covers resource event sources on the objects that the installation keeps: manifests and runs, over restarts. Leaves out
// the filter itself, clusters and the gateway behind whole runs.
import { BUCKETS, resourceKey, runKey } from '@argosy/api';
import { createMemoryBus, type Bus } from '@argosy/bus';
import { eventually } from '@argosy/testkit';
import { describe, expect, it } from 'vitest';
import { createKeptOrigin } from './kept/kept-origin.ts';
import type { ObjectListener } from './origin.ts';
import { dataOf, startHarness, type Harness } from '../../testing/harness.ts';

const WORKFLOWS = { group: 'argoproj.io', version: 'v1alpha1', resource: 'workflows' };
const CONFIG_MAPS = { version: 'v1', resource: 'configmaps', namespace: 'default' };
const ALL = ['ADD', 'UPDATE', 'DELETE'];

async function watching(harness: Harness, settings: object): Promise<void> {
  await harness.apply('EventSource', 'watcher', { spec: { resource: { changes: settings } } });
  await eventually(async () => {
    const message = await harness.condition('watcher', 'Deployed');
    expect(message).toBe('');
  });
}

async function told(harness: Harness): Promise<string[]> {
  const events = await harness.events();
  return events.map((event) => {
    const { type, body, oldBody } = dataOf(event) as { type: string; body: Obj; oldBody: Obj };
    const text = ({ data, status }: NonNullable<Obj>): string =>
      data?.['n'] ?? status?.phase ?? 'none';
    const old = oldBody === null ? '' : `${text(oldBody)} > `;
    return `${type} ${body?.metadata.name ?? ''} ${old}${body === null ? '' : text(body)}`;
  });
}
type Obj = null | {
  readonly metadata: { readonly name: string };
  readonly data?: Record<string, string>;
  readonly status?: { readonly phase?: string };
};

const expectTold = (harness: Harness, expected: readonly string[]): Promise<void> =>
  eventually(async () => expect(await told(harness)).toEqual(expected));

function putRun(bus: Bus, name: string, phase: string): Promise<number> {
  const times = phase === 'Succeeded' ? { finishedAt: '2030-01-01T00:00:05Z' } : {};
  const summary = {
    uid: `uid-${name}`,
    name,
    namespace: 'default',
    phase,
    message: '',
    createdAt: '2030-01-01T00:00:00.123Z',
    progress: '0/1',
    labels: { app: 'x' },
    ...times,
  };
  const value = new TextEncoder().encode(JSON.stringify(summary));
  return bus.keyValue(BUCKETS.runs).then((runs) => runs.put(runKey('default', name), value));
}

describe('a resource event source on kept objects', () => {
  it('tells what is there, each change with the old body, and the end', async () => {
    await using harness = await startHarness();
    await harness.apply('ConfigMap', 'a', { data: { n: '1' } });
    await watching(harness, { ...CONFIG_MAPS, eventTypes: ALL, metadata: { team: 'x' } });
    await expectTold(harness, ['ADD a 1']);
    await harness.apply('ConfigMap', 'a', { data: { n: '2' } });
    await harness.remove('ConfigMap', 'a');
    await expectTold(harness, ['ADD a 1', 'UPDATE a 1 > 2', 'DELETE a 2']);
    const [first] = await harness.events();
    expect(first?.event).toMatchObject({ source: 'watcher', subject: 'changes', type: 'resource' });
    expect(dataOf(first)).toMatchObject({
      group: '',
      version: 'v1',
      resource: 'configmaps',
      metadata: { team: 'x' },
      body: { metadata: { name: 'a', resourceVersion: expect.stringMatching(/^\d+$/) } },
    });
  });

  it('tells when a workflow ends, by the label or the field of its phase', async () => {
    await using harness = await startHarness();
    const ended = [{ key: 'status.phase', operation: '==', value: '^Succeeded$' }];
    const filter = { fields: ended, afterStart: true };
    await watching(harness, { ...WORKFLOWS, eventTypes: ['UPDATE'], filter });
    await putRun(harness.bus, 'one', 'Running');
    await putRun(harness.bus, 'two', 'Running');
    await putRun(harness.bus, 'one', 'Succeeded');
    await expectTold(harness, ['UPDATE one Running > Succeeded']);
    const [event] = await harness.events();
    expect(dataOf(event)['body']).toMatchObject({
      kind: 'Workflow',
      metadata: {
        uid: 'uid-one',
        creationTimestamp: '2030-01-01T00:00:00Z',
        labels: { app: 'x', 'workflows.argoproj.io/completed': 'true' },
      },
      status: { phase: 'Succeeded', finishedAt: '2030-01-01T00:00:05Z' },
    });
  });

  it('tells the whole of a run, unless the run is further than the index: then its end would be told twice', async () => {
    await using bus = createMemoryBus();
    const phases = new Map([
      ['one', 'Succeeded'],
      ['two', 'Running'],
    ]);
    const objects = {
      get: ({ name }: { readonly name: string }) =>
        Promise.resolve({
          kind: 'Workflow',
          metadata: { name, uid: `uid-${name}` },
          status: { phase: phases.get(name), nodes: {} },
        }),
    };
    const listed: string[] = [];
    const origin = createKeptOrigin(
      { kind: 'Workflow', isCluster: false },
      { bus, objects, namespace: 'default' },
    );
    const stopping = new AbortController();
    const { signal } = stopping;
    const listener: ObjectListener = {
      async object({ wholeText }) {
        listed.push((await wholeText?.(signal)) ?? '');
      },
      gone: () => Promise.resolve(),
      at: () => undefined,
      countsAnew: () => undefined,
      keys: () => [],
      trouble: () => undefined,
    };
    await putRun(bus, 'one', 'Running');
    await putRun(bus, 'two', 'Running');
    const following = origin.follow(listener, { from: undefined, signal });
    await eventually(() => expect(listed).toHaveLength(2));
    stopping.abort();
    await following;
    const statuses = listed.map((text) => (JSON.parse(text) as { status: object }).status);
    expect(statuses).toEqual([
      expect.objectContaining({ phase: 'Running', progress: '0/1' }),
      { phase: 'Running', nodes: {} },
    ]);
  });

  it('takes an object that loses the labels for gone, and one that gets them for new', async () => {
    await using harness = await startHarness();
    const filter = { labels: [{ key: 'app', value: 'web' }] };
    await watching(harness, { ...CONFIG_MAPS, eventTypes: ALL, filter });
    const put = async (n: string, app: string): Promise<void> => {
      const resources = await harness.bus.keyValue(BUCKETS.resources);
      const metadata = { name: 'a', namespace: 'default', uid: 'u', labels: { app } };
      const value = new TextEncoder().encode(JSON.stringify({ metadata, data: { n } }));
      await resources.put(resourceKey('ConfigMap', 'default', 'a'), value);
    };
    for (const [n, app] of [
      ['1', 'db'],
      ['2', 'web'],
      ['3', 'db'],
    ] as const)
      await put(n, app);
    await expectTold(harness, ['ADD a 2', 'DELETE a 2']);
  });

  it('after a restart tells only what happened meanwhile', async () => {
    await using bus = createMemoryBus();
    const settings = { ...CONFIG_MAPS, eventTypes: ALL, filter: { prefix: 'o' } };
    {
      await using harness = await startHarness({ bus });
      await harness.apply('ConfigMap', 'o1', { data: { n: '1' } });
      await harness.apply('ConfigMap', 'o2', { data: { n: '1' } });
      await watching(harness, settings);
      await expectTold(harness, ['ADD o1 1', 'ADD o2 1']);
    }
    const resources = await bus.keyValue(BUCKETS.resources);
    for (const [name, n] of [
      ['o2', '2'],
      ['o3', '1'],
      ['p', '1'],
    ] as const) {
      const manifest = { metadata: { name, namespace: 'default' }, data: { n } };
      const value = new TextEncoder().encode(JSON.stringify(manifest));
      await resources.put(resourceKey('ConfigMap', 'default', name), value);
    }
    await using harness = await startHarness({ bus, replicaId: 'replica-2' });
    await expectTold(harness, ['ADD o1 1', 'ADD o2 1', 'UPDATE o2 2', 'ADD o3 1']);
  });

  it('says in the status what the settings lack', async () => {
    await using harness = await startHarness();
    const settings = { resource: 'pods', version: 'v1', eventTypes: ['ADD'] };
    const wrong = { eventTypes: ['ADDED'], filter: { fields: [{ key: 'a', value: 'b' }] } };
    const resource = { pods: settings, wrong };
    await harness.apply('EventSource', 'watcher', { spec: { resource } });
    const message = await eventually(async () => {
      const found = await harness.condition('watcher', 'SourcesProvided');
      expect(found).toContain('spec.resource');
      return found;
    });
    expect(message).toContain(
      'spec.resource.pods: pods are not kept here and need a Kubernetes cluster: set KUBECONFIG',
    );
    expect(message).toContain('resource must be the plural of the kind, such as pods');
    expect(message).toContain('eventTypes: "ADDED" is not one of ADD, UPDATE, DELETE');
    expect(message).toContain('filter.fields[0].operation: "" is not one of');
  });
});
