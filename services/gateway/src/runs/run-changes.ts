import type { NodeStatus, Workflow, WorkflowStatus } from '@argosy/model';

/** What differs between two renderings of one run. */
export interface RunDifference {
  /**
   * The later one, with the nodes that are new or have changed and no others; without its spec if that is the same,
   * and without the templates in its status, which never change.
   */
  readonly workflow: Partial<Workflow>;
  /** New or changed, in the order of their creation. */
  readonly nodes: readonly NodeStatus[];
  /** Ids of nodes that the later one lacks. */
  readonly removed: readonly string[];
}

/** Cost: a comparison of each node. */
export function differenceOf(before: Workflow, now: Workflow): RunDifference {
  const { spec, ...rest } = now;
  const known = before.status?.nodes ?? {};
  const present = now.status?.nodes ?? {};
  const nodes = Object.values(present).filter((node) => !isSame(known[node.id], node));
  const removed = Object.keys(known).filter((id) => present[id] === undefined);
  const status = withoutTemplates(now.status);
  const isSpecSame = isSame(before.spec, spec);
  const workflow = { ...rest, ...(isSpecSame ? {} : { spec }), status: withNodes(status, nodes) };
  return { workflow, nodes, removed };
}

/** All of a run, as a difference from nothing. */
export function wholeOf(now: Workflow): RunDifference {
  return { workflow: now, nodes: Object.values(now.status?.nodes ?? {}), removed: [] };
}

/** A difference in pieces of few enough nodes, each of them a difference on top of those before. */
export function* piecesOf(difference: RunDifference, nodesMax: number): Iterable<RunDifference> {
  const { workflow, nodes, removed } = difference;
  if (nodes.length <= nodesMax) {
    yield difference;
    return;
  }
  const { status, metadata } = workflow;
  for (let from = 0; from < nodes.length; from += nodesMax) {
    const some = nodes.slice(from, from + nodesMax);
    if (from === 0) {
      yield { workflow: { ...workflow, status: withNodes(status, some) }, nodes: some, removed };
      continue;
    }
    // All else came with the first piece.
    const rest = withoutTemplates(status);
    const named = metadata === undefined ? {} : { metadata };
    yield { workflow: { ...named, status: withNodes(rest, some) }, nodes: some, removed: [] };
  }
}

function withoutTemplates(status: WorkflowStatus | undefined): WorkflowStatus {
  const { storedTemplates: _some, storedWorkflowTemplateSpec: _spec, ...rest } = { ...status };
  return rest;
}

function withNodes(
  status: WorkflowStatus | undefined,
  nodes: readonly NodeStatus[],
): WorkflowStatus {
  const { nodes: _all, ...rest } = { ...status };
  if (nodes.length === 0) return rest;
  return { ...rest, nodes: Object.fromEntries(nodes.map((node) => [node.id, node])) };
}

/** Whether two pieces of data are alike; absent fields and undefined ones are. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isContainer(one) || !isContainer(other)) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  for (const key in one) if (!isSame(one[key], other[key])) return false;
  for (const key in other) if (one[key] === undefined && other[key] !== undefined) return false;
  return true;
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
