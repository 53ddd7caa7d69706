// Covers what a submission may change about a workflow. Leaves out whether the result is valid.
import { describe, expect, it } from 'vitest';
import { applySubmitOptions, type Workflow } from '../index.ts';

const WORKFLOW: Workflow = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { generateName: 'w-', labels: { a: '1' } },
  spec: {
    entrypoint: 'main',
    arguments: {
      parameters: [
        { name: 'p', valueFrom: { supplied: {} } },
        { name: 'q', value: 'x' },
      ],
    },
  },
};

describe('a submission', () => {
  it('replaces values and sources of parameters and adds unknown ones', () => {
    const { spec } = applySubmitOptions(WORKFLOW, { parameters: { p: '1', r: '2' } });
    expect(spec.arguments?.parameters).toEqual([
      { name: 'p', value: '1' },
      { name: 'q', value: 'x' },
      { name: 'r', value: '2' },
    ]);
  });

  it('replaces the name or the prefix of generated names, not both', () => {
    expect(applySubmitOptions(WORKFLOW, { name: 'n' }).metadata).toEqual({
      name: 'n',
      labels: { a: '1' },
    });
    expect(applySubmitOptions(WORKFLOW, { generateName: 'g-' }).metadata.generateName).toBe('g-');
  });

  it('adds labels and replaces the entrypoint', () => {
    const changed = applySubmitOptions(WORKFLOW, { labels: { b: '2' }, entrypoint: 'other' });
    expect(changed.metadata.labels).toEqual({ a: '1', b: '2' });
    expect(changed.spec.entrypoint).toBe('other');
  });

  it('without options changes nothing', () => {
    expect(applySubmitOptions(WORKFLOW, {})).toEqual(WORKFLOW);
  });
});
