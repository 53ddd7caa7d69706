import { err, ok, type Result } from '@argosy/base';
import { compileExpr, evaluateExpr } from '@argosy/lang';
import { callOf, planOf } from '../names.ts';
import type { HookPlan } from '../plan/call.ts';
import { LOCAL_SCOPE } from '../plan/table.ts';
import { createScope, type VariableScope } from '../scope/variables.ts';
import { isCompleted, isFulfilled, type NodeRecord, type RunState } from '../state.ts';
import { boundaryOf, type Draft } from './draft.ts';
import { addErrorNode, invoke, type Place } from './invoke.ts';

/** Starts the hooks of a node that are due; settles the node when none is left to wait for. */
export function advanceHooks(draft: Draft, node: NodeRecord): void {
  const call = callOf(draft.state, node);
  const { hooks } = node;
  if (call === undefined || hooks === undefined) return;
  let waiting = hooks.open > 0;
  for (const hook of call.hooks) {
    if (hooks.started.has(hook.name)) continue;
    if (startHook(draft, node, hook)) waiting = true;
  }
  if (runsInBackground(draft.state, node)) return settleUnless(draft, node, waiting);
  if (!isFulfilled(node.phase)) return;
  const exit = call.exit;
  if (exit !== undefined && !hooks.started.has('exit') && exitIsDue(draft.state, node)) {
    if (startHook(draft, node, exit)) waiting = true;
  }
  settleUnless(draft, node, waiting);
}

function settleUnless(draft: Draft, node: NodeRecord, waiting: boolean): void {
  if (!waiting) draft.facts.push({ kind: 'NodeSettled', at: draft.at, node: node.index });
}

/** A daemon, or a Retry node around one: what comes after it need not wait for its end, but for its hooks. */
function runsInBackground(state: RunState, node: NodeRecord): boolean {
  if (isFulfilled(node.phase)) return false;
  if (node.runtime?.kind !== 'Retry') return node.daemoned;
  return state.nodes[node.runtime.attempts.at(-1) ?? -1]?.daemoned === true;
}

/** An exit handler runs for what ran to an end of its own, and not when all is terminated. */
function exitIsDue(state: RunState, node: NodeRecord): boolean {
  return isCompleted(node.phase) && state.shutdown !== 'Terminate';
}

/** True when a node was created, or will be as soon as a limit allows. */
function startHook(draft: Draft, node: NodeRecord, hook: HookPlan): boolean {
  const scope = scopeOfHook(draft.state, node);
  const place: Place = {
    relation: 'hook',
    parent: node.index,
    boundary: boundaryOf(draft.state, node),
    slot: 0,
    label: hook.name,
    inExit: node.inExit || hook.name === 'exit',
    depth: node.depth + 1,
    scopeName: scopeNameOf(draft.state, node),
  };
  const due = isDue(hook, scope);
  if (!due.ok) {
    addErrorNode(draft, place, due.error, -1);
    return true;
  }
  if (!due.value) return false;
  const outcome = invoke(draft, hook.call, scope, place);
  if (outcome.kind === 'Created') return true;
  if (outcome.obstacle.kind === 'FailFast') return false;
  draft.blocked.push({ manager: node.index, boundary: outcome.obstacle.boundary });
  return true;
}

/** Whether a hook's expression is true; an exit handler may do without. */
export function isDue(hook: HookPlan, scope: VariableScope): Result<boolean, string> {
  if (hook.expression === undefined) {
    return hook.name === 'exit' ? ok(true) : err(`hooks.${hook.name} Expression required`);
  }
  const program = compileExpr(hook.expression);
  if (!program.ok) return err(`hooks.${hook.name}: ${program.error.message}`);
  const value = evaluateExpr(program.value, scope.env());
  // A variable that has no value yet makes the expression fail: it is asked again later.
  return ok(value.ok && value.value === true);
}

function scopeOfHook(state: RunState, node: NodeRecord): VariableScope {
  const boundary = boundaryOf(state, node);
  const plan = boundary === undefined ? undefined : planOf(state, boundary);
  const name = callOf(state, node)?.name ?? '';
  return createScope({
    state,
    boundary,
    self: { name, node },
    inputs:
      boundary === undefined || plan === undefined
        ? undefined
        : { plan, parameters: boundary.parameters, artifacts: boundary.artifacts },
  });
}

function scopeNameOf(state: RunState, node: NodeRecord): string {
  const boundary = boundaryOf(state, node);
  return (boundary === undefined ? undefined : planOf(state, boundary)?.scope) ?? LOCAL_SCOPE;
}
