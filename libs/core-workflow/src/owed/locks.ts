import type { Effect } from '../effect.ts';
import { idOf } from '../names.ts';
import { contextOf, nodeAt, type RunState } from '../state.ts';

/** Asks for the locks of a node, or of the run (node -1); undefined when it has them or needs none any more. */
export function acquireLocks(state: RunState, node: number): Effect | undefined {
  const hold = state.holds.get(node);
  if (hold === undefined || hold.granted) return undefined;
  const { run } = contextOf(state);
  return {
    kind: 'AcquireLocks',
    request: {
      holder: hold.holder,
      uid: run.uid,
      namespace: run.namespace,
      workflow: run.name,
      ...(node < 0 ? {} : { nodeId: idOf(state, nodeAt(state, node)) }),
      locks: hold.locks,
      priority: run.spec.priority ?? 0,
      createdAtMs: run.createdAtMs,
    },
  };
}
