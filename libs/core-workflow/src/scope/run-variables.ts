import { timeText } from '@argosy/base';
import { displayNameOf, planOf, podNameOf } from '../names.ts';
import { isFailedOrError, isFulfilled, nodeAt, type RunState } from '../state.ts';

/** Variables of the run that change while it runs. */
export function runVariable(state: RunState, tag: string): string | undefined {
  switch (tag) {
    case 'workflow.status':
      return mainStatus(state);
    case 'workflow.duration':
      return mainDuration(state);
    case 'workflow.failures':
      return JSON.stringify(failuresJson(state));
    default:
      return undefined;
  }
}

/** The phase of the entrypoint as a workflow phase: what exit handlers get to see. */
export function mainStatus(state: RunState): string {
  const root = state.nodes[state.root];
  if (root === undefined || !isFulfilled(root.phase)) return state.phase === '' ? '' : 'Running';
  return root.phase === 'Skipped' || root.phase === 'Omitted' ? 'Succeeded' : root.phase;
}

function mainDuration(state: RunState): string {
  const root = state.nodes[state.root];
  const end = root === undefined || root.finishedAt === 0 ? state.startedAt : root.finishedAt;
  return ((end - state.startedAt) / 1_000).toFixed(6);
}

/** The failed pods as JSON text, in the order in which they were created. */
function failuresJson(state: RunState): string {
  const failures = state.nodes
    .filter((node) => node.type === 'Pod' && isFailedOrError(node.phase) && !node.dropped)
    .map((node) => ({
      displayName: displayNameOf(state, node),
      message: node.message,
      templateName: planOf(state, nodeAt(state, node.index))?.name ?? '',
      phase: node.phase,
      podName: podNameOf(state, node),
      finishedAt: timeText(node.finishedAt),
    }));
  return JSON.stringify(failures);
}
