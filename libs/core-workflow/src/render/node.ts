import type { NodeStatus, TemplateRef } from '@argosy/model';
import { callOf, displayNameOf, idOf, nodeNameOf, planOf } from '../names.ts';
import { inputsOf } from '../owed/task.ts';
import type { TemplatePlan } from '../plan/template.ts';
import { contextOf, isFulfilled, nodeAt, type NodeRecord, type RunState } from '../state.ts';
import { preciseTimeText } from '../times.ts';
import type { Graph } from './graph.ts';
import { renderOutputs } from './outputs.ts';
import { nodeProgress, type ProgressCounts } from './progress.ts';
import { nodeWaits } from './waits.ts';

/** One entry of `status.nodes`. */
export function renderNode(
  state: RunState,
  node: NodeRecord,
  graph: Graph,
  progress: readonly ProgressCounts[],
): NodeStatus {
  const plan = planOf(state, node);
  const children = graph.children[node.index] ?? [];
  const outputs = renderOutputs(node, plan);
  const inputs = plan === undefined ? undefined : inputsOf(plan, node);
  return {
    id: idOf(state, node),
    name: nodeNameOf(state, node),
    displayName: displayNameOf(state, node),
    type: node.type,
    ...renderTemplateOf(state, node, plan),
    phase: node.phase,
    ...(node.boundary < 0 ? {} : { boundaryID: idOf(state, nodeAt(state, node.boundary)) }),
    ...(node.message === '' ? {} : { message: node.message }),
    startedAt: preciseTimeText(node.startedAt),
    finishedAt: node.finishedAt === 0 ? null : preciseTimeText(node.finishedAt),
    ...progressOf(node, progress),
    ...(node.podIP === '' ? {} : { podIP: node.podIP }),
    ...(node.daemoned ? { daemoned: true } : {}),
    ...flagOf(node),
    ...(inputs === undefined ? {} : { inputs }),
    ...(outputs === undefined ? {} : { outputs }),
    ...(children.length === 0 ? {} : { children: idsOf(state, children) }),
    ...outboundIds(state, node, graph),
    ...(node.hostNodeName === '' ? {} : { hostNodeName: node.hostNodeName }),
    ...nodeWaits(state, node),
  };
}

function idsOf(state: RunState, indexes: readonly number[]): readonly string[] {
  return indexes.map((index) => idOf(state, nodeAt(state, index)));
}

function outboundIds(
  state: RunState,
  node: NodeRecord,
  graph: Graph,
): Pick<NodeStatus, 'outboundNodes'> {
  if (!isFulfilled(node.phase)) return {};
  const isContainer = node.type === 'Steps' || node.type === 'DAG';
  if (!isContainer && node.type !== 'Pod') return {};
  return { outboundNodes: idsOf(state, graph.outboundOf(node)) };
}

function flagOf(node: NodeRecord): Pick<NodeStatus, 'nodeFlag'> {
  if (node.relation === 'hook' || node.relation === 'runHook')
    return { nodeFlag: { hooked: true } };
  return node.relation === 'attempt' ? { nodeFlag: { retried: true } } : {};
}

function progressOf(
  node: NodeRecord,
  progress: readonly ProgressCounts[],
): Pick<NodeStatus, 'progress'> {
  const counts = progress[node.index];
  if (counts === undefined || counts.total === 0) return {};
  return { progress: nodeProgress(counts) };
}

/** The template by name or by reference, and the scope it was called from. */
function renderTemplateOf(
  state: RunState,
  node: NodeRecord,
  plan: TemplatePlan | undefined,
): Pick<NodeStatus, 'templateName' | 'templateRef' | 'templateScope'> {
  const templateScope = scopeOf(state, node);
  const call = node.relation === 'group' ? undefined : callOf(state, node);
  if (call?.template.kind === 'Reference' && plan !== undefined) {
    const [kind, name = ''] = plan.scope.split('/');
    const templateRef: TemplateRef = {
      name,
      template: plan.name,
      ...(kind === 'cluster' ? { clusterScope: true } : {}),
    };
    return { templateRef, templateScope };
  }
  const name = plan?.name ?? plainName(call);
  return name === '' ? { templateScope } : { templateName: name, templateScope };
}

function plainName(call: ReturnType<typeof callOf>): string {
  return call?.template.kind === 'Name' ? call.template.name.source : '';
}

/** `local/<workflow>` or the object that the enclosing template belongs to. */
function scopeOf(state: RunState, node: NodeRecord): string {
  const local = `local/${contextOf(state).run.name}`;
  if (node.boundary < 0) return local;
  const scope = planOf(state, nodeAt(state, node.boundary))?.scope ?? 'local';
  return scope === 'local' ? local : scope;
}
