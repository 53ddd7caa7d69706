// Covers the reading of the installation's configuration, the workflow defaults and the restriction to templates.
// Leaves out who follows the ConfigMap (services/scheduler, services/gateway).
import { describe, expect, it } from 'vitest';
import {
  applyWorkflowDefaults,
  createConfigReader,
  parseControllerConfig,
  restrictionProblems,
  type ConfigMap,
  type Workflow,
  type WorkflowSpec,
} from '../index.ts';

function configMap(data: Record<string, string>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data };
}

function read(data: Record<string, string>): unknown {
  const parsed = parseControllerConfig(configMap(data));
  return parsed.ok ? parsed.value : parsed.error.map(({ path, message }) => `${path}: ${message}`);
}

function workflow(spec: WorkflowSpec, labels?: Record<string, string>): Workflow {
  const metadata = labels === undefined ? { name: 'w' } : { name: 'w', labels };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata, spec };
}

describe('the configuration', () => {
  it('is read from a key for each setting', () => {
    expect(
      read({
        parallelism: '10',
        namespaceParallelism: '3',
        retentionPolicy: 'completed: 10\nfailed: 0\nerrored: -1\n',
        workflowRestrictions: 'templateReferencing: Strict',
        images: 'my/image:v1:\n  entrypoint: [/bin/x]\n  cmd: [a, 1]\n',
        metricsConfig: 'enabled: true\nmetricsTTL: 10m\n',
        links: '- name: not looked at',
      }),
    ).toEqual({
      parallelism: 10,
      namespaceParallelism: 3,
      retentionPolicy: { completed: 10, failed: 0 },
      templateReferencing: 'Strict',
      images: { 'my/image:v1': { entrypoint: ['/bin/x'], cmd: ['a', '1'] } },
      metricsTtlMs: 600_000,
    });
  });

  it('is read from the one key config', () => {
    const config = 'parallelism: 2\nworkflowDefaults:\n  spec:\n    activeDeadlineSeconds: 5\n';
    expect(read({ config })).toEqual({
      parallelism: 2,
      workflowDefaults: { metadata: {}, spec: { activeDeadlineSeconds: 5 } },
    });
    expect(read({ config, parallelism: '3' })).toEqual([
      'data.config: beside the key "config" there may be no other key: move them into it',
    ]);
  });

  it('has no limit where the limit is 0', () => {
    expect(read({ parallelism: '0' })).toEqual({});
  });

  it('names every setting that cannot be read', () => {
    const problems = read({
      parallelism: '-1',
      retentionPolicy: 'completed: many',
      workflowRestrictions: 'templateReferencing: Loose',
      workflowDefaults: 'spec:\n  activeDeadlineSeconds: [1]\n',
      metricsConfig: 'metricsTTL: soon',
      images: '- a',
    });
    expect(problems).toEqual([
      expect.stringMatching(/^data\.workflowDefaults\.spec\.activeDeadlineSeconds: /),
      'data.parallelism: must be a whole number, 0 or more',
      'data.retentionPolicy.completed: must be a whole number',
      'data.workflowRestrictions.templateReferencing: must be Strict or Secure',
      'data.images: must be a map of settings',
      'data.metricsConfig.metricsTTL: must be a duration such as "10m"',
    ]);
  });

  it('stays the last good one while a wrong one is declared', () => {
    let declared: ConfigMap | undefined = configMap({ parallelism: '4' });
    const told: string[] = [];
    const current = createConfigReader(
      (namespace) => (namespace === 'argo' ? declared : undefined),
      { namespaces: ['argo', 'default'], name: 'c' },
      (problems) => told.push(...problems.map(({ path }) => path)),
    );
    expect(current()).toEqual({ parallelism: 4 });
    declared = configMap({ parallelism: 'x' });
    expect(current()).toEqual({ parallelism: 4 });
    expect(current()).toEqual({ parallelism: 4 });
    expect(told).toEqual(['data.parallelism']);
    declared = undefined;
    expect(current()).toEqual({});
  });
});

describe('workflow defaults', () => {
  const defaults = {
    metadata: { labels: { a: 'default', b: 'default' } },
    spec: { activeDeadlineSeconds: 5, ttlStrategy: { secondsAfterCompletion: 9 } },
  };

  it('are written under the spec and the labels of a workflow', () => {
    const spec = { entrypoint: 'main', activeDeadlineSeconds: 1 };
    const applied = applyWorkflowDefaults(workflow(spec, { a: 'own' }), defaults);
    expect(applied.metadata.labels).toEqual({ a: 'own', b: 'default' });
    expect(applied.spec).toEqual({ ...defaults.spec, ...spec });
  });

  it('leave the spec alone that comes from a template', () => {
    const spec = { workflowTemplateRef: { name: 't' } };
    expect(applyWorkflowDefaults(workflow(spec), defaults).spec).toEqual(spec);
  });
});

describe('a restriction to templates', () => {
  const reference = { workflowTemplateRef: { name: 't' } };

  it('refuses a workflow that does not use one', () => {
    const [problem] = restrictionProblems(workflow({ entrypoint: 'main' }), 'Strict');
    expect(problem?.message).toContain('workflows must use workflowTemplateRef');
  });

  it('refuses fields that would undo the settings of the template', () => {
    const spec = {
      ...reference,
      arguments: {},
      serviceAccountName: 'admin',
      artifactGC: { podSpecPatch: '{}' },
    };
    const paths = restrictionProblems(workflow(spec), 'Secure').map(({ path }) => path);
    expect(paths).toEqual(['spec.serviceAccountName', 'spec.artifactGC.podSpecPatch']);
  });

  it('lets pass what only chooses values, and everything where there is none', () => {
    expect(restrictionProblems(workflow({ ...reference, priority: 3 }), 'Strict')).toEqual([]);
    expect(restrictionProblems(workflow({ entrypoint: 'main' }), undefined)).toEqual([]);
  });
});
