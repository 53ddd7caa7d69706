import { err, ok, type Result } from '@argosy/base';
import type { TemplateRef } from '@argosy/model';
import type { NodeGate, NodeRelation } from '../facts.ts';
import { nameOfPlace } from '../names.ts';
import type { CallPlan } from '../plan/call.ts';
import { findTemplate } from '../plan/table.ts';
import { renderTagged } from '../plan/tagged.ts';
import {
  bodyOf,
  dagOf,
  hasExpressions,
  type RetryPlan,
  type TemplatePlan,
} from '../plan/template.ts';
import { renderText } from '../plan/text.ts';
import { reusedMessage, type ReusedPod } from '../resubmission.ts';
import { createScope, type VariableScope } from '../scope/variables.ts';
import { contextOf, type NodeRecord, type RunState } from '../state.ts';
import { bodyTimers, type BodyTimers } from './body-timers.ts';
import {
  addNode,
  countChild,
  obstacleTo,
  stopReason,
  type Draft,
  type NodePosition,
  type Obstacle,
} from './draft.ts';
import { gateOf } from './gate.ts';
import { resolveInputs, type ResolvedInputs } from './inputs.ts';

/** Templates that may call each other, one inside the other. */
export const TEMPLATE_DEPTH_MAX = 100;

/** Where a new node goes. */
export interface Place extends NodePosition {
  readonly boundary: NodeRecord | undefined;
  readonly inExit: boolean;
  /** Nesting of templates above. */
  readonly depth: number;
  /** Scope in which a bare template name is looked up. */
  readonly scopeName: string;
}

export type InvokeOutcome =
  | { readonly kind: 'Created' }
  /** Nothing was created: a limit stands in the way. */
  | { readonly kind: 'Held'; readonly obstacle: Obstacle };

const CREATED: InvokeOutcome = { kind: 'Created' };

/** Runs a template for a call: creates its node, or one that says why it cannot be run. */
export function invoke(
  draft: Draft,
  call: CallPlan,
  caller: VariableScope,
  place: Place,
): InvokeOutcome {
  const stop = stopReason(draft.state, place.inExit);
  const obstacle = stop === undefined ? obstacleTo(draft, place.boundary) : undefined;
  if (obstacle !== undefined) return { kind: 'Held', obstacle };
  const target = findTarget(draft.state, call, caller, place);
  if (!target.ok) return addErrorNode(draft, place, target.error, -1);
  const plan = target.value;
  const inputs = resolveInputs(draft.state, plan, call, caller);
  if (!inputs.ok) return addErrorNode(draft, place, inputs.error, plan.index);
  if (stop !== undefined) {
    addPlaced(draft, place, plan, { inputs: inputs.value, phase: 'Failed', message: stop });
    return CREATED;
  }
  const reused = reusedFor(draft.state, call, place);
  if (reused !== undefined && plan.shape === 'leaf') {
    addNode(draft, place, {
      inputs: inputs.value,
      type: 'Skipped',
      phase: 'Skipped',
      plan: plan.index,
      message: reusedMessage(reused),
      outputs: reused.outputs,
    });
    return CREATED;
  }
  const gate = plan.gate === undefined ? NO_GATE : findGate(draft.state, plan, inputs.value);
  if (!gate.ok) return addErrorNode(draft, place, gate.error, plan.index);
  const values = { inputs: inputs.value, gate: gate.value };
  if (retryPlanOf(draft.state, place.relation, plan) !== undefined) {
    const phase = gate.value === undefined ? 'Running' : 'Pending';
    addNode(draft, place, { ...values, type: 'Retry', phase, plan: plan.index });
    return CREATED;
  }
  return startBody(draft, place, plan, { ...values, bound: 0 });
}

/** The result of a former run that stands for the node of a place. */
function reusedFor(state: RunState, call: CallPlan, place: Place): ReusedPod | undefined {
  const { reused, run } = contextOf(state);
  if (reused === undefined) return undefined;
  return reused.get(nameOfPlace(state, call, place).slice(run.name.length));
}

const NO_GATE: Result<NodeGate | undefined, string> = ok(undefined);

function findGate(
  state: RunState,
  plan: TemplatePlan,
  { parameters, artifacts }: ResolvedInputs,
): Result<NodeGate | undefined, string> {
  return gateOf(state, plan, createScope({ state, inputs: { plan, parameters, artifacts } }));
}

/** How a node of this template is retried; the run's own strategy wraps the entrypoint only. */
export function retryPlanOf(
  state: RunState,
  relation: NodeRelation,
  plan: TemplatePlan,
): RetryPlan | undefined {
  if (relation === 'attempt') return undefined;
  return plan.retry ?? (relation === 'root' ? contextOf(state).table.runRetry : undefined);
}

/** What a body is started with. */
export interface BodyValues {
  readonly inputs: ResolvedInputs;
  /** The instant after which it must not go on; 0 for none. */
  readonly bound: number;
  /** What it has to wait for first. */
  readonly gate?: NodeGate | undefined;
}

/** Creates the node of a template itself, below its Retry node if it has one. */
export function startBody(
  draft: Draft,
  place: Place,
  plan: TemplatePlan,
  { inputs, bound, gate }: BodyValues,
): InvokeOutcome {
  if (isPlain(plan)) {
    addPlaced(draft, place, plan, { inputs, until: bound, gate });
    return CREATED;
  }
  const { parameters, artifacts } = inputs;
  const scope = createScope({ state: draft.state, inputs: { plan, parameters, artifacts } });
  if (plan.shape === 'dag') {
    const dag = dagOf(plan, scope);
    if (!dag.ok) return addErrorNode(draft, place, dag.error, plan.index);
  }
  const problem = plan.shape === 'leaf' ? bodyProblem(scope, plan) : undefined;
  if (problem !== undefined) return addErrorNode(draft, place, problem, plan.index);
  const timers = bodyTimers(plan, scope, draft.at);
  if (!timers.ok) return addErrorNode(draft, place, timers.error, plan.index);
  addPlaced(draft, place, plan, { inputs, gate, ...timersOf(plan, timers.value, { bound, gate }) });
  return CREATED;
}

/** A node that waits for locks is bound by its `timeout`, but its suspension or wait for an executor has not begun. */
function timersOf(
  plan: TemplatePlan,
  timers: BodyTimers,
  { bound, gate }: Pick<BodyValues, 'bound' | 'gate'>,
): BodyTimers {
  if (gate !== undefined) return { until: plan.shape === 'suspend' ? 0 : timers.until };
  const { until } = timers;
  return { ...timers, until: bound > 0 && (until === 0 || bound < until) ? bound : until };
}

/** Nothing about its node has to be resolved: so it is with most leaves and all Steps. */
function isPlain(plan: TemplatePlan): boolean {
  if (plan.timeout !== undefined || plan.suspendDuration !== undefined) return false;
  if (plan.pendingTimeout !== undefined) return false;
  return plan.shape === 'steps' || (plan.shape === 'leaf' && !hasExpressions(plan));
}

/** Stand-ins for what is known only when the leaf has its name. */
const LATE_LOCALS = {
  'node.name': 'node',
  'pod.name': 'pod',
  retries: '0',
  'lastRetry.exitCode': '0',
  'lastRetry.status': '',
  'lastRetry.duration': '0',
  'lastRetry.message': '',
};

/** Why a leaf's fields cannot be resolved, told before its node is created. */
function bodyProblem(scope: VariableScope, plan: TemplatePlan): string | undefined {
  if (!hasExpressions(plan)) return undefined;
  const rendered = renderTagged(bodyOf(plan), createScope({ ...scope, locals: LATE_LOCALS }));
  return rendered.ok ? undefined : rendered.error;
}

/** A node that failed before it could start: type Skipped, phase Error, as in Argo. */
export function addErrorNode(
  draft: Draft,
  place: Place,
  message: string,
  plan: number,
): InvokeOutcome {
  addNode(draft, place, { type: 'Skipped', phase: 'Error', plan, message });
  return CREATED;
}

interface Body {
  readonly inputs: ResolvedInputs;
  readonly phase?: 'Failed';
  readonly message?: string;
  readonly until?: number;
  readonly pendingUntil?: number;
  readonly gate?: NodeGate | undefined;
}

function addPlaced(draft: Draft, place: Place, plan: TemplatePlan, body: Body): void {
  const isPending = plan.shape === 'leaf' || body.gate !== undefined;
  const phase = body.phase ?? (isPending ? 'Pending' : 'Running');
  const node = addNode(draft, place, {
    // An attempt has the inputs of its Retry node.
    inputs: place.relation === 'attempt' ? undefined : body.inputs,
    type: plan.nodeType,
    phase,
    plan: plan.index,
    message: body.message ?? '',
    until: body.until ?? 0,
    pendingUntil: body.pendingUntil,
    gate: body.gate,
  });
  addContainers(draft, node, plan, phase);
  if (body.phase === undefined && body.gate === undefined)
    countChild(draft, place.boundary, plan.nodeType);
}

/** The containers of a set follow their pod at once, and share its fate. */
function addContainers(
  draft: Draft,
  parent: number,
  plan: TemplatePlan,
  phase: 'Pending' | 'Running' | 'Failed',
): void {
  const containers = plan.template.containerSet?.containers ?? [];
  for (const [slot, { name = '' }] of containers.entries()) {
    const place = { relation: 'container', parent, slot, label: name } as const;
    addNode(draft, place, { type: 'Container', phase, plan: -1 });
  }
}

function findTarget(
  state: RunState,
  call: CallPlan,
  caller: VariableScope,
  place: Place,
): Result<TemplatePlan, string> {
  if (place.depth > TEMPLATE_DEPTH_MAX) return err('Maximum recursion depth exceeded');
  return lookUpTarget(state, call, caller, place);
}

function lookUpTarget(
  state: RunState,
  call: CallPlan,
  caller: VariableScope,
  place: Place,
): Result<TemplatePlan, string> {
  const { table } = contextOf(state);
  const target = call.template;
  switch (target.kind) {
    case 'Inline': {
      const plan = table.plans[target.plan];
      return plan === undefined ? err('inline template not found') : ok(plan);
    }
    case 'Name': {
      const name = renderText(target.name, caller);
      return name.ok ? findTemplate(table, place.scopeName, { name: name.value }) : name;
    }
    case 'Reference': {
      const reference = renderTagged(target.reference, caller);
      if (!reference.ok) return reference;
      return findTemplate(table, place.scopeName, { reference: reference.value as TemplateRef });
    }
  }
}
