import { ok, type Result } from '@argosy/base';
import { compileExpr, evaluateExpr } from '@argosy/lang';
import type { NodePhase, RetryPolicy, RetryStrategy } from '@argosy/model';
import type { RetryPlan } from '../plan/template.ts';
import { renderText, type Text } from '../plan/text.ts';
import { retryLocals } from '../scope/retry-variables.ts';
import { createScope, type VariableScope } from '../scope/variables.ts';
import {
  isFailedOrError,
  isFulfilled,
  nodeAt,
  retryRuntimeOf,
  type NodeRecord,
  type RunState,
} from '../state.ts';
import {
  boundaryOf,
  containerPlanOf,
  FAIL_FAST_MESSAGE,
  finishNode,
  obstacleTo,
  stopReason,
  type Draft,
} from './draft.ts';
import { durationOf } from './body-timers.ts';
import { retryPlanOf, startBody } from './invoke.ts';

/** Messages by which Argo knows a failure that is likely to pass by itself. */
const TRANSIENT =
  /i\/o timeout|connection (reset|refused)|TLS handshake timeout|too many requests/i;

/** What comes after an attempt that did not succeed. */
type Verdict =
  | { readonly kind: 'Again'; readonly bound: number }
  | { readonly kind: 'Wait'; readonly until: number; readonly message: string }
  | { readonly kind: 'GiveUp'; readonly message: string };

/** Goes on with a Retry node: its first attempt, the next one, or the end. */
export function advanceRetry(draft: Draft, node: NodeRecord): void {
  const { attempts } = retryRuntimeOf(node);
  const lastIndex = attempts.at(-1);
  if (lastIndex === undefined) {
    startAttempt(draft, node, 0);
    return;
  }
  const last = nodeAt(draft.state, lastIndex);
  if (!last.settled) return;
  if (!isFulfilled(last.phase)) {
    // A daemon that runs: what waits for this node may go on.
    const isHeldByHooks = node.hooks !== undefined;
    if (node.settled || isHeldByHooks) return;
    draft.facts.push({ kind: 'NodeSettled', at: draft.at, node: node.index });
  } else if (isFailedOrError(last.phase)) afterFailure(draft, node, last);
  else endAs(draft, node, { last, phase: 'Succeeded', message: '' });
}

function afterFailure(draft: Draft, node: NodeRecord, last: NodeRecord): void {
  const verdict = judge(draft, node, last);
  switch (verdict.kind) {
    case 'Again':
      startAttempt(draft, node, verdict.bound);
      return;
    case 'GiveUp':
      endAs(draft, node, { last, phase: last.phase, message: verdict.message });
      return;
    case 'Wait': {
      if (node.until === verdict.until) return;
      const { until, message } = verdict;
      draft.facts.push({ kind: 'NodeWaiting', at: draft.at, node: node.index, until, message });
    }
  }
}

/** Ends a Retry node with the outputs of its last attempt. */
function endAs(
  draft: Draft,
  node: NodeRecord,
  end: { readonly last: NodeRecord; readonly phase: NodePhase; readonly message: string },
): void {
  const { outputs } = end.last;
  finishNode(draft, node, {
    phase: end.phase,
    message: end.message,
    ...(outputs === undefined ? {} : { outputs }),
  });
}

function startAttempt(draft: Draft, node: NodeRecord, bound: number): void {
  const plan = containerPlanOf(draft.state, node);
  const boundary = boundaryOf(draft.state, node);
  const stop = stopReason(draft.state, node.inExit);
  const obstacle = stop === undefined ? obstacleTo(draft, boundary) : undefined;
  if (obstacle?.kind === 'Full') {
    draft.blocked.push({ manager: node.index, boundary: obstacle.boundary });
    return;
  }
  const hindrance = obstacle?.kind === 'FailFast' ? FAIL_FAST_MESSAGE : stop;
  if (hindrance !== undefined) {
    // It waited for its place until there was nothing to begin any more.
    finishNode(draft, node, { phase: 'Failed', message: hindrance });
    return;
  }
  const { attempts } = retryRuntimeOf(node);
  const place = {
    relation: 'attempt',
    parent: node.index,
    boundary,
    slot: attempts.length,
    inExit: node.inExit,
    depth: node.depth,
    scopeName: plan.scope,
  } as const;
  const inputs = { parameters: node.parameters, artifacts: node.artifacts };
  startBody(draft, place, plan, { inputs, bound });
}

/** The checks in Argo's order: stop, longest duration, backoff, policy, limit, expression. */
function judge(draft: Draft, node: NodeRecord, last: NodeRecord): Verdict {
  const stopped = stopVerdict(draft.state, node);
  if (stopped !== undefined) return stopped;
  const plan = containerPlanOf(draft.state, node);
  const retry = retryPlanOf(draft.state, node.relation, plan);
  if (retry === undefined) return { kind: 'GiveUp', message: last.message };
  const scope = createScope({
    state: draft.state,
    inputs: { plan, parameters: node.parameters, artifacts: node.artifacts },
    locals: retryLocals(draft.state, node),
  });
  const limits = limitsOf(retry, scope);
  if (!limits.ok) return { kind: 'GiveUp', message: limits.error };
  const pause = backoffVerdict(draft, { node, last, limits: limits.value });
  if (pause.kind !== 'Again') return pause;
  if (!policyAllows(retry.strategy, last)) return { kind: 'GiveUp', message: last.message };
  const done = attemptsOf(node);
  if (limits.value.limit !== undefined && done > limits.value.limit) {
    return { kind: 'GiveUp', message: 'No more retries left' };
  }
  return expressionVerdict(retry, scope) ?? pause;
}

function stopVerdict(state: RunState, node: NodeRecord): Verdict | undefined {
  if (state.shutdown === 'Terminate' || (state.shutdown === 'Stop' && !node.inExit)) {
    return { kind: 'GiveUp', message: `Stopped with strategy '${state.shutdown}'` };
  }
  if (!state.deadlineReached || node.inExit) return undefined;
  return { kind: 'GiveUp', message: 'retry exceeded workflow deadline' };
}

interface Limits {
  readonly limit: number | undefined;
  readonly durationMs: number | undefined;
  readonly factor: number | undefined;
  readonly maxDurationMs: number | undefined;
  readonly capMs: number | undefined;
}

function limitsOf(retry: RetryPlan, scope: VariableScope): Result<Limits, string> {
  const limit = numberOf(retry.limit, scope);
  const duration = durationOf(retry.duration, scope);
  if (!duration.ok) return duration;
  const maxDuration = durationOf(retry.maxDuration, scope);
  if (!maxDuration.ok) return maxDuration;
  const cap = durationOf(retry.cap, scope);
  if (!cap.ok) return cap;
  return ok({
    limit,
    durationMs: duration.value,
    factor: numberOf(retry.factor, scope),
    maxDurationMs: maxDuration.value,
    capMs: cap.value,
  });
}

function numberOf(text: Text | undefined, scope: VariableScope): number | undefined {
  if (text === undefined) return undefined;
  const rendered = renderText(text, scope);
  const number = rendered.ok ? Number(rendered.value.trim()) : NaN;
  return Number.isFinite(number) && rendered.ok && rendered.value.trim() !== ''
    ? number
    : undefined;
}

function attemptsOf(node: NodeRecord): number {
  return retryRuntimeOf(node).attempts.length;
}

function backoffVerdict(
  draft: Draft,
  attempt: { readonly node: NodeRecord; readonly last: NodeRecord; readonly limits: Limits },
): Verdict {
  const { node, last, limits } = attempt;
  const runtime = retryRuntimeOf(node);
  const first = nodeAt(draft.state, runtime.attempts[0] ?? last.index);
  const end = limits.maxDurationMs === undefined ? 0 : first.startedAt + limits.maxDurationMs;
  if (end > 0 && draft.at > end) return { kind: 'GiveUp', message: 'Max duration limit exceeded' };
  if (limits.durationMs === undefined) return { kind: 'Again', bound: end };
  const waitMs = waitOf(limits, attemptsOf(node));
  const until = last.finishedAt + waitMs;
  if (end > 0 && until > end) {
    return { kind: 'GiveUp', message: 'Backoff would exceed max duration limit' };
  }
  const exhausted = limits.limit !== undefined && attemptsOf(node) > limits.limit;
  if (draft.at >= until || exhausted) return { kind: 'Again', bound: end };
  return { kind: 'Wait', until, message: `Backoff for ${humanDuration(waitMs)}` };
}

/** duration · factor^(attempts − 1), at most the cap. */
function waitOf(limits: Limits, attempts: number): number {
  const base = limits.durationMs ?? 0;
  const { factor, capMs } = limits;
  const wait = factor === undefined || factor <= 0 ? base : base * factor ** (attempts - 1);
  return capMs !== undefined && wait > capMs ? capMs : wait;
}

function policyAllows(strategy: RetryStrategy, last: NodeRecord): boolean {
  switch (policyOf(strategy)) {
    case 'Always':
      return true;
    case 'OnError':
      return last.phase === 'Error';
    case 'OnFailure':
      return last.phase === 'Failed';
    case 'OnTransientError':
      return TRANSIENT.test(last.message);
  }
}

/** An expression without a policy is asked after failures and errors alike. */
function policyOf(strategy: RetryStrategy): RetryPolicy {
  if (strategy.retryPolicy !== undefined) return strategy.retryPolicy;
  return strategy.expression === undefined || strategy.expression === '' ? 'OnFailure' : 'Always';
}

function expressionVerdict(retry: RetryPlan, scope: VariableScope): Verdict | undefined {
  if (retry.expression === undefined) return undefined;
  const source = renderText(retry.expression, scope);
  if (!source.ok) return giveUp(source.error);
  const program = compileExpr(source.value);
  if (!program.ok) return giveUp(`invalid retryStrategy.expression: ${program.error.message}`);
  const value = evaluateExpr(program.value, scope.env());
  if (!value.ok) return giveUp(`retryStrategy.expression failed: ${value.error.message}`);
  if (value.value === true) return undefined;
  return giveUp('retryStrategy.expression evaluated to false');
}

function giveUp(message: string): Verdict {
  return { kind: 'GiveUp', message };
}

const SECOND_MS = 1_000;
const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', SECOND_MS],
];

/** `4 seconds`, `1 minute 30 seconds`: the two largest units. */
export function humanDuration(durationMs: number): string {
  if (durationMs < SECOND_MS) return `${Math.round(durationMs)} milliseconds`;
  const parts: string[] = [];
  let rest = durationMs;
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return parts.slice(0, 2).join(' ');
}
