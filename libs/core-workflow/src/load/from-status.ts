import type { NodeStatus, NodePhase, Workflow } from '@argosy/model';
import { scopeOfContainer } from '../decide/calls.ts';
import { gateOf } from '../decide/gate.ts';
import { createDraft } from '../decide/draft.ts';
import { expandLoop } from '../decide/loop.ts';
import { evolve } from '../evolve/index.ts';
import type { Fact, NodeGate, NodeOutputs, NodeRelation } from '../facts.ts';
import type { RunHeader } from '../input.ts';
import type { CallPlan } from '../plan/call.ts';
import { findTemplate, LOCAL_SCOPE } from '../plan/table.ts';
import { stepsOf, type TemplatePlan } from '../plan/template.ts';
import { createScope } from '../scope/variables.ts';
import {
  contextOf,
  dagRuntimeOf,
  initialState,
  isFulfilled,
  nodeAt,
  type RunState,
} from '../state.ts';
import { parseTime } from '../times.ts';
import { buildStatusTree, roundOf, type StatusTree } from './status-tree.ts';

const NO_UID = '00000000-0000-4000-8000-000000000000';
const COMPLETED_LABEL = 'workflows.argoproj.io/completed';

/** A state with the facts that lead to it. */
export interface LoadedStatus {
  readonly state: RunState;
  readonly facts: readonly Fact[];
}

/**
 * Rebuilds a run from an Argo object with a status, as if its history had been kept: for taking over
 * runs from a cluster, and for trying a situation without living through it.
 */
export function stateFromStatus(header: RunHeader): LoadedStatus {
  const status = header.manifest.status ?? {};
  const loader: Loader = { state: initialState(), facts: [], tree: buildStatusTree(status) };
  const at = parseTime(status.startedAt) || header.createdAtMs;
  put(loader, { kind: 'RunSubmitted', at, run: header });
  // A status with nodes was begun, even if it does not say so.
  if ((status.phase ?? '') === '' && Object.keys(status.nodes ?? {}).length === 0) return loader;
  put(loader, { kind: 'RunStarted', at });
  const root = loader.tree.byName.get(header.name);
  if (root !== undefined) {
    loadNode(loader, root, { relation: 'root', parent: -1, slot: 0, scope: LOCAL_SCOPE });
  }
  for (const [label, node] of loader.tree.hooksOf(header.name)) {
    const place = { relation: 'runHook', parent: -1, slot: 0, label, scope: LOCAL_SCOPE } as const;
    loadNode(loader, node, place);
  }
  loadEnd(loader, header, at);
  // What the status shows has been handed out already.
  loader.state.outbox = [];
  return loader;
}

/** Only the label says that a run is over: before it is set, hooks may still have to run. */
function loadEnd(loader: Loader, header: RunHeader, begun: number): void {
  const { phase, finishedAt, message = '' } = header.manifest.status ?? {};
  if (phase !== 'Succeeded' && phase !== 'Failed' && phase !== 'Error') return;
  if (header.labels[COMPLETED_LABEL] !== 'true') {
    loader.state.phase = phase;
    return;
  }
  put(loader, { kind: 'RunFinished', at: parseTime(finishedAt) || begun, phase, message });
}

/** The header of a workflow that carries its own status and stored templates. */
export function headerFromStatus(workflow: Workflow, changes: Partial<RunHeader> = {}): RunHeader {
  const { metadata, status = {} } = workflow;
  const { uid = NO_UID, name = '', namespace = 'default' } = metadata;
  const { labels = {}, annotations = {} } = metadata;
  return {
    uid,
    name,
    namespace,
    createdAtMs: parseTime(metadata.creationTimestamp) || parseTime(status.startedAt),
    labels,
    annotations,
    manifest: workflow,
    spec: status.storedWorkflowTemplateSpec ?? workflow.spec,
    storedTemplates: status.storedTemplates ?? {},
    ...changes,
  };
}

interface Loader {
  readonly state: RunState;
  readonly facts: Fact[];
  readonly tree: StatusTree;
}

interface LoadPlace {
  readonly relation: NodeRelation;
  readonly parent: number;
  readonly slot: number;
  readonly item?: number;
  readonly label?: string;
  /** Scope in which the node's template is looked up. */
  readonly scope: string;
  readonly call?: CallPlan | undefined;
}

function put(loader: Loader, fact: Fact): void {
  loader.facts.push(fact);
  evolve(loader.state, fact);
}

function loadNode(loader: Loader, status: NodeStatus, place: LoadPlace): number {
  const index = loader.state.nodes.length;
  const plan = planOfStatus(loader.state, status, place);
  // What is passed over, or failed before it started, has its end in the fact of its creation.
  const atOnce = status.type === 'Skipped';
  const inputs = inputsOf(status, plan);
  const gate = gateOfStatus(loader, { status, plan, inputs });
  const { phase = 'Pending', message = '' } = status;
  const firstPhase = gate === undefined ? phaseOfNew(status) : 'Pending';
  const { relation, parent, slot, item = -1, label = '' } = place;
  put(loader, {
    kind: 'NodeCreated',
    at: parseTime(status.startedAt),
    type: status.type,
    phase: atOnce ? phase : firstPhase,
    relation,
    parent,
    slot,
    item,
    plan: plan?.index ?? -1,
    label,
    message: atOnce ? message : '',
    ...(relation === 'attempt' ? {} : inputs),
    until: 0,
    gate,
  });
  if (atOnce) return index;
  loadBelow(loader, { status, index, plan });
  loadHooks(loader, { status, index, plan });
  loadProgress(loader, status, index);
  return index;
}

/** A node that shows for which lock it waits has not started; it asks for its locks again. */
function gateOfStatus(
  { state }: Loader,
  node: {
    readonly status: NodeStatus;
    readonly plan: TemplatePlan | undefined;
    readonly inputs: ReturnType<typeof inputsOf>;
  },
): NodeGate | undefined {
  const { plan, status, inputs } = node;
  const waits = (status.synchronizationStatus?.waiting ?? '') !== '';
  if (plan === undefined || status.phase !== 'Pending' || !waits) return undefined;
  const { parameters = [], artifacts = [] } = inputs;
  const gate = gateOf(state, plan, createScope({ state, inputs: { plan, parameters, artifacts } }));
  return gate.ok ? gate.value : undefined;
}

function phaseOfNew(status: NodeStatus): NodePhase {
  const isLeaf = status.type === 'Pod' || status.type === 'HTTP' || status.type === 'Plugin';
  return isLeaf ? 'Pending' : 'Running';
}

interface Loaded {
  readonly status: NodeStatus;
  readonly index: number;
  readonly plan: TemplatePlan | undefined;
}

function loadProgress(loader: Loader, status: NodeStatus, node: number): void {
  const { phase = 'Pending' } = status;
  if (isFulfilled(phase)) {
    loadFinish(loader, status, node);
    return;
  }
  const at = parseTime(status.startedAt);
  if (phase === 'Running' && nodeAt(loader.state, node).phase === 'Pending') {
    const { hostNodeName = '', podIP = '' } = status;
    put(loader, { kind: 'NodeStarted', at, node, hostNodeName, podIP, until: 0 });
  }
  const parameters = outputsOf(status)?.parameters ?? {};
  const { message = '' } = status;
  if (message === '' && Object.keys(parameters).length === 0) return;
  put(loader, { kind: 'NodeAmended', at, node, message, parameters });
}

function loadFinish(loader: Loader, status: NodeStatus, node: number): void {
  const { phase = 'Pending', message = '' } = status;
  const outputs = outputsOf(status);
  const at = parseTime(status.finishedAt) || parseTime(status.startedAt);
  const end = { kind: 'NodeFinished', at, node, phase, message } as const;
  put(loader, outputs === undefined ? end : { ...end, outputs });
}

function loadBelow(loader: Loader, loaded: Loaded): void {
  const { status, index } = loaded;
  if (status.type === 'DAG') loadTasks(loader, loaded);
  if (status.type === 'Steps') {
    for (const [slot, group] of loader.tree.groupsOf(status).entries()) {
      loadGroup(loader, loaded, { group, slot });
    }
  }
  if (status.type !== 'Retry') return;
  const scope = loaded.plan?.scope ?? LOCAL_SCOPE;
  for (const [slot, attempt] of loader.tree.attemptsOf(status).entries()) {
    loadNode(loader, attempt, { relation: 'attempt', parent: index, slot, scope });
  }
}

function loadGroup(
  loader: Loader,
  steps: Loaded,
  place: { readonly group: NodeStatus; readonly slot: number },
): void {
  const { group, slot: groupSlot } = place;
  const scope = steps.plan?.scope ?? LOCAL_SCOPE;
  const calls = steps.plan === undefined ? [] : (stepsOf(steps.plan).groups[groupSlot] ?? []);
  const index = loader.state.nodes.length;
  put(loader, createdGroup(group, { relation: 'group', parent: steps.index, slot: groupSlot }));
  const prefix = `${group.name}.`;
  const below = loader.tree.belowBoundary(steps.status.id);
  const children = below.filter((node) => isChildName(node.name, prefix));
  for (const [slot, call] of calls.entries()) {
    const own = children.filter((node) => belongsTo(node.name.slice(prefix.length), call));
    const items = loopItems(loader, { call, container: steps.index, own, prefix });
    if (items !== undefined) {
      put(loader, { kind: 'LoopExpanded', at: 0, node: index, slot, items });
    }
    for (const node of sortRounds(own, prefix)) {
      const name = node.name.slice(prefix.length);
      const item = roundOf(name)?.round ?? -1;
      const label = name === call.name ? '' : name;
      loadNode(loader, node, { relation: 'step', parent: index, slot, item, label, scope, call });
    }
  }
  loadProgress(loader, group, index);
}

function loadTasks(loader: Loader, dagNode: Loaded): void {
  const { plan, status, index } = dagNode;
  if (plan === undefined || nodeAt(loader.state, index).runtime?.kind !== 'DAG') return;
  const { scope } = plan;
  const prefix = `${status.name}.`;
  const below = loader.tree.belowBoundary(status.id);
  const { dag } = dagRuntimeOf(nodeAt(loader.state, index));
  for (const slot of dag.topological) {
    const call = dag.tasks[slot];
    const task = below.find((node) => node.name === `${prefix}${call?.name ?? ''}`);
    if (call === undefined || task === undefined) continue;
    const place = { relation: 'task', parent: index, slot } as const;
    if (task.type !== 'TaskGroup') {
      loadNode(loader, task, { ...place, scope, call });
      continue;
    }
    const group = loader.state.nodes.length;
    put(loader, createdGroup(task, place));
    const own = below.filter((node) => roundOf(node.name.slice(prefix.length))?.base === call.name);
    const items = loopItems(loader, { call, container: index, own, prefix }) ?? [];
    put(loader, { kind: 'LoopExpanded', at: 0, node: group, slot: 0, items });
    for (const node of sortRounds(own, prefix)) {
      const label = node.name.slice(prefix.length);
      const item = roundOf(label)?.round ?? -1;
      loadNode(loader, node, { relation: 'item', parent: group, slot, item, label, scope, call });
    }
    loadHooks(loader, { status: task, index: group, plan: undefined });
    loadProgress(loader, task, group);
  }
}

function createdGroup(
  status: NodeStatus,
  place: Pick<LoadPlace, 'relation' | 'parent' | 'slot'>,
): Fact {
  return {
    kind: 'NodeCreated',
    at: parseTime(status.startedAt),
    type: status.type,
    phase: 'Running',
    ...place,
    item: -1,
    plan: -1,
    label: '',
    message: '',
    until: 0,
  };
}

function loadHooks(loader: Loader, owner: Loaded): void {
  const scope = owner.plan?.scope ?? LOCAL_SCOPE;
  for (const [label, node] of loader.tree.hooksOf(owner.status.name)) {
    loadNode(loader, node, { relation: 'hook', parent: owner.index, slot: 0, label, scope });
  }
}

/** A direct child: no further dot, bracket or attempt behind its own name. */
function isChildName(name: string, prefix: string): boolean {
  if (!name.startsWith(prefix)) return false;
  const rest = name.slice(prefix.length);
  return !/\)\(\d+\)$/.test(rest) && !/^[^(]*\(\d+\)$/.test(rest);
}

function belongsTo(name: string, call: CallPlan): boolean {
  return name === call.name || roundOf(name)?.base === call.name;
}

function sortRounds(nodes: readonly NodeStatus[], prefix: string): readonly NodeStatus[] {
  const roundIn = (node: NodeStatus): number =>
    roundOf(node.name.slice(prefix.length))?.round ?? -1;
  return nodes
    .filter((node) => isChildName(node.name, prefix))
    .sort((left, right) => roundIn(left) - roundIn(right));
}

interface LoopPlace {
  readonly call: CallPlan;
  readonly container: number;
  readonly own: readonly NodeStatus[];
  readonly prefix: string;
}

/** The items of a loop: found anew from the manifest, or read from the names of its rounds. */
function loopItems(loader: Loader, place: LoopPlace): readonly string[] | undefined {
  const { call, own, prefix } = place;
  if (call.loop === undefined || own.length === 0) return undefined;
  const container = nodeAt(loader.state, place.container);
  const scope = scopeOfContainer(createDraft(loader.state, 0), container);
  const items = expandLoop(call.loop, scope);
  if (items.ok) return items.value;
  const rounds = own.map((node) => roundOf(node.name.slice(prefix.length)));
  if (rounds.some((round) => round === undefined)) return undefined;
  return rounds.map((round) => JSON.stringify(round?.item ?? ''));
}

function planOfStatus(
  state: RunState,
  status: NodeStatus,
  place: LoadPlace,
): TemplatePlan | undefined {
  const { table } = contextOf(state);
  if (place.relation === 'attempt') return table.plans[nodeAt(state, place.parent).plan];
  const target = place.call?.template;
  if (target?.kind === 'Inline') return table.plans[target.plan];
  const reference = status.templateRef;
  // Old statuses name no template at their Retry nodes.
  const name = status.templateName ?? (target?.kind === 'Name' ? target.name.source : '');
  const found =
    reference === undefined
      ? findTemplate(table, place.scope, { name })
      : findTemplate(table, place.scope, { reference });
  return found.ok ? found.value : undefined;
}

function inputsOf(
  status: NodeStatus,
  plan: TemplatePlan | undefined,
): Pick<Extract<Fact, { kind: 'NodeCreated' }>, 'parameters' | 'artifacts'> {
  const given = status.inputs?.parameters ?? [];
  const parameters = (plan?.inputs ?? []).map(
    (input) => given.find((parameter) => parameter.name === input.name)?.value ?? null,
  );
  return { parameters, artifacts: status.inputs?.artifacts ?? [] };
}

function outputsOf(status: NodeStatus): NodeOutputs | undefined {
  const { outputs } = status;
  if (outputs === undefined) return undefined;
  const given = (outputs.parameters ?? []).filter((parameter) => parameter.value !== undefined);
  return {
    ...(outputs.result === undefined ? {} : { result: outputs.result }),
    ...(outputs.exitCode === undefined ? {} : { exitCode: outputs.exitCode }),
    ...(given.length === 0
      ? {}
      : { parameters: Object.fromEntries(given.map(({ name, value }) => [name, value ?? ''])) }),
    ...(outputs.artifacts === undefined ? {} : { artifacts: outputs.artifacts }),
  };
}
