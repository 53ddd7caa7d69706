// Covers WorkflowEventBindings: which events they select, what they submit, and that an event is acted upon once.
// Leaves out how events are posted (services/gateway).
import {
  bindingEventSubject,
  encodeBindingEvent,
  EVENT_TYPES,
  type BindingEvent,
} from '@argosy/api';
import { unwrap } from '@argosy/base';
import type { WorkflowEventBinding } from '@argosy/model';
import { eventually } from '@argosy/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createHarness, leafTemplate, type Harness } from '../testing/harness.ts';
import { workflowOfBinding } from './workflow-of-binding.ts';

const EVENT: BindingEvent = {
  namespace: 'default',
  discriminator: 'builds',
  metadata: { 'x-argo': ['yes'] },
  payload: { message: 'hi', count: 2, list: [1] },
};

function binding(
  selector: string,
  submit?: Partial<NonNullable<WorkflowEventBinding['spec']['submit']>>,
): WorkflowEventBinding {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowEventBinding',
    metadata: { name: 'b', namespace: 'default' },
    spec: {
      event: { selector },
      submit: { workflowTemplateRef: { name: 'tmpl' }, ...submit },
    },
  };
}

function parameter(event: string): object {
  return { arguments: { parameters: [{ name: 'p', valueFrom: { event } }] } };
}

describe('the selector of a binding', () => {
  it.each([
    ['true', true],
    ['payload.message == "hi" && discriminator == "builds" && namespace == "default"', true],
    ['metadata["x-argo"] == ["yes"]', true],
    ['payload.message == "other"', false],
  ])('%s selects the event: %s', (selector, isSelected) => {
    const workflow = unwrap(workflowOfBinding(binding(selector), EVENT));
    expect(workflow !== undefined).toBe(isSelected);
  });

  it('that does not yield true or false is an error', () => {
    const outcome = workflowOfBinding(binding('payload.message'), EVENT);
    expect(outcome).toMatchObject({ ok: false, error: expect.stringMatching(/to boolean$/) });
  });

  it('that cannot be evaluated is an error', () => {
    expect(workflowOfBinding(binding('payload.'), EVENT)).toMatchObject({ ok: false });
    expect(workflowOfBinding(binding('nothing == 1'), EVENT)).toMatchObject({ ok: false });
  });
});

describe('the workflow of a binding', () => {
  it('refers to the template, is named after it, and carries the label of the binding', () => {
    const ref = { name: 'tmpl', clusterScope: true };
    const workflow = unwrap(
      workflowOfBinding(binding('true', { workflowTemplateRef: ref }), EVENT),
    );
    expect(workflow).toMatchObject({
      metadata: {
        generateName: 'tmpl-',
        labels: { 'workflows.argoproj.io/workflow-event-binding': 'b' },
      },
      spec: { workflowTemplateRef: ref },
    });
  });

  it.each([
    ['payload.message', 'hi'],
    ['payload.count', '2'],
    ['payload', '{"count":2,"list":[1],"message":"hi"}'],
  ])('gets the value of %s as %s', (expression, value) => {
    const workflow = unwrap(workflowOfBinding(binding('true', parameter(expression)), EVENT));
    expect(workflow?.spec.arguments?.parameters).toEqual([{ name: 'p', value }]);
  });

  it('takes its name, labels and annotations from expressions', () => {
    const metadata = {
      name: '"run-" + payload.message',
      labels: { l: 'discriminator' },
      annotations: { a: 'payload.message' },
    };
    expect(unwrap(workflowOfBinding(binding('true', { metadata }), EVENT))?.metadata).toEqual({
      name: 'run-hi',
      namespace: 'default',
      labels: { l: 'builds', 'workflows.argoproj.io/workflow-event-binding': 'b' },
      annotations: { a: 'hi' },
    });
  });

  it('is not made when an argument comes from anything but an event', () => {
    const submit = { arguments: { parameters: [{ name: 'p', value: '1' }] } };
    expect(workflowOfBinding(binding('true', submit), EVENT)).toMatchObject({
      ok: false,
      error: expect.stringContaining('valueFrom is nil'),
    });
  });
});

describe('an event for bindings', () => {
  let harness: Harness;
  afterEach(() => harness.stop());

  async function post(id: string, payload: unknown): Promise<void> {
    await harness.bus.publish(
      {
        subject: bindingEventSubject('default', 'builds'),
        event: {
          id,
          source: '/test',
          type: EVENT_TYPES.bindingEvent,
          data: encodeBindingEvent({ ...EVENT, payload }),
        },
      },
      { messageId: crypto.randomUUID() },
    );
  }

  async function declareTemplate(): Promise<void> {
    await harness.declare({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'WorkflowTemplate',
      metadata: { name: 'tmpl' },
      spec: {
        entrypoint: 'leaf',
        arguments: { parameters: [{ name: 'p', value: 'none' }] },
        templates: [
          { ...leafTemplate, container: { image: 'x', command: ['{{workflow.parameters.p}}'] } },
        ],
      },
    });
  }

  function ranWith(): readonly unknown[] {
    return harness.ran.map(({ template }) => template.container?.command);
  }

  it('starts one run for each binding that selects it, also when it waited for a scheduler', async () => {
    harness = createHarness();
    await declareTemplate();
    await harness.declare({ ...binding('payload.go', parameter('payload.name')) });
    await post('first', { go: true, name: 'a' });
    await post('second', { go: false, name: 'b' });
    await harness.start('one');
    await eventually(() => expect(ranWith()).toEqual([['a']]));
    await post('third', { go: true, name: 'c' });
    await eventually(() => expect(ranWith()).toEqual([['a'], ['c']]));
  });

  it('that is delivered again starts nothing again', async () => {
    harness = createHarness();
    await declareTemplate();
    await harness.declare({ ...binding('true', parameter('payload')) });
    await harness.start('one');
    await post('same', 'a');
    await post('same', 'a');
    await post('other', 'b');
    await eventually(() => expect(ranWith()).toContainEqual(['b']));
    expect(ranWith()).toHaveLength(2);
  });

  it('is not held up by a binding that is malformed', async () => {
    harness = createHarness();
    await declareTemplate();
    const malformed = binding('payload +');
    await harness.declare({ ...malformed, metadata: { name: 'a-first' } });
    await harness.declare({ ...binding('true', parameter('payload')) });
    await harness.start('one');
    await post('one', 'x');
    await eventually(() => expect(ranWith()).toEqual([['x']]));
    const text = await harness.metrics.render();
    expect(text).toContain('argosy_scheduler_binding_events_total{outcome="Malformed"} 1');
  });
});
