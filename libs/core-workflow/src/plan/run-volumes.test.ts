// Covers which volumes of the run's spec a task carries. Leaves out how an executor makes them.
import type { Template, Volume, WorkflowSpec } from '@argosy/model';
import { expect, test } from 'vitest';
import { play, workflowOf } from '../testing/index.ts';

const mounts = (...names: string[]) => names.map((name) => ({ name, mountPath: `/${name}` }));

function volumesOfTask(
  template: Partial<Template>,
  spec: Partial<WorkflowSpec>,
): readonly Volume[] | undefined {
  const main = { name: 'main', container: { image: 'a' }, ...template };
  return play(workflowOf([main], spec)).tasks[0]?.template.volumes;
}

test('a task carries the volumes of the spec that its containers mount, and no others', () => {
  const volumes = ['a', 'b', 'c', 'd'].map((name) => ({ name, emptyDir: {} }));
  const template: Partial<Template> = {
    container: { image: 'a', volumeMounts: mounts('a') },
    initContainers: [{ name: 'i', image: 'a', volumeMounts: mounts('b', 'a') }],
    sidecars: [{ name: 's', image: 'a', volumeMounts: mounts('d') }],
  };
  const names = volumesOfTask(template, { volumes })?.map(({ name }) => name);
  expect(names).toEqual(['a', 'b', 'd']);
  expect(volumesOfTask({}, { volumes })).toBeUndefined();
});

test("a template's own volume hides the spec's of the same name", () => {
  const own = { name: 'a', hostPath: { path: '/own' } };
  const template = { volumes: [own], container: { image: 'a', volumeMounts: mounts('a') } };
  expect(volumesOfTask(template, { volumes: [{ name: 'a', emptyDir: {} }] })).toEqual([own]);
});

test('a volume claim template is mounted as the claim that is named after the workflow', () => {
  const container = { image: 'a', volumeMounts: mounts('work') };
  const spec = { volumeClaimTemplates: [{ metadata: { name: 'work' } }] };
  expect(volumesOfTask({ container }, spec)).toEqual([
    { name: 'work', persistentVolumeClaim: { claimName: 'wf-work' } },
  ]);
});

test('tags in a volume of the spec are resolved', () => {
  const container = { image: 'a', volumeMounts: mounts('work') };
  const volume = { name: 'work', persistentVolumeClaim: { claimName: '{{workflow.name}}-x' } };
  expect(volumesOfTask({ container }, { volumes: [volume] })).toEqual([
    { name: 'work', persistentVolumeClaim: { claimName: 'wf-x' } },
  ]);
});
