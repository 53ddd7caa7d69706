// Covers how the updates of a watch become the run that is shown. Leaves out what the server sends (services/gateway).
import type { Workflow } from '@argosy/model';
import { expect, it } from 'vitest';
import { updatedWorkflow } from './watched-workflow.ts';

type Update = Parameters<typeof updatedWorkflow>[1];

function update(object: object, more: Partial<Update> = {}): Update {
  const workflowJson = new TextEncoder().encode(JSON.stringify(object));
  const workflow = { workflowJson } as NonNullable<Update['workflow']>;
  return { workflow, isChange: false, removedNodeIds: [], ...more };
}

const whole = {
  metadata: { name: 'w' },
  spec: { entrypoint: 'main' },
  status: {
    phase: 'Running',
    message: 'waits',
    storedTemplates: { a: { name: 'a' } },
    nodes: { one: { id: 'one', phase: 'Running' }, two: { id: 'two', phase: 'Pending' } },
  },
};

it('an update that is no change replaces what was known', () => {
  const before = updatedWorkflow(undefined, update(whole));
  expect(before).toEqual(whole);
  const other = { metadata: { name: 'w' }, status: {} };
  expect(updatedWorkflow(before, update(other))).toEqual(other);
});

it('a change puts its nodes in, takes removed ones out, and leaves the rest and the order as they were', () => {
  const before = updatedWorkflow(undefined, update(whole));
  const change = {
    metadata: { name: 'w', labels: { a: 'b' } },
    status: {
      phase: 'Succeeded',
      nodes: { three: { id: 'three', phase: 'Pending' }, one: { id: 'one', phase: 'Succeeded' } },
    },
  };
  const now = updatedWorkflow(before, update(change, { isChange: true, removedNodeIds: ['two'] }));
  expect(now).toEqual({
    metadata: { name: 'w', labels: { a: 'b' } },
    spec: { entrypoint: 'main' },
    status: {
      phase: 'Succeeded',
      storedTemplates: { a: { name: 'a' } },
      nodes: { one: { id: 'one', phase: 'Succeeded' }, three: { id: 'three', phase: 'Pending' } },
    },
  } satisfies Partial<Workflow> | object);
  expect(Object.keys(now.status?.nodes ?? {})).toEqual(['one', 'three']);
});
