import { isFulfilled, nodeAt, type NodeRecord, type RunState } from '../state.ts';
import { advanceDag, advanceTaskGroup } from './dag.ts';
import { createDraft, type Draft } from './draft.ts';
import { advanceGate } from './gate.ts';
import { advanceHooks } from './hooks.ts';
import { advanceRetry } from './retry.ts';
import { askForRunLocks } from './run-locks.ts';
import { advanceRun } from './run.ts';
import { advanceGroup, advanceSteps } from './steps.ts';

/** Whether a pass could find anything to do. */
export function mayAdvance(state: RunState): boolean {
  if (state.suspended || state.finishedAt > 0 || state.context === undefined) return false;
  return state.runDirty || state.dirty.length > 0;
}

/** One pass over everything that may be able to go on. Only reads the state. */
export function advance(state: RunState, at: number): Draft {
  const draft = createDraft(state, at);
  if (!mayAdvance(state) || state.phase === '') return draft;
  if (state.phase !== 'Pending') {
    for (const index of state.dirty) advanceNode(draft, nodeAt(state, index));
    if (state.runDirty) advanceRun(draft);
  } else if (state.runDirty) askForRunLocks(draft);
  return draft;
}

function advanceNode(draft: Draft, node: NodeRecord): void {
  if (node.dropped) return;
  if (draft.state.gates.size > 0 && isHeldBack(draft, node)) return;
  const isWaiting = draft.state.gates.has(node.index);
  if (!isFulfilled(node.phase) && !isWaiting) advanceContainer(draft, node);
  if (node.hooks !== undefined && !node.settled) advanceHooks(draft, node);
}

/** True for what waits before its start, and for what is below it and was there before. */
function isHeldBack(draft: Draft, node: NodeRecord): boolean {
  const { gates } = draft.state;
  if (gates.has(node.index)) {
    advanceGate(draft, node);
    // Hooks may be due while it waits.
    return node.hooks === undefined;
  }
  for (let above = node.parent; above >= 0; above = nodeAt(draft.state, above).parent) {
    if (gates.get(above)?.isReopened === true) return true;
  }
  return false;
}

function advanceContainer(draft: Draft, node: NodeRecord): void {
  switch (node.type) {
    case 'Steps':
      advanceSteps(draft, node);
      return;
    case 'StepGroup':
      advanceGroup(draft, node);
      return;
    case 'DAG':
      advanceDag(draft, node);
      return;
    case 'TaskGroup':
      advanceTaskGroup(draft, node);
      return;
    case 'Retry':
      advanceRetry(draft, node);
      return;
    case 'Pod':
    case 'Container':
    case 'Skipped':
    case 'Suspend':
    case 'HTTP':
    case 'Plugin':
      return;
  }
}
