import { isFulfilled, nodeAt, type NodeRecord, type RunState } from '../state.ts';

/** The edges of the graph as Argo shows it. */
export interface Graph {
  readonly children: readonly (readonly number[])[];
  /** Nodes that what comes next hangs on. */
  outboundOf(node: NodeRecord): readonly number[];
}

/** Derives the edges from how nodes are managed; made anew for each rendering. */
export function buildGraph(state: RunState): Graph {
  const children: number[][] = state.nodes.map(() => []);
  const outbound = new Map<number, readonly number[]>();
  const outboundOf = (node: NodeRecord): readonly number[] => {
    const known = outbound.get(node.index);
    if (known !== undefined) return known;
    const computed = computeOutbound(state, node, outboundOf);
    if (isFulfilled(node.phase)) outbound.set(node.index, computed);
    return computed;
  };
  for (const node of state.nodes) {
    if (node.dropped) continue;
    for (const parent of graphParents(state, node, outboundOf)) {
      const list = children[parent];
      if (list !== undefined && !list.includes(node.index)) list.push(node.index);
    }
  }
  return { children, outboundOf };
}

type OutboundOf = (node: NodeRecord) => readonly number[];

function graphParents(
  state: RunState,
  node: NodeRecord,
  outboundOf: OutboundOf,
): readonly number[] {
  switch (node.relation) {
    case 'root':
      return [];
    case 'runHook':
      return node.label === 'exit' || state.root < 0 ? [] : [state.root];
    case 'group':
      return groupParents(state, node, outboundOf);
    case 'task':
      return taskParents(state, node, outboundOf);
    case 'step':
    case 'item':
    case 'attempt':
    case 'hook':
    case 'container':
      return [node.parent];
  }
}

/** A group hangs on the ends of the group before it, or on that group itself when it is empty. */
function groupParents(
  state: RunState,
  node: NodeRecord,
  outboundOf: OutboundOf,
): readonly number[] {
  const steps = nodeAt(state, node.parent);
  if (node.slot === 0 || steps.runtime?.kind !== 'Steps') return [node.parent];
  const before = steps.runtime.groups[node.slot - 1];
  return before === undefined ? [node.parent] : outboundOf(nodeAt(state, before));
}

function taskParents(state: RunState, node: NodeRecord, outboundOf: OutboundOf): readonly number[] {
  const dagNode = nodeAt(state, node.parent);
  if (dagNode.runtime?.kind !== 'DAG') return [node.parent];
  const parents: number[] = [];
  for (const dependency of dagNode.runtime.dag.dependencies[node.slot] ?? []) {
    const index = dagNode.runtime.taskNodes[dependency] ?? -1;
    if (index >= 0) parents.push(...outboundOf(nodeAt(state, index)));
  }
  return parents.length === 0 ? [node.parent] : parents;
}

function computeOutbound(
  state: RunState,
  node: NodeRecord,
  outboundOf: OutboundOf,
): readonly number[] {
  const { runtime } = node;
  switch (runtime?.kind) {
    case undefined:
      return [node.index];
    case 'Steps': {
      const last = runtime.groups.at(-1);
      return last === undefined ? [node.index] : outboundOf(nodeAt(state, last));
    }
    case 'Group': {
      if (runtime.children.length === 0) return [node.index];
      return runtime.children.flatMap((child) => outboundOf(nodeAt(state, child)));
    }
    case 'Retry': {
      const last = runtime.attempts.at(-1);
      return last === undefined ? [node.index] : outboundOf(nodeAt(state, last));
    }
    case 'DAG': {
      return runtime.dag.targets.flatMap((task) => {
        const index = runtime.taskNodes[task] ?? -1;
        return index < 0 ? [] : outboundOf(nodeAt(state, index));
      });
    }
  }
}
