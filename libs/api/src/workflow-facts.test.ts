// Covers the wire form of every kind of fact. Leaves out what facts mean: see core-workflow.
import type { Fact } from '@argosy/core-workflow';
import { headerOf } from '@argosy/core-workflow/testing';
import { expect, test } from 'vitest';
import { decodeFacts, encodeFacts } from './workflow-facts.ts';

const AT = 1_700_000_000_123;

const header = headerOf({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { name: 'wf' },
  spec: {
    entrypoint: 'main',
    templates: [{ name: 'main', container: { image: 'a', args: ['é"'] } }],
  },
});

const facts: readonly Fact[] = [
  { kind: 'RunSubmitted', at: AT, run: header },
  { kind: 'RunStarted', at: AT },
  { kind: 'RunSuspended', at: AT + 5, suspended: true },
  { kind: 'RunShutdown', at: AT, strategy: 'Stop', message: 'enough' },
  { kind: 'RunDeadlineReached', at: AT },
  { kind: 'RunLabelled', at: AT, labels: { a: 'b' } },
  { kind: 'RunRetried', at: AT, dropped: [1, 2], reopened: [0], parameters: { x: '1' } },
  {
    kind: 'NodeCreated',
    at: AT,
    type: 'Pod',
    phase: 'Pending',
    relation: 'step',
    parent: 0,
    slot: 3,
    item: 0,
    plan: 0,
    label: 'a(0:x)',
    message: '',
    parameters: ['', null, 'v'],
    artifacts: [{ name: 'in', path: '/in', raw: { data: 'x' } }],
    until: AT + 1_000,
  },
  {
    kind: 'NodeCreated',
    at: AT,
    type: 'Skipped',
    phase: 'Omitted',
    relation: 'root',
    parent: -1,
    slot: 0,
    item: -1,
    plan: -1,
    label: '',
    message: 'omitted: depends condition not met',
    until: 0,
  },
  { kind: 'NodeStarted', at: AT, node: 1, hostNodeName: 'h', podIP: '10.0.0.1', until: 0 },
  { kind: 'NodeProgressed', at: AT, node: 1, progress: '1/2' },
  {
    kind: 'NodeFinished',
    at: AT,
    node: 1,
    phase: 'Error',
    message: 'm',
    outputs: { result: '', exitCode: '1', parameters: { p: 'v' }, artifacts: [{ name: 'o' }] },
    cancel: 'Deadline',
  },
  { kind: 'NodeFinished', at: AT, node: 1, phase: 'Succeeded', message: '' },
  { kind: 'NodeSettled', at: AT, node: 1 },
  { kind: 'NodeWaiting', at: AT, node: 2, until: AT + 4_000, message: 'Backoff for 4 seconds' },
  { kind: 'NodeWoken', at: AT, node: 2 },
  { kind: 'NodeAmended', at: AT, node: 3, message: 'm', parameters: { p: 'v' } },
  { kind: 'LoopExpanded', at: AT, node: 4, slot: 1, items: ['"a"', '{"b":1}'] },
  { kind: 'RunFinished', at: AT, phase: 'Failed', message: "child 'wf-1' failed" },
];

test('every kind of fact is the same after the wire', () => {
  expect(decodeFacts(encodeFacts(facts))).toEqual(facts);
});

test('an empty batch is the same after the wire', () => {
  expect(decodeFacts(encodeFacts([]))).toEqual([]);
});

test('a fact of a kind that this version does not know is an error, not a hole', () => {
  // FactBatch { facts: [ Fact { <field 999>: "" } ] }
  const unknown = Uint8Array.of(0x12, 0x03, 0xba, 0x3e, 0x00);
  expect(() => decodeFacts(unknown)).toThrow('does not know');
});

test('a node of a loop takes less than 60 bytes besides its values', () => {
  const node = facts.find((fact) => fact.kind === 'NodeCreated');
  if (node?.kind !== 'NodeCreated') throw new Error('no NodeCreated among the facts');
  const { artifacts: _artifacts, ...plain } = { ...node, until: 0, label: '', parameters: ['v'] };
  const one = encodeFacts([plain]).length;
  const two = encodeFacts([plain, plain]).length;
  expect(two - one).toBeLessThan(60);
});
