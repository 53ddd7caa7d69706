// Covers the heap of timers. Leaves out what timers do (control.test.ts, retry.test.ts).
import { expect, test } from 'vitest';
import { addTimer, dueTimers, removeEarliest, type TimerHeap } from './timers.ts';

/** A fixed sequence without order. */
const INSTANTS = Array.from({ length: 200 }, (_, index) => (index * 7_919) % 211);

function heapOf(instants: readonly number[]): TimerHeap {
  const heap: TimerHeap = { entries: [] };
  instants.forEach((at, node) => addTimer(heap, { at, node }));
  return heap;
}

test('the earliest timer is always at the top', () => {
  const heap = heapOf(INSTANTS);
  const taken: number[] = [];
  for (let top = heap.entries[0]; top !== undefined; top = heap.entries[0]) {
    taken.push(top.at);
    removeEarliest(heap);
  }
  expect(taken).toEqual([...INSTANTS].sort((left, right) => left - right));
});

test('due timers come in order and stay in the heap', () => {
  const heap = heapOf(INSTANTS);
  const due = dueTimers(heap, 50).map(({ at }) => at);
  expect(due).toEqual(INSTANTS.filter((at) => at <= 50).sort((left, right) => left - right));
  expect(heap.entries).toHaveLength(INSTANTS.length);
});
