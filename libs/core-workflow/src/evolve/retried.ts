import type { Fact } from '../facts.ts';
import { nodeAt, type RunState } from '../state.ts';

/** Forgets the nodes that run anew. */
export function evolveRunRetried(
  state: RunState,
  fact: Extract<Fact, { kind: 'RunRetried' }>,
): void {
  for (const index of fact.dropped) nodeAt(state, index).dropped = true;
}
