/** A timer of a node, or of the run (node -1). */
export interface Timer {
  readonly at: number;
  readonly node: number;
}

/** Binary heap, earliest first. Timers are never removed early: a stale one is seen as such when due. */
export interface TimerHeap {
  readonly entries: Timer[];
}

/** Adds a timer in O(log n). */
export function addTimer(heap: TimerHeap, timer: Timer): void {
  const { entries } = heap;
  let index = entries.push(timer) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = entries[parent];
    if (above === undefined || above.at <= timer.at) break;
    entries[index] = above;
    index = parent;
  }
  entries[index] = timer;
}

/** Takes the earliest timer away in O(log n). */
export function removeEarliest(heap: TimerHeap): void {
  const { entries } = heap;
  const last = entries.pop();
  if (last === undefined || entries.length === 0) return;
  let index = 0;
  for (;;) {
    const child = smallerChild(entries, index);
    const below = entries[child];
    if (below === undefined || below.at >= last.at) break;
    entries[index] = below;
    index = child;
  }
  entries[index] = last;
}

/** All timers due at an instant, in the order of their instants; the heap is only read. */
export function dueTimers(heap: TimerHeap, at: number): readonly Timer[] {
  const due: Timer[] = [];
  const stack = [0];
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    const timer = heap.entries[index];
    if (timer === undefined || timer.at > at) continue;
    due.push(timer);
    stack.push(2 * index + 1, 2 * index + 2);
  }
  return due.sort((left, right) => left.at - right.at || left.node - right.node);
}

function smallerChild(entries: readonly Timer[], index: number): number {
  const left = 2 * index + 1;
  const right = left + 1;
  const leftTimer = entries[left];
  const rightTimer = entries[right];
  if (leftTimer === undefined || rightTimer === undefined) return left;
  return rightTimer.at < leftTimer.at ? right : left;
}
