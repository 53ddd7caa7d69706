import type { NodeStatus, Workflow } from '@argosy/model';
import { outputsOf } from './decide/report-memo.ts';
import type { NodeOutputs } from './facts.ts';
import type { RunHeader } from './input.ts';
import type { NodeRecord } from './state.ts';

/** The label by which Argo tells of which run another one is a resubmission. */
const RESUBMITTED_FROM = 'workflows.argoproj.io/resubmitted-from-workflow';

/** How the message of a node begins that takes over the result of a former run's pod. */
const ORIGINAL_POD = 'original pod: ';

/** A pod of a former run whose result counts in this one. */
export interface ReusedPod {
  readonly originalId: string;
  readonly outputs: NodeOutputs | undefined;
}

/** Labels that a finished run has got from its owner and that a new one must not have. */
const RUN_LABELS = [
  'workflows.argoproj.io/completed',
  'workflows.argoproj.io/phase',
  'workflows.argoproj.io/workflow-archiving-status',
];
const PREVIOUS_NAME = 'workflows.argoproj.io/previous-workflow-name';

/**
 * A new Workflow with the spec of an older run. Memoized, its status holds what succeeded in that run, and that is not
 * run again.
 */
export function workflowAgain(
  former: Workflow,
  { memoized = false }: { readonly memoized?: boolean } = {},
): Workflow {
  const { name = '', namespace, generateName, labels, annotations } = former.metadata;
  const kept = Object.entries(labels ?? {}).filter(([key]) => !RUN_LABELS.includes(key));
  return {
    apiVersion: former.apiVersion,
    kind: former.kind,
    metadata: {
      generateName: generateName ?? `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...Object.fromEntries(kept), [RESUBMITTED_FROM]: name, [PREVIOUS_NAME]: name },
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: former.spec,
    ...(memoized ? { status: memoizedStatus(former) } : {}),
  };
}

/**
 * The status that a memoized resubmission of a run begins with: its succeeded pods as Skipped nodes, as in Argo. The
 * workflow's exit handler runs anew. Names are those of the former run, which the new one knows by its label.
 */
export function memoizedStatus(former: Workflow): { readonly nodes: Record<string, NodeStatus> } {
  const exit = `${former.metadata.name ?? ''}.onExit`;
  const nodes: Record<string, NodeStatus> = {};
  for (const node of Object.values(former.status?.nodes ?? {})) {
    const isPod = node.type === 'Pod' && node.phase === 'Succeeded';
    if ((!isPod && originalIdOf(node) === '') || node.name.startsWith(exit)) continue;
    const message = isPod ? `${ORIGINAL_POD}${node.id}` : (node.message ?? '');
    nodes[node.id] = { ...node, type: 'Skipped', phase: 'Skipped', message };
  }
  return { nodes };
}

/** The pods of a former run that a run takes over, by the part of their name behind the run's; undefined for none. */
export function reusedPods(run: RunHeader): ReadonlyMap<string, ReusedPod> | undefined {
  const former = run.labels[RESUBMITTED_FROM] ?? '';
  const pods = new Map<string, ReusedPod>();
  for (const node of Object.values(run.manifest.status?.nodes ?? {})) {
    const originalId = originalIdOf(node);
    const path = [former, run.name].flatMap((name) => pathBelow(node.name, name))[0];
    if (originalId === '' || path === undefined) continue;
    pods.set(path, { originalId, outputs: outputsOf(node.outputs ?? {}) });
  }
  return pods.size === 0 ? undefined : pods;
}

/** A succeeded attempt stands for the whole Retry node around it. */
function pathBelow(name: string, run: string): readonly string[] {
  if (run === '' || !name.startsWith(run)) return [];
  return [name.slice(run.length).replace(/\(\d+\)$/, '')];
}

function originalIdOf({ type, phase, message = '' }: NodeStatus): string {
  if (type !== 'Skipped' || phase !== 'Skipped' || !message.startsWith(ORIGINAL_POD)) return '';
  return message.slice(ORIGINAL_POD.length);
}

/** The message of a node that takes over a result. */
export function reusedMessage({ originalId }: ReusedPod): string {
  return `${ORIGINAL_POD}${originalId}`;
}

/** Whether a node took over the result of a former run: though Skipped, it counts as succeeded. */
export function isReused({ phase, message }: NodeRecord): boolean {
  return phase === 'Skipped' && message.startsWith(ORIGINAL_POD);
}
