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
