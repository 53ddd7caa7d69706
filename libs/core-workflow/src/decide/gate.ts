import { err, ok, parseGoDuration, type Result } from '@argosy/base';
import type { NodeGate } from '../facts.ts';
import type { MemoQuery } from '../memo.ts';
import type { GatePlan } from '../plan/gate.ts';
import type { TemplatePlan } from '../plan/template.ts';
import { renderText } from '../plan/text.ts';
import type { VariableScope } from '../scope/variables.ts';
import { planOf } from '../names.ts';
import { createScope } from '../scope/variables.ts';
import { contextOf, type NodeRecord, type RunState } from '../state.ts';
import { bodyTimers } from './body-timers.ts';
import {
  boundaryOf,
  countChild,
  FAIL_FAST_MESSAGE,
  finishNode,
  obstacleTo,
  stopReason,
  type Draft,
} from './draft.ts';
import { lockKeysOf } from './lock-keys.ts';

/** What Argo allows as a key of a cache. */
const MEMO_KEY = /^[a-zA-Z0-9][-a-zA-Z0-9]*$/;

/** What a node of a template has to get before it starts; undefined: nothing. */
export function gateOf(
  state: RunState,
  plan: TemplatePlan,
  scope: VariableScope,
): Result<NodeGate | undefined, string> {
  if (plan.gate === undefined) return ok(undefined);
  const { synchronization, memo } = plan.gate;
  const { namespace } = contextOf(state).run;
  const locks =
    synchronization === undefined ? ok([]) : lockKeysOf(synchronization, scope, namespace);
  if (!locks.ok) return locks;
  const query = memo === undefined ? ok(undefined) : memoQuery(memo, scope, namespace);
  if (!query.ok) return query;
  if (locks.value.length === 0 && query.value === undefined) return ok(undefined);
  return ok({
    ...(locks.value.length === 0 ? {} : { locks: locks.value }),
    ...(query.value === undefined ? {} : { memo: query.value }),
  });
}

function memoQuery(
  memo: NonNullable<GatePlan['memo']>,
  scope: VariableScope,
  namespace: string,
): Result<MemoQuery, string> {
  const key = renderText(memo.key, scope);
  if (!key.ok) return key;
  if (!MEMO_KEY.test(key.value)) {
    return err(
      `invalid cache key: ${key.value}: a key has letters, digits and dashes and begins with no dash`,
    );
  }
  const name = renderText(memo.cache, scope);
  if (!name.ok) return name;
  if (name.value === '')
    return err('cache could not be found or created: memoize.cache is missing');
  const query = { cache: { namespace, name: name.value }, key: key.value };
  const maxAge = memo.maxAge === undefined ? ok('') : renderText(memo.maxAge, scope);
  if (!maxAge.ok) return maxAge;
  if (maxAge.value === '') return ok(query);
  const maxAgeMs = parseGoDuration(maxAge.value);
  if (!maxAgeMs.ok) return err(`invalid maxAge: ${maxAgeMs.error}`);
  return ok({ ...query, maxAgeMs: maxAgeMs.value });
}

/** Starts a node that has got all it waited for, as soon as there is a place for it. */
export function advanceGate(draft: Draft, node: NodeRecord): void {
  const { state } = draft;
  const boundary = boundaryOf(state, node);
  const stop = stopReason(state, node.inExit);
  if (stop !== undefined) {
    finishNode(draft, node, { phase: 'Failed', message: stop });
    return;
  }
  const obstacle = obstacleTo(draft, boundary);
  if (obstacle?.kind === 'FailFast') {
    finishNode(draft, node, { phase: 'Failed', message: FAIL_FAST_MESSAGE });
    return;
  }
  const gate = state.gates.get(node.index);
  if (gate?.stage !== 'Open') return;
  if (obstacle !== undefined) {
    draft.blocked.push({ manager: node.index, boundary: obstacle.boundary });
    return;
  }
  const until = gate.isReopened ? {} : startTimers(draft, node);
  draft.facts.push({
    kind: 'NodeAdmitted',
    at: draft.at,
    node: node.index,
    until: node.until,
    ...until,
  });
  countChild(draft, boundary, node.type);
}

/** A suspension and the wait of a task for an executor begin with the start, not with the wait for locks. */
function startTimers(
  draft: Draft,
  node: NodeRecord,
): { readonly until?: number; readonly pendingUntil?: number } {
  const plan = planOf(draft.state, node);
  if (plan === undefined || node.type === 'Retry') return {};
  const { parameters, artifacts } = node;
  const scope = createScope({ state: draft.state, inputs: { plan, parameters, artifacts } });
  const timers = bodyTimers(plan, scope, draft.at);
  // They could be read when the node was made.
  if (!timers.ok) return {};
  const { until, pendingUntil } = timers.value;
  return {
    ...(plan.shape === 'suspend' && until > 0 ? { until } : {}),
    ...(pendingUntil === undefined ? {} : { pendingUntil }),
  };
}
