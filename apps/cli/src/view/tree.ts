import type { NodeStatus, Workflow } from '@argosy/model';
import { elapsed } from './duration.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

const MARKS: Readonly<Record<string, readonly [string, string]>> = {
  Succeeded: ['✔', '+'],
  Failed: ['✖', 'x'],
  Error: ['⚠', '!'],
  Running: ['●', '*'],
  Pending: ['◷', '.'],
  Skipped: ['○', '-'],
  Omitted: ['○', '-'],
};

interface Row {
  readonly prefix: string;
  readonly node: NodeStatus;
}

/** The table of a run's nodes as `argo get` prints it: a tree with template, duration and message. */
export function workflowTree(
  workflow: Workflow,
  options: { readonly nowMs: number; readonly style: Style; readonly wide?: boolean },
): string {
  const { style, nowMs, wide = false } = options;
  const rows = treeRows(workflow, style.unicode).map(({ prefix, node }) => [
    prefix + nodeLabel(node, style),
    node.templateRef?.template ?? node.templateName ?? '',
    elapsed(node.startedAt, node.finishedAt, nowMs),
    ...(wide ? [node.id] : []),
    node.message ?? '',
  ]);
  if (rows.length === 0) return '';
  const columns = ['STEP', 'TEMPLATE', 'DURATION', ...(wide ? ['NODE'] : []), 'MESSAGE'];
  return table([columns.map(style.bold), ...rows]);
}

function nodeLabel(node: NodeStatus, style: Style): string {
  const phase = node.type === 'Suspend' && node.phase === 'Running' ? 'Suspended' : node.phase;
  const [unicode = '◷', ascii = '.'] =
    phase === 'Suspended' ? ['ǁ', '='] : (MARKS[phase ?? ''] ?? []);
  const mark = style.phase(node.phase ?? '', style.unicode ? unicode : ascii);
  return `${mark} ${node.displayName ?? node.name}`;
}

/** Every node once, under the node that it belongs to. */
function treeRows(workflow: Workflow, unicode: boolean): readonly Row[] {
  const nodes = workflow.status?.nodes ?? {};
  const rows: Row[] = [];
  const seen = new Set<string>();

  const walk = (node: NodeStatus, prefix: string, indent: string): void => {
    if (seen.has(node.id)) return;
    seen.add(node.id);
    rows.push({ prefix, node });
    const nested = nestedNodes(node, nodes).filter((child) => !seen.has(child.id));
    nested.forEach((child, index) => {
      const last = index === nested.length - 1;
      const branch = unicode ? (last ? '└─' : '├─') : last ? '`-' : '|-';
      const rest = last ? '  ' : unicode ? '│ ' : '| ';
      walk(child, indent + branch, indent + rest);
    });
  };

  const name = workflow.metadata.name ?? '';
  const root = nodes[name];
  if (root !== undefined) walk(root, '', '');
  // Exit handlers and hooks of the whole workflow hang on no other node.
  for (const node of Object.values(nodes)) {
    if (node.boundaryID === undefined || node.boundaryID === '') walk(node, '', '');
  }
  for (const node of Object.values(nodes)) if (node.type !== 'StepGroup') walk(node, '', '');
  return rows;
}

/** The nodes drawn below a node. Step groups are not drawn: their steps stand in their place. */
function nestedNodes(
  node: NodeStatus,
  nodes: Readonly<Record<string, NodeStatus>>,
): readonly NodeStatus[] {
  const all = Object.values(nodes);
  switch (node.type) {
    case 'Steps':
    case 'DAG': {
      const inside = all.filter((candidate) => candidate.boundaryID === node.id);
      const grouped = new Set(
        inside
          .filter((candidate) => candidate.type === 'TaskGroup' || candidate.type === 'Retry')
          .flatMap((candidate) => attemptsOf(candidate, nodes).map((child) => child.id)),
      );
      return inside
        .filter((candidate) => candidate.type !== 'StepGroup' && !grouped.has(candidate.id))
        .sort(byStart);
    }
    case 'TaskGroup':
    case 'Retry':
      return attemptsOf(node, nodes);
    case 'Pod':
      return all.filter((candidate) => candidate.boundaryID === node.id);
    default:
      return [];
  }
}

/** The children that a group wraps: their names continue its own; followers have names of their own. */
function attemptsOf(
  group: NodeStatus,
  nodes: Readonly<Record<string, NodeStatus>>,
): readonly NodeStatus[] {
  return (group.children ?? [])
    .map((id) => nodes[id])
    .filter((child) => child !== undefined)
    .filter(
      (child) => child.name.startsWith(`${group.name}(`) || child.name.startsWith(`${group.name}.`),
    );
}

function byStart(left: NodeStatus, right: NodeStatus): number {
  const order = (left.startedAt ?? '').localeCompare(right.startedAt ?? '');
  return order === 0 ? left.name.localeCompare(right.name, 'en', { numeric: true }) : order;
}
