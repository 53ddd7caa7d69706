// Covers what the installation's ConfigMap changes about submissions: defaults, restriction to templates, hot reload.
// Leaves out how it is read (libs/model).
import { eventually } from '@argosy/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHarness, leafTemplate, oneTask, type Harness } from './testing/harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = createHarness();
  await harness.start('one');
});

afterEach(() => harness.stop());

function configure(data: Record<string, string>, namespace = 'default'): Promise<void> {
  const metadata = { name: 'workflow-controller-configmap', namespace };
  return harness.declare({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
}

/** Submits runs until one is answered so: the configuration is followed, not waited for. */
function submitUntil(answer: RegExp, spec: object): Promise<string> {
  let count = 0;
  return eventually(async () => {
    count += 1;
    const name = `wf-${count}`;
    const given = await harness.submit(`u${count}`, name, spec);
    if (!answer.test(given)) throw new Error(given);
    return name;
  });
}

describe('workflowDefaults', () => {
  it('are under the spec and the metadata of every run from the moment they are declared', async () => {
    await configure({
      workflowDefaults: JSON.stringify({
        metadata: { labels: { team: 'a' } },
        spec: { templates: [leafTemplate] },
      }),
    });
    const name = await submitUntil(/^accepted$/, { entrypoint: 'leaf' });
    const summary = await harness.ended(name);
    expect(summary).toMatchObject({ phase: 'Succeeded' });
    expect(summary.labels).toMatchObject({ team: 'a' });
  });

  it('of the namespace argo count before those of the default namespace', async () => {
    const labelled = (team: string): string => JSON.stringify({ metadata: { labels: { team } } });
    await configure({ workflowDefaults: labelled('second') });
    await configure({ workflowDefaults: labelled('first') }, 'argo');
    await eventually(async () => {
      const uid = crypto.randomUUID();
      await harness.submit(uid, uid, oneTask);
      expect((await harness.summary(uid))?.labels).toMatchObject({ team: 'first' });
    });
  });
});

describe('workflowRestrictions', () => {
  it('refuse a run that is not made from a template', async () => {
    await configure({ workflowRestrictions: 'templateReferencing: Strict' });
    await submitUntil(/^InvalidArgument: .*workflows must use workflowTemplateRef/, oneTask);
  });
});
