import { err, ok, type Result } from '@argosy/base';
import { compileExpr, evaluateExpr, exprValueToText } from '@argosy/lang';
import { LOCAL_SCOPE } from '../plan/table.ts';
import type { CallPlan, HookPlan } from '../plan/call.ts';
import { createScope } from '../scope/variables.ts';
import { contextOf, isFailedOrError, nodeAt, type NodeRecord, type RunState } from '../state.ts';
import type { Draft } from './draft.ts';
import { isDue } from './hooks.ts';
import { invoke } from './invoke.ts';

/** Goes on with the run itself: the entrypoint, its hooks, the exit handler, the end. */
export function advanceRun(draft: Draft): void {
  const { state } = draft;
  const { table } = contextOf(state);
  if (state.root < 0) {
    const labels = labelsFrom(state);
    if (!labels.ok) {
      finish(draft, 'Error', labels.error);
      return;
    }
    if (labels.value !== undefined) {
      // The entrypoint follows in the next pass, which can see the labels.
      draft.facts.push({ kind: 'RunLabelled', at: draft.at, labels: labels.value });
      return;
    }
    startCall(draft, table.entrypoint, 'root', '');
    return;
  }
  const root = nodeAt(state, state.root);
  let waiting = state.hooks.open > 0 || !root.settled;
  for (const hook of table.hooks) {
    if (!state.hooks.started.has(hook.name) && hookIsDue(state, hook)) {
      startCall(draft, hook.call, 'runHook', hook.name);
      waiting = true;
    }
  }
  if (root.settled && table.exit !== undefined && exitIsDue(state, table.exit)) {
    startCall(draft, table.exit.call, 'runHook', 'exit');
    waiting = true;
  }
  if (!waiting) finishRun(draft, root);
}

/** Labels of the workflow that expressions give; undefined once they are set, or when there are none. */
function labelsFrom(state: RunState): Result<Record<string, string> | undefined, string> {
  const sources = Object.entries(contextOf(state).run.spec.workflowMetadata?.labelsFrom ?? {});
  if (sources.every(([name]) => state.labels[name] !== undefined)) return ok(undefined);
  const labels: Record<string, string> = {};
  const environment = createScope({ state }).env();
  for (const [name, { expression }] of sources) {
    const program = compileExpr(expression);
    if (!program.ok) return err(`labelsFrom.${name}: ${program.error.message}`);
    const value = evaluateExpr(program.value, environment);
    if (!value.ok) return err(`labelsFrom.${name}: ${value.error.message}`);
    labels[name] = exprValueToText(value.value);
  }
  return ok(labels);
}

function startCall(
  draft: Draft,
  call: CallPlan,
  relation: 'root' | 'runHook',
  label: string,
): void {
  const scope = createScope({ state: draft.state });
  const outcome = invoke(draft, call, scope, {
    relation,
    parent: -1,
    boundary: undefined,
    slot: 0,
    label,
    inExit: label === 'exit',
    depth: 0,
    scopeName: LOCAL_SCOPE,
  });
  if (outcome.kind === 'Held') draft.blocked.push({ manager: -1, boundary: -1 });
}

function hookIsDue(state: RunState, hook: HookPlan): boolean {
  const due = isDue(hook, createScope({ state }));
  return due.ok && due.value;
}

function exitIsDue(state: RunState, exit: HookPlan): boolean {
  if (state.hooks.started.has('exit') || state.shutdown === 'Terminate') return false;
  return exit.expression === undefined || hookIsDue(state, exit);
}

/** A failure of the entrypoint counts before anything the exit handler does. */
function finishRun(draft: Draft, root: NodeRecord): void {
  const { state } = draft;
  const exitIndex = state.hooks.started.get('exit');
  const exit = exitIndex === undefined ? undefined : nodeAt(state, exitIndex);
  if (isFailedOrError(root.phase)) {
    const message =
      state.shutdown === '' ? root.message : `Stopped with strategy '${state.shutdown}'`;
    finish(draft, root.phase === 'Error' ? 'Error' : 'Failed', message);
  } else if (exit !== undefined && isFailedOrError(exit.phase)) {
    finish(draft, exit.phase === 'Error' ? 'Error' : 'Failed', exit.message);
  } else finish(draft, 'Succeeded', root.message);
}

function finish(draft: Draft, phase: 'Succeeded' | 'Failed' | 'Error', message: string): void {
  draft.facts.push({ kind: 'RunFinished', at: draft.at, phase, message });
}
