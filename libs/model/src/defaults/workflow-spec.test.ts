// Covers the effective spec: merging with templates and defaults, and what references reach.
// Leaves out reading of texts (parse/) and whether the result makes sense (validate/).
import { unwrap } from '@argosy/base';
import { describe, expect, it } from 'vitest';
import {
  applyTemplateDefaults,
  createTemplateLookup,
  parseManifests,
  referencedTemplates,
  resolveWorkflowSpec,
  strategicMerge,
  type Manifest,
  type Workflow,
} from '../index.ts';

function manifests(text: string): readonly Manifest[] {
  const { manifests: parsed, problems } = parseManifests(text, { strict: true });
  expect(problems).toEqual([]);
  return parsed.map(({ manifest }) => manifest);
}

function setting(text: string) {
  const all = manifests(text);
  const workflow = all.find((manifest): manifest is Workflow => manifest.kind === 'Workflow');
  if (workflow === undefined) throw new Error('the test needs a workflow');
  return { workflow, lookup: createTemplateLookup(all) };
}

const ARGO = 'apiVersion: argoproj.io/v1alpha1';

const TEMPLATE = `
${ARGO}
kind: WorkflowTemplate
metadata: {name: base}
spec:
  entrypoint: main
  parallelism: 3
  arguments:
    parameters:
    - {name: a, value: from-template}
    - {name: b, valueFrom: {configMapKeyRef: {name: settings, key: b}}}
    - {name: c, value: kept}
  hooks: {exit: {template: main}, other: {template: main, expression: 'true'}}
  workflowMetadata: {labels: {from: template}}
  templates:
  - {name: main, container: {image: busybox}}
  - {name: inner, steps: [[{name: s, template: main}]]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {b: x}
`;

describe('a workflow made from a template', () => {
  const { workflow, lookup } = setting(`${TEMPLATE}---
${ARGO}
kind: Workflow
metadata: {name: w, labels: {own: 'yes'}}
spec:
  workflowTemplateRef: {name: base}
  entrypoint: inner
  arguments: {parameters: [{name: b, value: mine}, {name: d, value: new}]}
  hooks: {exit: {template: inner}}
`);
  const resolved = unwrap(resolveWorkflowSpec(workflow, lookup));

  it('takes the spec of the template with its own fields over it', () => {
    expect(resolved.spec.entrypoint).toBe('inner');
    expect(resolved.spec.parallelism).toBe(3);
    expect(resolved.spec.templates?.map(({ name }) => name)).toEqual(['main', 'inner']);
  });

  it('merges arguments by name; its value wins even over a valueFrom of the template', () => {
    expect(resolved.spec.arguments?.parameters).toEqual([
      { name: 'b', value: 'mine' },
      { name: 'd', value: 'new' },
      { name: 'a', value: 'from-template' },
      { name: 'c', value: 'kept' },
    ]);
  });

  it('takes hooks by name as a whole', () => {
    expect(resolved.spec.hooks).toEqual({
      exit: { template: 'inner' },
      other: { template: 'main', expression: 'true' },
    });
  });

  it('keeps a snapshot of the effective spec', () => {
    expect(resolved.storedWorkflowTemplateSpec?.entrypoint).toBe('inner');
  });

  it('shows the labels of workflowMetadata and the name of the template', () => {
    expect(resolved.labels).toEqual({
      own: 'yes',
      from: 'template',
      'workflows.argoproj.io/workflow-template': 'base',
    });
  });

  it('is refused when the template is not there', () => {
    const result = resolveWorkflowSpec(workflow, createTemplateLookup([]));
    expect(result).toMatchObject({
      ok: false,
      error: [{ message: expect.stringContaining('WorkflowTemplate "base" not found') }],
    });
  });

  it('names the template and config maps it needs', () => {
    expect(referencedTemplates(workflow).map(({ name }) => name)).toEqual(['base']);
    expect(referencedTemplates(workflow, lookup).map(({ name }) => name)).toEqual([
      'base',
      'settings',
    ]);
  });
});

describe('references to templates', () => {
  it('are followed through other manifests, bare names staying in the manifest they stand in', () => {
    const { workflow, lookup } = setting(`
${ARGO}
kind: WorkflowTemplate
metadata: {name: one}
spec:
  templates:
  - name: x
    steps: [[{name: a, template: w}, {name: b, templateRef: {name: two, template: z, clusterScope: true}}]]
  - {name: w, suspend: {}}
  - {name: unused, suspend: {}}
---
${ARGO}
kind: ClusterWorkflowTemplate
metadata: {name: two}
spec: {templates: [{name: z, suspend: {}}]}
---
${ARGO}
kind: Workflow
metadata: {name: w}
spec:
  entrypoint: main
  templates:
  - name: main
    dag: {tasks: [{name: t, templateRef: {name: one, template: x}}]}
`);
    const { storedTemplates } = unwrap(resolveWorkflowSpec(workflow, lookup));
    expect(Object.keys(storedTemplates).sort()).toEqual([
      'cluster/two/z',
      'namespaced/one/w',
      'namespaced/one/x',
    ]);
  });

  it('with a variable reach every template that may be meant', () => {
    const { workflow, lookup } = setting(`${TEMPLATE}---
${ARGO}
kind: Workflow
metadata: {name: w}
spec:
  entrypoint: main
  templates:
  - name: main
    steps: [[{name: s, templateRef: {name: '{{item}}', template: main}, withItems: [base]}]]
`);
    expect(referencedTemplates(workflow)[0]).toMatchObject({ isVariable: true });
    const { storedTemplates } = unwrap(resolveWorkflowSpec(workflow, lookup));
    expect(Object.keys(storedTemplates)).toEqual(['namespaced/base/main']);
  });

  it('to something that is not there are problems', () => {
    const { workflow, lookup } = setting(`${TEMPLATE}---
${ARGO}
kind: Workflow
metadata: {name: w}
spec:
  entrypoint: main
  templates:
  - name: main
    steps: [[{name: s, templateRef: {name: base, template: nothing}}]]
`);
    const result = resolveWorkflowSpec(workflow, lookup);
    const messages = result.ok ? [] : result.error.map(({ message }) => message);
    expect(messages.join()).toContain('template reference base.nothing not found');
  });

  it('yield the data of the config maps that parameters take values from', () => {
    const { workflow, lookup } = setting(`${TEMPLATE}---
${ARGO}
kind: Workflow
metadata: {name: w}
spec: {workflowTemplateRef: {name: base}}
`);
    expect(unwrap(resolveWorkflowSpec(workflow, lookup)).configMaps).toEqual({
      'default/settings': { b: 'x' },
    });
  });

  it('to a config map by a variable yield the data of every one of the namespace', () => {
    const configMap = (name: string, namespace: string): string =>
      `---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, namespace: ${namespace}},` +
      ` data: {k: ${name}}}\n`;
    const { workflow, lookup } = setting(`${ARGO}
kind: Workflow
metadata: {name: w, namespace: here}
spec:
  entrypoint: main
  arguments: {parameters: [{name: which, value: one}]}
  templates:
  - name: main
    inputs:
      parameters:
      - name: a
        valueFrom: {configMapKeyRef: {name: '{{workflow.parameters.which}}', key: k}}
    container: {image: busybox}
${configMap('one', 'here')}${configMap('two', 'here')}${configMap('three', 'there')}`);
    expect(unwrap(resolveWorkflowSpec(workflow, lookup)).configMaps).toEqual({
      'here/one': { k: 'one' },
      'here/two': { k: 'two' },
    });
  });
});

describe('defaults', () => {
  it('of the installation lie under template and workflow', () => {
    const { workflow, lookup } = setting(`${TEMPLATE}---
${ARGO}
kind: Workflow
metadata: {name: w}
spec: {workflowTemplateRef: {name: base}}
`);
    const defaults = {
      metadata: { labels: { team: 'x' } },
      spec: { parallelism: 9, serviceAccountName: 'runner' },
    };
    const { spec, labels } = unwrap(resolveWorkflowSpec(workflow, lookup, defaults));
    expect(spec).toMatchObject({ parallelism: 3, serviceAccountName: 'runner' });
    expect(labels).toMatchObject({ team: 'x', from: 'template' });
  });

  it('of templates reach templates of their kind only, inline ones too', () => {
    const defaults = { timeout: '5s', container: { image: 'busybox' } };
    const script = applyTemplateDefaults({ name: 's', script: { source: 'x' } }, defaults);
    expect(script).toEqual({ name: 's', timeout: '5s', script: { source: 'x' } });
    const steps = applyTemplateDefaults(
      { name: 't', steps: [[{ name: 'i', inline: { container: { args: ['a'] } } }]] },
      defaults,
    );
    expect(steps.timeout).toBeUndefined();
    expect(steps.steps?.[0]?.[0]?.inline).toEqual({
      timeout: '5s',
      container: { image: 'busybox', args: ['a'] },
    });
  });

  it('do not replace what is there', () => {
    const merged = applyTemplateDefaults(
      { name: 'x', container: { image: 'own', env: [{ name: 'A', value: '' }] } },
      { container: { image: 'other', env: [{ name: 'A', value: '1' }, { name: 'B' }] } },
    );
    expect(merged.container).toEqual({
      image: 'own',
      env: [{ name: 'A', value: '' }, { name: 'B' }],
    });
  });
});

describe('the strategic merge', () => {
  it('replaces lists without merge key and merges maps', () => {
    const merged = strategicMerge(
      { command: ['a', 'b'], labels: { x: '1', y: '2' } },
      { command: ['c'], labels: { y: '3' } },
    );
    expect(merged).toEqual({ command: ['c'], labels: { x: '1', y: '3' } });
  });

  it('takes empty text as not given, except in values', () => {
    expect(strategicMerge({ entrypoint: 'a', value: 'v' }, { entrypoint: '', value: '' })).toEqual({
      entrypoint: 'a',
      value: '',
    });
  });
});
