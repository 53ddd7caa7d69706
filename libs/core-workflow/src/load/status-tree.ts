import type { NodeStatus, WorkflowStatus } from '@argosy/model';

/** The nodes of a status by name, and what lies below each of them. */
export interface StatusTree {
  readonly byName: ReadonlyMap<string, NodeStatus>;
  /** Nodes whose boundary is the given node, in order of creation. */
  belowBoundary(id: string): readonly NodeStatus[];
  /** Attempts of a Retry node, in order. */
  attemptsOf(node: NodeStatus): readonly NodeStatus[];
  /** Groups of a Steps node, in order. */
  groupsOf(node: NodeStatus): readonly NodeStatus[];
  /** Hooks of a node (or of the run, by its name): hook name and node. */
  hooksOf(name: string): readonly (readonly [string, NodeStatus])[];
}

/** Sorts the nodes of a status into a tree, by their names and boundaries. */
export function buildStatusTree(status: WorkflowStatus): StatusTree {
  const nodes = Object.values(status.nodes ?? {});
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const boundaries = new Map<string, NodeStatus[]>();
  const hooks = new Map<string, (readonly [string, NodeStatus])[]>();
  for (const node of nodes) {
    const hook = /^(.*?)(?:\.(onExit)|\.hooks\.([^.[(]+))$/.exec(node.name);
    if (hook !== null) {
      const owner = hook[1] ?? '';
      hooks.set(owner, [...(hooks.get(owner) ?? []), [hook[3] ?? 'exit', node]]);
      continue;
    }
    if (node.boundaryID === undefined) continue;
    const list = boundaries.get(node.boundaryID);
    if (list === undefined) boundaries.set(node.boundaryID, [node]);
    else list.push(node);
  }
  return {
    byName,
    belowBoundary: (id) => boundaries.get(id) ?? [],
    attemptsOf: (node) => numbered(byName, (index) => `${node.name}(${index})`),
    groupsOf: (node) => numbered(byName, (index) => `${node.name}[${index}]`),
    hooksOf: (name) => hooks.get(name) ?? [],
  };
}

function numbered(
  byName: ReadonlyMap<string, NodeStatus>,
  nameOf: (index: number) => string,
): readonly NodeStatus[] {
  const found: NodeStatus[] = [];
  for (let index = 0; ; index += 1) {
    const node = byName.get(nameOf(index));
    if (node === undefined) return found;
    found.push(node);
  }
}

/** The part of a loop's round in a name: `a(3:x)` → name `a`, round 3, item `x`. */
export function roundOf(
  name: string,
): { readonly base: string; readonly round: number; readonly item: string } | undefined {
  const match = /^(.*?)\((\d+):(.*)\)$/s.exec(name);
  if (match === null) return undefined;
  return { base: match[1] ?? '', round: Number(match[2]), item: match[3] ?? '' };
}
