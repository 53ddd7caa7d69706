import type { Fact, NodeCreatedFact, NodeFinishedFact } from '../facts.ts';
import { contextOf, nodeAt, type NodeRecord, type RunState } from '../state.ts';
import type { TemplatePlan } from '../plan/template.ts';

/** The decisions of one pass. Reads the state as it was before the pass. */
export interface Draft {
  readonly state: RunState;
  readonly at: number;
  readonly facts: Fact[];
  /** Index of the next node that is created. */
  nextIndex: number;
  /** Pods created in this pass. */
  pods: number;
  /** Children created in this pass, by boundary, where a parallelism limits them. */
  active: Map<number, number> | undefined;
  /** Managers that have more children than they may have at once. */
  readonly blocked: Blocked[];
}

export interface Blocked {
  readonly manager: number;
  /** The boundary whose parallelism is used up; -1 for that of the run. */
  readonly boundary: number;
}

export function createDraft(state: RunState, at: number): Draft {
  return {
    state,
    at,
    facts: [],
    nextIndex: state.nodes.length,
    pods: 0,
    active: undefined,
    blocked: [],
  };
}

/** Where a new node hangs. */
export type NodePosition = Pick<NodeCreatedFact, 'relation' | 'parent' | 'slot'> &
  Partial<Pick<NodeCreatedFact, 'item' | 'label'>>;

/** What a new node is; without inputs it has those of its parent, or none. */
export type NewNode = Pick<NodeCreatedFact, 'type' | 'phase' | 'plan'> & {
  readonly inputs?: Pick<NodeRecord, 'parameters' | 'artifacts'> | undefined;
  readonly message?: string;
  readonly until?: number;
  readonly pendingUntil?: number | undefined;
  readonly gate?: NodeCreatedFact['gate'];
  readonly outputs?: NodeCreatedFact['outputs'];
};

/** Adds a node and answers its index. Every such fact has the same fields in the same order. */
export function addNode(draft: Draft, position: NodePosition, node: NewNode): number {
  const index = draft.nextIndex;
  draft.nextIndex += 1;
  draft.facts.push({
    kind: 'NodeCreated',
    at: draft.at,
    type: node.type,
    phase: node.phase,
    relation: position.relation,
    parent: position.parent,
    slot: position.slot,
    item: position.item ?? -1,
    plan: node.plan,
    label: position.label ?? '',
    message: node.message ?? '',
    parameters: node.inputs?.parameters,
    artifacts: node.inputs?.artifacts,
    until: node.until ?? 0,
    pendingUntil: node.pendingUntil,
    gate: node.gate,
    outputs: node.outputs,
  });
  return index;
}

/** Ends a node. */
export function finishNode(
  draft: Draft,
  node: NodeRecord,
  end: Pick<NodeFinishedFact, 'phase' | 'message' | 'outputs' | 'cancel'>,
): void {
  draft.facts.push({
    kind: 'NodeFinished',
    at: draft.at,
    node: node.index,
    phase: end.phase,
    message: end.message,
    outputs: end.outputs,
    cancel: end.cancel,
  });
}

/** Why nothing new is run under a node any more; undefined when things go on as usual. */
export function stopReason(state: RunState, inExit: boolean): string | undefined {
  if (state.shutdown === 'Terminate' || (state.shutdown === 'Stop' && !inExit)) {
    return `workflow shutdown with strategy: ${state.shutdown}`;
  }
  return state.deadlineReached && !inExit ? 'Step exceeded its deadline' : undefined;
}

/** How a template with failFast ends that had a failure, once nothing in it is active any more. */
export const FAIL_FAST_MESSAGE = 'template has failed or errored children and failFast enabled';

/** What stands in the way of a new child; undefined: nothing. */
export type Obstacle =
  { readonly kind: 'Full'; readonly boundary: number } | { readonly kind: 'FailFast' };

/** Checks the run's parallelism, and that and failFast of the enclosing template. */
export function obstacleTo(draft: Draft, boundary: NodeRecord | undefined): Obstacle | undefined {
  const { state } = draft;
  const limit = contextOf(state).run.spec.parallelism;
  if (limit !== undefined && state.activePods + draft.pods >= limit) {
    return { kind: 'Full', boundary: -1 };
  }
  return boundary === undefined ? undefined : obstacleIn(draft, boundary);
}

function obstacleIn(draft: Draft, boundary: NodeRecord): Obstacle | undefined {
  const { runtime } = boundary;
  if (runtime?.kind !== 'Steps' && runtime?.kind !== 'DAG') return undefined;
  const { failFast, parallelism } = containerPlanOf(draft.state, boundary).template;
  if (failFast === true && runtime.failed) return { kind: 'FailFast' };
  if (parallelism === undefined) return undefined;
  const active = runtime.active + (draft.active?.get(boundary.index) ?? 0);
  return active < parallelism ? undefined : { kind: 'Full', boundary: boundary.index };
}

/** Counts a new child against the limits, within this pass. */
export function countChild(draft: Draft, boundary: NodeRecord | undefined, type: string): void {
  if (type === 'Pod') draft.pods += 1;
  if (boundary === undefined || (type !== 'Pod' && type !== 'Steps' && type !== 'DAG')) return;
  if (containerPlanOf(draft.state, boundary).template.parallelism === undefined) return;
  draft.active ??= new Map();
  draft.active.set(boundary.index, (draft.active.get(boundary.index) ?? 0) + 1);
}

/** The enclosing Steps or DAG node. */
export function boundaryOf(state: RunState, node: NodeRecord): NodeRecord | undefined {
  return node.boundary < 0 ? undefined : nodeAt(state, node.boundary);
}

/** The template of a container node. @throws Error when it has none, which is a bug. */
export function containerPlanOf(state: RunState, node: NodeRecord): TemplatePlan {
  const plan = contextOf(state).table.plans[node.plan];
  if (plan === undefined) throw new Error(`container node ${node.index} has no template`);
  return plan;
}
