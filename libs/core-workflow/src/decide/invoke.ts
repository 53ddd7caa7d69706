import { err, ok, parseArgoDuration, type Result } from '@argosy/base';
import type { TemplateRef } from '@argosy/model';
import type { NodeRelation } from '../facts.ts';
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
import { renderText, type Text } from '../plan/text.ts';
import { createScope, type VariableScope } from '../scope/variables.ts';
import { contextOf, type NodeRecord, type RunState } from '../state.ts';
import {
  addNode,
  countChild,
  obstacleTo,
  stopReason,
  type Draft,
  type NodePosition,
  type Obstacle,
} from './draft.ts';
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
  if (retryPlanOf(draft.state, place.relation, plan) !== undefined) {
    const { value } = inputs;
    addNode(draft, place, { inputs: value, type: 'Retry', phase: 'Running', plan: plan.index });
    return CREATED;
  }
  return startBody(draft, place, plan, { inputs: inputs.value, bound: 0 });
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
}

/** Creates the node of a template itself, below its Retry node if it has one. */
export function startBody(
  draft: Draft,
  place: Place,
  plan: TemplatePlan,
  { inputs, bound }: BodyValues,
): InvokeOutcome {
  if (isPlain(plan)) {
    addPlaced(draft, place, plan, { inputs, until: bound });
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
  const timeoutMs = durationOf(plan.timeout ?? plan.suspendDuration, scope);
  if (!timeoutMs.ok) return addErrorNode(draft, place, timeoutMs.error, plan.index);
  const own = timeoutMs.value === undefined ? 0 : draft.at + timeoutMs.value;
  const until = bound > 0 && (own === 0 || bound < own) ? bound : own;
  addPlaced(draft, place, plan, { inputs, until });
  return CREATED;
}

/** Nothing about its node has to be resolved: so it is with most leaves and all Steps. */
function isPlain(plan: TemplatePlan): boolean {
  if (plan.timeout !== undefined || plan.suspendDuration !== undefined) return false;
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

/** Milliseconds of a duration text; undefined when there is none. */
export function durationOf(
  text: Text | undefined,
  scope: VariableScope,
): Result<number | undefined, string> {
  if (text === undefined) return ok(undefined);
  const rendered = renderText(text, scope);
  if (!rendered.ok) return rendered;
  if (rendered.value.trim() === '') return ok(undefined);
  return parseArgoDuration(rendered.value);
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
}

function addPlaced(draft: Draft, place: Place, plan: TemplatePlan, body: Body): void {
  const phase = body.phase ?? (plan.shape === 'leaf' ? 'Pending' : 'Running');
  const node = addNode(draft, place, {
    // An attempt has the inputs of its Retry node.
    inputs: place.relation === 'attempt' ? undefined : body.inputs,
    type: plan.nodeType,
    phase,
    plan: plan.index,
    message: body.message ?? '',
    until: body.until ?? 0,
  });
  addContainers(draft, node, plan, phase);
  if (body.phase === undefined) countChild(draft, place.boundary, plan.nodeType);
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
