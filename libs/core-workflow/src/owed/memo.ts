import { timeText } from '@argosy/base';
import type { Effect } from '../effect.ts';
import { idOf, planOf } from '../names.ts';
import { renderOutputs } from '../render/outputs.ts';
import type { NodeRecord, RunState } from '../state.ts';

/** Asks the cache for a node that waits for the answer. */
export function lookUpMemo(state: RunState, node: number): Effect | undefined {
  const gate = state.gates.get(node);
  if (gate?.stage !== 'Memo' || gate.memo === undefined) return undefined;
  const { cache, key } = gate.memo;
  return { kind: 'LookUpMemo', node, cache, key };
}

/** Has the outputs of a succeeded node remembered. */
export function saveMemo(state: RunState, node: NodeRecord): Effect | undefined {
  const memo = state.memos.get(node.index);
  if (memo === undefined || node.phase !== 'Succeeded') return undefined;
  const { cache, key } = memo.query;
  const savedAt = timeText(node.finishedAt);
  return {
    kind: 'SaveMemo',
    cache,
    key,
    entry: {
      nodeID: idOf(state, node),
      outputs: renderOutputs(node, planOf(state, node)) ?? null,
      creationTimestamp: savedAt,
      lastHitTimestamp: savedAt,
    },
  };
}
