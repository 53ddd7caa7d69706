// Covers the k8s trigger and the resubmission of runs on kept objects in memory: create, update, patch, delete,
// repetitions, refusals. Leaves out the gateway behind the objects.
import { ArgosyError } from '@argosy/base';
import { describe, expect, test } from 'vitest';
import type { KeptObject } from '@argosy/shell';
import { memoryObjects, type MemoryObjects } from '../testing/memory-objects.ts';
import { environmentWith, runTrigger } from '../testing/trigger-call.ts';
import { submittedOn } from '../testing/harness.ts';
import { argoWorkflowTrigger } from './argo-workflow.ts';
import { kubernetesTrigger } from './kubernetes.ts';
import type { TriggerCall, TriggerOutcome } from './trigger.ts';

const SETTINGS: KeptObject = {
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default', labels: { team: 'a' } },
  data: { color: 'red', size: 'L' },
};

function run(
  objects: MemoryObjects,
  settings: object,
  changes: Partial<TriggerCall> = {},
): Promise<TriggerOutcome> {
  const environment = { ...environmentWith(), objects };
  return runTrigger(kubernetesTrigger, settings, { environment, ...changes });
}

function configMap(data: object, metadata: object = { name: 'settings' }): object {
  return { resource: { kind: 'ConfigMap', metadata, data } };
}

describe('trigger k8s, against the objects of an installation, in memory', () => {
  test('create makes the object with the labels of its trigger, once for each firing', async () => {
    const objects = memoryObjects();
    const source = configMap({ color: 'red' }, { generateName: 'order-' });
    for (const firingId of ['f1'.padEnd(64, '0'), 'f1'.padEnd(64, '0'), 'f2'.padEnd(64, '1')]) {
      expect(await run(objects, { source }, { firingId })).toEqual({ kind: 'Done' });
    }
    expect(objects.all.size).toBe(2);
    const [made] = objects.all.values();
    expect(made?.metadata).toMatchObject({
      name: expect.stringMatching(/^order-[a-z0-9]{10}$/),
      namespace: 'default',
      labels: {
        'events.argoproj.io/sensor': 's',
        'events.argoproj.io/trigger': 't',
        'events.argoproj.io/action-timestamp': '1000',
      },
    });
  });

  test('create refuses a name that somebody else has', async () => {
    const objects = memoryObjects(SETTINGS);
    expect(await run(objects, { source: configMap({}) })).toMatchObject({
      kind: 'Refused',
      reason: expect.stringContaining('exists already'),
    });
    expect([...objects.all.values()]).toEqual([SETTINGS]);
  });

  test('update puts what is set over the object and leaves the rest; an absent one is created', async () => {
    const objects = memoryObjects(SETTINGS);
    const source = configMap({ color: 'blue', size: '' });
    await run(objects, { operation: 'update', source });
    expect(objects.all.get('ConfigMap/default/settings')).toEqual({
      ...SETTINGS,
      data: { color: 'blue', size: 'L' },
    });
    const other = configMap({ color: 'green' }, { name: 'other' });
    expect(await run(objects, { operation: 'update', source: other })).toEqual({ kind: 'Done' });
    expect(objects.all.get('ConfigMap/default/other')).toMatchObject({ data: { color: 'green' } });
  });

  test('with liveObject the parameters go to the object as it is now', async () => {
    const objects = memoryObjects(SETTINGS);
    const settings = { operation: 'update', liveObject: true, source: configMap({}) };
    const apply: TriggerCall['apply'] = (_parameters, text) => ({
      ok: true,
      value: text.replace('"L"', '"L and more"'),
    });
    await run(objects, settings, { apply });
    expect(objects.all.get('ConfigMap/default/settings')).toMatchObject({
      data: { color: 'red', size: 'L and more' },
    });
  });

  test('a patch is a merge patch: null removes', async () => {
    const objects = memoryObjects(SETTINGS);
    await run(objects, { operation: 'patch', source: configMap({ color: null, fit: 'slim' }) });
    expect(objects.all.get('ConfigMap/default/settings')).toEqual({
      ...SETTINGS,
      data: { size: 'L', fit: 'slim' },
    });
  });

  test('delete takes the object away, and one that is not there is fine', async () => {
    const objects = memoryObjects(SETTINGS);
    const settings = { operation: 'delete', source: configMap({}) };
    expect(await run(objects, settings)).toEqual({ kind: 'Done' });
    expect(objects.all.size).toBe(0);
    expect(await run(objects, settings)).toEqual({ kind: 'Done' });
  });

  test('kinds that are not kept and patches other than merge are named in the problems', () => {
    const source = { resource: { kind: 'Deployment', metadata: { name: 'web' } } };
    const settings = { source, operation: 'replace', patchStrategy: 'application/json-patch+json' };
    const problems = kubernetesTrigger.problems(settings).join('\n');
    expect(problems).toContain('a Deployment needs a cluster');
    expect(problems).toContain('"replace" is not one of create, update, patch, delete');
    expect(problems).toContain('use application/merge-patch+json');
  });

  test('a gateway that is away leaves the outcome open', async () => {
    const objects = {
      ...memoryObjects(),
      get: () => Promise.reject(new ArgosyError('UNAVAILABLE', 'no gateway')),
    };
    expect((await run(objects, { source: configMap({}) })).kind).toBe('BusAway');
  });

  test('policy.k8s waits for the labels; never getting them is a failure only when it says so (rule 37)', async () => {
    const objects = memoryObjects();
    const backoff = { steps: 3, duration: '1ms' };
    const policyOf = (errorOnBackoffTimeout: boolean): object => ({
      k8s: { labels: { state: 'good' }, backoff, errorOnBackoffTimeout },
    });
    const source = configMap({});
    expect(await run(objects, { source }, { policy: policyOf(true) })).toMatchObject({
      kind: 'Failed',
      reason: expect.stringContaining("the policy's labels"),
    });
    expect(await run(objects, { source }, { policy: policyOf(false) })).toEqual({ kind: 'Done' });
    let looks = 0;
    const changing: MemoryObjects = {
      ...objects,
      get(reference, signal) {
        looks += 1;
        if (looks < 4) return objects.get(reference, signal);
        return Promise.resolve({ ...SETTINGS, metadata: { labels: { state: 'good' } } });
      },
    };
    expect(await run(changing, { source }, { policy: policyOf(true) })).toEqual({ kind: 'Done' });
    expect(looks).toBe(4);
  });

  test('resubmit submits the former spec anew, once for each firing; --memoized keeps what succeeded', async () => {
    const node = { id: 'n1', name: 'job', type: 'Pod', phase: 'Succeeded' };
    const former: KeptObject = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Workflow',
      metadata: {
        name: 'job',
        namespace: 'default',
        labels: { team: 'a', 'workflows.argoproj.io/phase': 'Succeeded' },
      },
      spec: { entrypoint: 'main' },
      status: { phase: 'Succeeded', nodes: { n1: node } },
    };
    const environment = { ...environmentWith(), objects: memoryObjects(former) };
    const source = { resource: { kind: 'Workflow', metadata: { name: 'job' } } };
    const settings = { operation: 'resubmit', source, args: ['--memoized', '-p', 'a=1'] };
    const firingId = 'ab'.repeat(32);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const outcome = await runTrigger(argoWorkflowTrigger, settings, { environment, firingId });
      expect(outcome).toEqual({ kind: 'Done' });
    }
    const submitted = await submittedOn(environment.context.bus);
    expect(submitted).toHaveLength(1);
    expect(submitted[0]?.workflow).toMatchObject({
      metadata: {
        name: expect.stringMatching(/^job-/),
        labels: { team: 'a', 'workflows.argoproj.io/resubmitted-from-workflow': 'job' },
      },
      spec: { entrypoint: 'main', arguments: { parameters: [{ name: 'a', value: '1' }] } },
      status: { nodes: { n1: { phase: 'Skipped' } } },
    });
    expect(submitted[0]?.workflow.metadata.labels).not.toHaveProperty(
      'workflows.argoproj.io/phase',
    );
  });
});
