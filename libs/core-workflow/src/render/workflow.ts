import { timeText } from '@argosy/base';
import type { Condition, NodeStatus, Outputs, Workflow, WorkflowStatus } from '@argosy/model';
import { deletionDueAt } from '../deletion.ts';
import type { RunHeader } from '../input.ts';
import type { RunSummary } from '../summary.ts';
import { idOf } from '../names.ts';
import { omit } from '../omit.ts';
import { contextOf, type RunState } from '../state.ts';
import { preciseTimeText } from '../times.ts';
import { buildGraph } from './graph.ts';
import { renderNode } from './node.ts';
import { nodeProgress, progressOfNodes, runProgress } from './progress.ts';
import { renderSynchronization } from './waits.ts';

const SECOND_MS = 1_000;
const PHASE_LABEL = 'workflows.argoproj.io/phase';
/** How the message of a run begins that was never tried. */
const INVALID_SPEC = 'invalid spec: ';
const COMPLETED_LABEL = 'workflows.argoproj.io/completed';

/** The run as the Argo object, with its whole status. Cost: all nodes. */
export function renderWorkflow(state: RunState): Workflow {
  const { run } = contextOf(state);
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      ...run.manifest.metadata,
      name: run.name,
      namespace: run.namespace,
      uid: run.uid,
      creationTimestamp: timeText(run.createdAtMs),
      labels: labelsOf(state),
      ...(Object.keys(run.annotations).length === 0 ? {} : { annotations: run.annotations }),
    },
    spec: specOf(state),
    status: renderStatus(state),
  };
}

function specOf(state: RunState): Workflow['spec'] {
  const { spec } = contextOf(state).run.manifest;
  return {
    ...omit(spec, 'suspend', 'shutdown'),
    ...(state.suspended ? { suspend: true } : {}),
    ...(state.shutdown === '' ? {} : { shutdown: state.shutdown }),
  };
}

function labelsOf(state: RunState): Record<string, string> {
  const finished = state.finishedAt > 0;
  return {
    ...contextOf(state).run.labels,
    ...state.labels,
    ...(state.phase === '' ? {} : { [PHASE_LABEL]: state.phase }),
    ...(state.phase === '' ? {} : { [COMPLETED_LABEL]: finished ? 'true' : 'false' }),
  };
}

function renderStatus(state: RunState): WorkflowStatus {
  const { run } = contextOf(state);
  const nodes = renderNodes(state);
  const outputs = renderOutputs(state);
  const synchronization = renderSynchronization(state);
  return {
    phase: state.phase,
    startedAt: state.startedAt === 0 ? null : preciseTimeText(state.startedAt),
    finishedAt: state.finishedAt === 0 ? null : preciseTimeText(state.finishedAt),
    ...estimatedDuration(run),
    progress: runProgress(state),
    ...(state.message === '' ? {} : { message: state.message }),
    ...(Object.keys(nodes).length === 0 ? {} : { nodes }),
    ...(Object.keys(run.storedTemplates).length === 0
      ? {}
      : { storedTemplates: run.storedTemplates }),
    ...(run.manifest.spec.workflowTemplateRef === undefined || run.rejection !== undefined
      ? {}
      : { storedWorkflowTemplateSpec: run.spec }),
    ...(outputs === undefined ? {} : { outputs }),
    ...(synchronization === undefined ? {} : { synchronization }),
    conditions: conditionsOf(state),
  };
}

/** In whole seconds, as Argo has it. */
function estimatedDuration({
  estimatedDurationMs,
}: RunHeader): Pick<WorkflowStatus, 'estimatedDuration'> {
  if (estimatedDurationMs === undefined) return {};
  return { estimatedDuration: Math.round(estimatedDurationMs / SECOND_MS) };
}

function renderNodes(state: RunState): Record<string, NodeStatus> {
  const graph = buildGraph(state);
  const progress = progressOfNodes(state);
  const nodes: Record<string, NodeStatus> = {};
  for (const node of state.nodes) {
    if (!node.dropped) nodes[idOf(state, node)] = renderNode(state, node, graph, progress);
  }
  return nodes;
}

function renderOutputs(state: RunState): Outputs | undefined {
  const parameters = [...state.outputs.parameters].map(([name, value]) => ({ name, value }));
  const artifacts = [...state.outputs.artifacts.values()];
  if (parameters.length === 0 && artifacts.length === 0) return undefined;
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(artifacts.length === 0 ? {} : { artifacts }),
  };
}

function conditionsOf(state: RunState): readonly Condition[] {
  const running = state.activePods > 0;
  const conditions: Condition[] = [{ type: 'PodRunning', status: running ? 'True' : 'False' }];
  if (state.finishedAt > 0) conditions.push({ type: 'Completed', status: 'True' });
  if (state.nodes.length === 0 && state.message.startsWith(INVALID_SPEC)) {
    const message = state.message.slice(INVALID_SPEC.length);
    conditions.push({ type: 'SpecError', status: 'True', message });
  }
  if (state.metricsError !== '') {
    conditions.push({ type: 'MetricsError', status: 'True', message: state.metricsError });
  }
  return conditions;
}

/** The run in one line. Cost: does not grow with the number of nodes. */
export function summarize(state: RunState): RunSummary {
  const { run } = contextOf(state);
  const deleteAt = deletionDueAt(state);
  return {
    uid: run.uid,
    name: run.name,
    namespace: run.namespace,
    phase: state.phase,
    message: state.message,
    // With milliseconds: lists are ordered by it, and many runs begin within one second.
    createdAt: preciseTimeText(run.createdAtMs),
    ...(state.startedAt === 0 ? {} : { startedAt: preciseTimeText(state.startedAt) }),
    ...(state.finishedAt === 0 ? {} : { finishedAt: preciseTimeText(state.finishedAt) }),
    ...(deleteAt === undefined ? {} : { deleteAt: preciseTimeText(deleteAt) }),
    progress: nodeProgress({ done: state.leavesDone, total: state.leavesTotal }),
    labels: labelsOf(state),
    ...(Object.keys(run.annotations).length === 0 ? {} : { annotations: run.annotations }),
    ...(run.spec.entrypoint === undefined ? {} : { entrypoint: run.spec.entrypoint }),
    ...(state.suspended ? { suspended: true } : {}),
    ...(run.spec.priority === undefined ? {} : { priority: run.spec.priority }),
  };
}

/** The run has reached its end. */
export function isFinished(state: RunState): boolean {
  return state.finishedAt > 0;
}
