import { isTaskType, type NodeRecord, type RunState } from '../state.ts';

/** Parts done and parts in all. */
export interface ProgressCounts {
  done: number;
  total: number;
}

/** Progress of every node: its own if it is a leaf, else the sum over what it manages. */
export function progressOfNodes(state: RunState): readonly ProgressCounts[] {
  const counts = state.nodes.map((node) => leafProgress(node));
  // Parents come before their children, so one walk from the end sums everything up.
  for (let index = state.nodes.length - 1; index >= 0; index -= 1) {
    const node = state.nodes[index];
    const own = counts[index];
    const above = node === undefined ? undefined : counts[node.parent];
    if (own === undefined || above === undefined || node?.dropped === true) continue;
    above.done += own.done;
    above.total += own.total;
  }
  return counts;
}

/** `N/M`. */
export function nodeProgress(counts: ProgressCounts): string {
  return `${counts.done}/${counts.total}`;
}

/** The whole run: all leaves, exit handlers included. */
export function runProgress(state: RunState): string {
  const sum: ProgressCounts = { done: 0, total: 0 };
  for (const node of state.nodes) {
    if (node.dropped) continue;
    const own = leafProgress(node);
    sum.done += own.done;
    sum.total += own.total;
  }
  return nodeProgress(sum);
}

function leafProgress(node: NodeRecord): ProgressCounts {
  if (!isTaskType(node.type) || node.dropped) return { done: 0, total: 0 };
  const match = /^(\d+)\/(\d+)$/.exec(node.progress);
  const total = match === null ? 1 : Number(match[2]);
  // Success means that all of it is done, whatever was told last.
  if (node.phase === 'Succeeded') return { done: total, total };
  // A failed leaf has done what it last told, by default nothing.
  return { done: match === null ? 0 : Number(match[1]), total };
}
