import { timeText } from '@argosy/base';
import type { Artifact, Outputs, Parameter } from '@argosy/model';
import { findTemplate } from '../plan/table.ts';
import { stepsOf } from '../plan/template.ts';
import { callOf, idOf, planOf } from '../names.ts';
import { isReused } from '../resubmission.ts';
import {
  contextOf,
  groupOf,
  nodeAt,
  stepsRuntimeOf,
  type DagRuntime,
  type GroupRuntime,
  type NodeRecord,
  type RunState,
} from '../state.ts';
import { aggregateOf } from './aggregate.ts';

/** What `steps.X` or `tasks.X` stands for: one node, or the rounds of a loop. */
export interface Referent {
  readonly node: NodeRecord;
  readonly rounds:
    { readonly group: GroupRuntime; readonly start: number; readonly end: number } | undefined;
}

/** The outcome of looking up a variable. */
export type Lookup =
  | { readonly kind: 'Value'; readonly value: string }
  /** Not there (yet). */
  | { readonly kind: 'Missing' }
  /** The producer was skipped or omitted and declares no default. */
  | { readonly kind: 'Absent' };

export const MISSING: Lookup = { kind: 'Missing' };
export const ABSENT: Lookup = { kind: 'Absent' };

/** Finds the node of a step or task by its name within a Steps or DAG node. */
export function findReferent(
  state: RunState,
  boundary: NodeRecord,
  name: string,
): Referent | undefined {
  switch (boundary.runtime?.kind) {
    case 'DAG':
      return findTask(state, boundary.runtime, name);
    case 'Steps':
      return findStep(state, boundary, name);
    case 'Group':
    case 'Retry':
    case undefined:
      return undefined;
  }
}

function findTask(state: RunState, runtime: DagRuntime, name: string): Referent | undefined {
  const task = runtime.dag.indexes.get(name);
  const index = task === undefined ? -1 : (runtime.taskNodes[task] ?? -1);
  if (index < 0) return undefined;
  const node = nodeAt(state, index);
  if (node.type !== 'TaskGroup') return { node, rounds: undefined };
  const group = groupOf(node);
  return { node, rounds: { group, start: 0, end: group.children.length } };
}

function findStep(state: RunState, boundary: NodeRecord, name: string): Referent | undefined {
  const plan = planOf(state, boundary);
  const position = plan === undefined ? undefined : stepsOf(plan).positions.get(name);
  const groupIndex = stepsRuntimeOf(boundary).groups[position?.group ?? -1];
  if (position === undefined || groupIndex === undefined) return undefined;
  return referentInGroup(state, nodeAt(state, groupIndex), position.slot);
}

/** The steps of a group are in order of slot; a loop takes as many places as it has items. */
function referentInGroup(
  state: RunState,
  groupNode: NodeRecord,
  slot: number,
): Referent | undefined {
  const group = groupOf(groupNode);
  let start = 0;
  for (let before = 0; before < slot; before += 1) start += widthOf(group, before);
  const loop = group.loops[slot];
  if (loop !== undefined && loop.length > 0) {
    const end = Math.min(start + loop.length, group.children.length);
    return { node: groupNode, rounds: { group, start, end } };
  }
  const index = group.children[start];
  return index === undefined ? undefined : { node: nodeAt(state, index), rounds: undefined };
}

/** How many children the step of a slot makes; an empty loop makes one skipped node. */
export function widthOf(group: GroupRuntime, slot: number): number {
  return Math.max(1, group.loops[slot]?.length ?? 1);
}

/** The value of `steps.X.<field>`. */
export function lookUpField(state: RunState, referent: Referent, field: string): Lookup {
  if (field.startsWith('outputs.')) {
    return referent.rounds === undefined
      ? lookUpOutput(state, referent.node, field)
      : lookUpAggregate(state, referent.rounds, field);
  }
  return textOrMissing(fieldText(state, referent.node, field));
}

function fieldText(state: RunState, node: NodeRecord, field: string): string | undefined {
  switch (field) {
    case 'id':
      return idOf(state, node);
    case 'name':
      return callOf(state, node)?.name;
    case 'status':
      return node.phase;
    case 'startedAt':
    case 'finishedAt':
      return node[field] === 0 ? undefined : timeText(node[field]);
    case 'exitCode':
      return node.outputs?.exitCode;
    default:
      return placeText(node, field);
  }
}

/** Where the node runs or ran. */
function placeText(node: NodeRecord, field: string): string | undefined {
  if (field === 'ip') return node.podIP || undefined;
  return field === 'hostNodeName' ? node.hostNodeName || undefined : undefined;
}

function lookUpOutput(state: RunState, node: NodeRecord, field: string): Lookup {
  const prefix = 'outputs.parameters.';
  if (field.startsWith(prefix)) return lookUpParameter(state, node, field.slice(prefix.length));
  const text = outputText(node, field);
  if (text !== undefined) return value(text);
  return wasPassedOver(node) ? ABSENT : MISSING;
}

function outputText({ outputs }: NodeRecord, field: string): string | undefined {
  switch (field) {
    case 'outputs.result':
      return outputs?.result;
    case 'outputs.exitCode':
      return outputs?.exitCode;
    case 'outputs.parameters':
      return outputs?.parameters === undefined ? undefined : JSON.stringify(outputs.parameters);
    default:
      return undefined;
  }
}

function lookUpParameter(state: RunState, node: NodeRecord, name: string): Lookup {
  const known = node.outputs?.parameters?.[name];
  if (known !== undefined) return value(known);
  if (!wasPassedOver(node)) return MISSING;
  const declared = declaredOutput(state, node, name)?.valueFrom?.default;
  return declared === undefined ? ABSENT : value(declared);
}

/** The node was skipped or omitted, so what it would hand out is absent for good. */
export function wasPassedOver(node: NodeRecord): boolean {
  return (node.phase === 'Skipped' || node.phase === 'Omitted') && !isReused(node);
}

function declaredOutput(state: RunState, node: NodeRecord, name: string): Parameter | undefined {
  return declaredOutputs(state, node)?.parameters?.find((output) => output.name === name);
}

/** What the node's template says it hands out, also if the node made no use of the template. */
export function declaredOutputs(state: RunState, node: NodeRecord): Outputs | undefined {
  return (planOf(state, node) ?? planOfSkipped(state, node))?.template.outputs;
}

/** A skipped node made no use of its template, but its declared defaults still hold. */
function planOfSkipped(state: RunState, node: NodeRecord): ReturnType<typeof planOf> {
  const target = callOf(state, node)?.template;
  const { table } = contextOf(state);
  if (target?.kind === 'Inline') return table.plans[target.plan];
  if (target?.kind !== 'Name' || target.name.parsed !== undefined) return undefined;
  const boundary = node.boundary < 0 ? undefined : planOf(state, nodeAt(state, node.boundary));
  const found = findTemplate(table, boundary?.scope ?? 'local', { name: target.name.source });
  return found.ok ? found.value : undefined;
}

function lookUpAggregate(
  state: RunState,
  rounds: { readonly group: GroupRuntime; readonly start: number; readonly end: number },
  field: string,
): Lookup {
  const aggregate = aggregateOf(state, rounds.group, rounds);
  if (field === 'outputs.result') {
    return textOrMissing(aggregate.result);
  }
  if (field === 'outputs.parameters') return value(aggregate.parameters);
  if (!field.startsWith('outputs.parameters.')) return MISSING;
  const known = aggregate.byName.get(field.slice('outputs.parameters.'.length));
  if (known !== undefined) return value(known);
  const passedOver = rounds.group.children
    .slice(rounds.start, rounds.end)
    .every((index) => wasPassedOver(nodeAt(state, index)));
  return passedOver ? ABSENT : MISSING;
}

/** The artifact `steps.X.outputs.artifacts.<name>`. */
export function findArtifact(referent: Referent, name: string): Artifact | undefined {
  return referent.node.outputs?.artifacts?.find((artifact) => artifact.name === name);
}

function value(text: string): Lookup {
  return { kind: 'Value', value: text };
}

function textOrMissing(text: string | undefined): Lookup {
  return text === undefined ? MISSING : value(text);
}
