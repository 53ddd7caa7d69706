import { ok, parseArgoDuration, type Result } from '@argosy/base';
import type { TemplatePlan } from '../plan/template.ts';
import { renderText, type Text } from '../plan/text.ts';
import type { VariableScope } from '../scope/variables.ts';

/** Instants at which something is done about a node that is still there. */
export interface BodyTimers {
  /** The end of its `timeout` or suspension; 0 for none. */
  readonly until: number;
  /** The end of its `pendingTimeout`; absent for none. */
  readonly pendingUntil?: number;
}

/** The timers of a node that begins at an instant; errors when a duration cannot be read. */
export function bodyTimers(
  plan: TemplatePlan,
  scope: VariableScope,
  at: number,
): Result<BodyTimers, string> {
  const timeoutMs = durationOf(plan.timeout ?? plan.suspendDuration, scope);
  if (!timeoutMs.ok) return timeoutMs;
  const pendingMs = durationOf(plan.pendingTimeout, scope);
  if (!pendingMs.ok) return pendingMs;
  const until = timeoutMs.value === undefined ? 0 : at + timeoutMs.value;
  return ok(
    pendingMs.value === undefined ? { until } : { until, pendingUntil: at + pendingMs.value },
  );
}

/** Milliseconds of a duration text; undefined when there is none. */
export function durationOf(
  text: Text | undefined,
  scope: VariableScope,
): Result<number | undefined, string> {
  if (text === undefined) return ok(undefined);
  const rendered = renderText(text, scope);
  if (!rendered.ok) return rendered;
  if (rendered.value.trim() === '') return ok(undefined);
  return parseArgoDuration(rendered.value);
}
