// Covers the advice about runs that wait for somebody, and the log that is written for people.
import type { NodeStatus, Workflow } from '@argosy/model';
import { expect, it } from 'vitest';
import { createLogForPeople } from './log-for-people.ts';
import { createNotices } from './notices.ts';
import { styleFor } from './style.ts';
import { suspensionAdvice } from './suspension.ts';

function waiting(name: string, part: Partial<NodeStatus> = {}): NodeStatus {
  const id = `wf-${name}`;
  const base = { id, name: `wf.${name}`, displayName: name, templateName: 'gate' };
  return { ...base, type: 'Suspend', phase: 'Running', ...part };
}

function workflow(nodes: readonly NodeStatus[], part: Partial<Workflow['spec']> = {}): Workflow {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'wf', namespace: 'default' },
    spec: {
      templates: [
        { name: 'gate', suspend: {} },
        { name: 'delay', suspend: { duration: '20' } },
      ],
      ...part,
    },
    status: { phase: 'Running', nodes: Object.fromEntries(nodes.map((node) => [node.id, node])) },
  };
}

it('a node that waits for somebody is told with the command that resumes it', () => {
  expect(suspensionAdvice(workflow([waiting('gate')]), ' --home h')).toEqual([
    'gate is suspended; to go on: argosy resume wf --home h',
  ]);
});

it('a node that goes on by itself needs no advice', () => {
  const delay = waiting('delay', { templateName: 'delay' });
  expect(suspensionAdvice(workflow([delay]), '')).toEqual([]);
});

it('of several nodes each is told with a selector of its own', () => {
  expect(suspensionAdvice(workflow([waiting('a'), waiting('b(0:x)')]), '')).toEqual([
    'a is suspended; to go on: argosy resume wf --node-field-selector displayName=a',
    "b(0:x) is suspended; to go on: argosy resume wf --node-field-selector displayName='b(0:x)'",
  ]);
});

it('outputs that somebody has to supply are part of the command', () => {
  const outputs = { parameters: [{ name: 'approved', valueFrom: { supplied: {} } }] };
  expect(suspensionAdvice(workflow([waiting('gate', { outputs })]), '')).toEqual([
    'gate is suspended; to go on: argosy resume wf --output-parameter approved=VALUE',
  ]);
});

it('a suspended run is told as a whole, with its namespace; a finished one is not', () => {
  const whole = workflow([waiting('gate')], { suspend: true });
  const elsewhere = { ...whole, metadata: { name: 'wf', namespace: 'lab' } };
  expect(suspensionAdvice(elsewhere, '')).toEqual([
    'wf is suspended; to go on: argosy resume wf -n lab',
  ]);
  const finishedAt = '2026-01-01T00:00:00Z';
  const ended = { ...whole, status: { phase: 'Failed', finishedAt } } as Workflow;
  expect(suspensionAdvice(ended, '')).toEqual([]);
});

it('warnings and errors of a log are sentences for people, the rest is left out', () => {
  const lines: string[] = [];
  const notices = createNotices({ write: (text) => lines.push(text) });
  const log = createLogForPeople(notices, styleFor({ isTTY: false }, {}));
  log.info({}, 'starting');
  log.child({ service: 'executor' }).warn({ image: 'busybox' }, 'image busybox is not used');
  log.error({ message: 'disk full' }, 'while stopping');
  expect(lines).toEqual([
    'warning: image busybox is not used\n',
    'error: while stopping: disk full\n',
  ]);
});

it('diverted notices go through the printer until they are let go', () => {
  const straight: string[] = [];
  const diverted: string[] = [];
  const notices = createNotices({ write: (text) => straight.push(text) });
  const release = notices.divert((line) => diverted.push(line));
  notices.print('one');
  release();
  notices.print('two');
  expect({ straight, diverted }).toEqual({ straight: ['two\n'], diverted: ['one'] });
});
