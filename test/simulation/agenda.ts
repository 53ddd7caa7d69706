/** Virtual time: what is to happen, earliest first; what is due at the same instant happens in the order it was planned. */
export interface Agenda {
  /** Milliseconds since the epoch, in virtual time. */
  readonly now: number;
  /** Plans an action after a delay in milliseconds. */
  after(delayMs: number, act: () => void): void;
  /** Does the next thing, and moves the time on to it; false when nothing is left. */
  next(): boolean;
  /** Everything that is planned is forgotten. */
  clear(): void;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

export function createAgenda(startMs: number): Agenda {
  const heap: Entry[] = [];
  let now = startMs;
  let planned = 0;
  return {
    get now() {
      return now;
    },
    after(delayMs, act) {
      planned += 1;
      insert(heap, { at: now + Math.max(0, delayMs), order: planned, act });
    },
    next() {
      const entry = removeFirst(heap);
      if (entry === undefined) return false;
      now = entry.at;
      entry.act();
      return true;
    },
    clear() {
      heap.length = 0;
    },
  };
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

function insert(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(entry, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = entry;
}

function removeFirst(heap: Entry[]): Entry | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const right = left + 1;
    const [leftEntry, rightEntry] = [heap[left], heap[right]];
    if (leftEntry === undefined) break;
    const isRight = rightEntry !== undefined && isBefore(rightEntry, leftEntry);
    const below = isRight ? rightEntry : leftEntry;
    if (!isBefore(below, last)) break;
    heap[index] = below;
    index = isRight ? right : left;
  }
  heap[index] = last;
  return first;
}
