const DISTANCE_MAX = 2;

/** Fields of Argo 3 that version 4 no longer has, and what to write now; by schema and field. */
const REMOVED: Readonly<Record<string, string>> = {
  'Synchronization.mutex': 'write `mutexes:` with a list',
  'Synchronization.semaphore': 'write `semaphores:` with a list',
  'CronWorkflowSpec.schedule': 'write `schedules:` with a list',
  'WorkflowSpec.podPriority': 'use `podPriorityClassName`',
  'WorkflowSpec.ttlSecondsAfterFinished': 'use `ttlStrategy.secondsAfterCompletion`',
};

/** What to do about a field that the object does not have: a sentence, or empty text. */
export function adviceFor(objectName: string, field: string, known: Iterable<string>): string {
  const removed = REMOVED[`${objectName}.${field}`];
  if (removed !== undefined) return `it was removed in Argo 4: ${removed}`;
  const nearest = nearestName(field, known);
  return nearest === undefined ? 'remove it, or check its place' : `did you mean "${nearest}"?`;
}

/** The candidate that differs least, if by no more than two letters and less than half the word. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(DISTANCE_MAX, Math.floor((name.length - 1) / 2)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters added, removed, changed or swapped with their neighbour. */
function editDistance(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > DISTANCE_MAX) return DISTANCE_MAX + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1];
      const isSwapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const changed = (previous[column - 1] ?? 0) + (isSame ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const added = (current[column - 1] ?? 0) + 1;
      const swapped = isSwapped ? (beforePrevious[column - 2] ?? Infinity) + 1 : Infinity;
      current.push(Math.min(changed, removed, added, swapped));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? DISTANCE_MAX + 1;
}
