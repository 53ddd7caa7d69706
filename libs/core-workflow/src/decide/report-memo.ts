import { assertNever, ok, type Refusal, type Result } from '@argosy/base';
import type { Outputs } from '@argosy/model';
import type { Fact, NodeOutputs } from '../facts.ts';
import type { MemoEntry, MemoOutcome, MemoQuery } from '../memo.ts';
import type { RunState } from '../state.ts';
import { parseTime } from '../times.ts';

/** Takes what a cache holds for a node: a result that is young enough ends the node, without it the node starts. */
export function decideMemoReported(
  state: RunState,
  report: { readonly node: number; readonly outcome: MemoOutcome },
  at: number,
): Result<readonly Fact[], Refusal> {
  const { node, outcome } = report;
  const gate = state.gates.get(node);
  if (gate?.stage !== 'Memo' || gate.memo === undefined) return ok([]);
  switch (outcome.kind) {
    case 'Hit':
      return ok(hitFacts(node, { entry: outcome.entry, query: gate.memo }, at));
    case 'Miss':
      return ok([{ kind: 'MemoAnswered', at, node, hit: false }]);
    case 'Refused':
      return ok([{ kind: 'NodeFinished', at, node, phase: 'Error', message: outcome.message }]);
    default:
      return assertNever(outcome);
  }
}

function hitFacts(
  node: number,
  { entry, query }: { readonly entry: MemoEntry; readonly query: MemoQuery },
  at: number,
): readonly Fact[] {
  const ageMs = at - parseTime(entry.creationTimestamp);
  const hit = query.maxAgeMs === undefined || ageMs <= query.maxAgeMs;
  if (!hit) return [{ kind: 'MemoAnswered', at, node, hit }];
  const outputs = outputsOf(entry.outputs ?? {});
  return [
    { kind: 'MemoAnswered', at, node, hit },
    {
      kind: 'NodeFinished',
      at,
      node,
      phase: 'Succeeded',
      message: '',
      ...(outputs === undefined ? {} : { outputs }),
    },
  ];
}

/** The values of outputs as Argo writes them; undefined when there are none. */
export function outputsOf(outputs: Outputs): NodeOutputs | undefined {
  const { result, exitCode, artifacts } = outputs;
  const given = (outputs.parameters ?? []).flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const values: NodeOutputs = {
    ...(result === undefined ? {} : { result }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(given.length === 0 ? {} : { parameters: Object.fromEntries(given) }),
    ...(artifacts === undefined || artifacts.length === 0 ? {} : { artifacts }),
  };
  return Object.keys(values).length === 0 ? undefined : values;
}
