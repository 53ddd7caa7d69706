import { fnv1a32, nodeIdOf } from '@argosy/base';
import type { CallPlan } from './plan/call.ts';
import { stepsOf, type TemplatePlan } from './plan/template.ts';
import { contextOf, dagRuntimeOf, nodeAt, type NodeRecord, type RunState } from './state.ts';

/** Kubernetes' longest name for a pod. */
const POD_NAME_LENGTH_MAX = 253;
/** Characters kept free for the hash and the dash before it. */
const POD_HASH_LENGTH = 11;

/** The template plan of a node, when it has one. */
export function planOf(state: RunState, node: NodeRecord): TemplatePlan | undefined {
  return contextOf(state).table.plans[node.plan];
}

/** The step, task or hook that a node came from. */
export function callOf(state: RunState, node: NodeRecord): CallPlan | undefined {
  switch (node.relation) {
    case 'root':
      return contextOf(state).table.entrypoint;
    case 'group':
    case 'container':
      return undefined;
    case 'step':
      return stepCallOf(state, node);
    case 'task':
      return dagRuntimeOf(nodeAt(state, node.parent)).dag.tasks[node.slot];
    case 'item':
    case 'attempt':
      return callOf(state, nodeAt(state, node.parent));
    case 'hook':
      return hookCallOf(callOf(state, nodeAt(state, node.parent)), node.label);
    case 'runHook':
      return hookCallOf(contextOf(state).table, node.label);
  }
}

function stepCallOf(state: RunState, node: NodeRecord): CallPlan | undefined {
  const group = nodeAt(state, node.parent);
  const plan = planOf(state, nodeAt(state, group.parent));
  return plan === undefined ? undefined : stepsOf(plan).groups[group.slot]?.[node.slot];
}

function hookCallOf(
  owner: Pick<CallPlan, 'hooks' | 'exit'> | undefined,
  name: string,
): CallPlan | undefined {
  if (name === 'exit') return owner?.exit?.call;
  return owner?.hooks.find((hook) => hook.name === name)?.call;
}

/** The full name, unique in the run: `wf[0].step`, `wf.task(0:x)(1)`, `wf.onExit`. */
export function nodeNameOf(state: RunState, node: NodeRecord): string {
  // A round of a loop is named after the DAG that its task belongs to.
  const aboveIndex = node.relation === 'item' ? node.boundary : node.parent;
  const above =
    aboveIndex < 0 ? contextOf(state).run.name : nodeNameOf(state, nodeAt(state, aboveIndex));
  switch (node.relation) {
    case 'root':
      return above;
    case 'group':
      return `${above}[${node.slot}]`;
    case 'attempt':
      return `${above}(${node.slot})`;
    case 'hook':
    case 'runHook':
      return `${above}${hookSuffix(node.label)}`;
    case 'step':
    case 'task':
    case 'item':
    case 'container':
      return `${above}.${ownNameOf(state, node)}`;
  }
}

/** The full name of the node that a call would make at a place. */
export function nameOfPlace(
  state: RunState,
  call: CallPlan,
  place: Pick<NodeRecord, 'relation' | 'parent'> & {
    readonly boundary: NodeRecord | undefined;
    readonly label?: string;
  },
): string {
  const { relation, label = '' } = place;
  const above = relation === 'item' ? place.boundary : state.nodes[place.parent];
  const aboveName = above === undefined ? contextOf(state).run.name : nodeNameOf(state, above);
  if (relation === 'root') return aboveName;
  if (relation === 'hook' || relation === 'runHook') return `${aboveName}${hookSuffix(label)}`;
  return `${aboveName}.${label === '' ? call.name : label}`;
}

/** What people see: the last part of the name. */
export function displayNameOf(state: RunState, node: NodeRecord): string {
  switch (node.relation) {
    case 'root':
    case 'runHook':
      return nodeNameOf(state, node);
    case 'group':
      return `[${node.slot}]`;
    case 'attempt':
      return `${displayNameOf(state, nodeAt(state, node.parent))}(${node.slot})`;
    case 'hook':
      return `${displayNameOf(state, nodeAt(state, node.parent))}${hookSuffix(node.label)}`;
    case 'step':
    case 'task':
    case 'item':
    case 'container':
      return ownNameOf(state, node);
  }
}

/** All names of a node. */
export interface NodeNames {
  readonly name: string;
  readonly displayName: string;
  /** Argo's node id. */
  readonly id: string;
  readonly podName: string;
}

/** All names of a node at once: id and pod name hold the same hash, which is found once. */
export function namesOf(state: RunState, node: NodeRecord): NodeNames {
  const { name: workflow } = contextOf(state).run;
  const name = nodeNameOf(state, node);
  const displayName = displayNameOf(state, node);
  if (name === workflow) return { name, displayName, id: workflow, podName: workflow };
  const hash = fnv1a32(name);
  const podName = `${podPrefixOf(workflow, planOf(state, node))}${hash}`;
  return { name, displayName, id: `${workflow}-${hash}`, podName };
}

/** Argo's node id. */
export function idOf(state: RunState, node: NodeRecord): string {
  return nodeIdOf(contextOf(state).run.name, nodeNameOf(state, node));
}

/** The name of the pod that runs a leaf: `<workflow>-<template>-<hash>`. */
export function podNameOf(state: RunState, node: NodeRecord): string {
  return namesOf(state, node).podName;
}

function podPrefixOf(workflow: string, plan: TemplatePlan | undefined): string {
  const template = plan === undefined || plan.inline ? '' : plan.name;
  const prefix = template === '' ? workflow : `${workflow}-${template}`;
  return `${prefix.slice(0, POD_NAME_LENGTH_MAX - POD_HASH_LENGTH)}-`;
}

function ownNameOf(state: RunState, node: NodeRecord): string {
  return node.label !== '' ? node.label : (callOf(state, node)?.name ?? '');
}

function hookSuffix(name: string): string {
  return name === 'exit' ? '.onExit' : `.hooks.${name}`;
}
