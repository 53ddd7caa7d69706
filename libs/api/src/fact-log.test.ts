// Covers decisions that take several messages of a run's log. Leaves out the facts' own form (workflow-facts.test.ts).
import type { Fact } from '@argosy/core-workflow';
import { expect, it } from 'vitest';
import type { CloudEvent } from './cloud-event.ts';
import { createFactLogReader, decisionGoesOn } from './fact-log.ts';
import { encodeFacts } from './workflow-facts.ts';

const woken = (node: number): Fact => ({ kind: 'NodeWoken', at: 1, node });

function message(nodes: readonly number[], goesOn = false): CloudEvent {
  const data = encodeFacts(nodes.map(woken));
  const extensions = decisionGoesOn(goesOn);
  return { id: '1', source: '/test', type: 'facts', extensions, data };
}

it('a decision of one message counts at once', () => {
  expect(createFactLogReader().take(message([1, 2]))).toEqual([woken(1), woken(2)]);
});

it('a decision of several messages counts with the last of them', () => {
  const reader = createFactLogReader();
  expect(reader.take(message([1], true))).toEqual([]);
  expect(reader.isPending).toBe(true);
  expect(reader.take(message([2], true))).toEqual([]);
  expect(reader.take(message([3]))).toEqual([woken(1), woken(2), woken(3)]);
  expect(reader.isPending).toBe(false);
  expect(reader.take(message([4]))).toEqual([woken(4)]);
});

it('a message without facts ends a decision that is not complete: it was never taken', () => {
  const reader = createFactLogReader();
  reader.take(message([1], true));
  expect(reader.take(message([]))).toEqual([]);
  expect(reader.isPending).toBe(false);
  expect(reader.take(message([2]))).toEqual([woken(2)]);
});
