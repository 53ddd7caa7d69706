import { err, ok, type Result } from '@argosy/base';
import { compileExpr, evaluateExpr } from '@argosy/lang';

/** Whether an event may pass; the reason of a drop is for the log. */
export type FilterVerdict =
  { readonly kind: 'Pass' } | { readonly kind: 'Drop'; readonly reason: string };

/** Judges the data of one event: UTF-8 text of a JSON object. */
export type EventFilter = (data: Uint8Array) => FilterVerdict;

/**
 * A filter from `filter.expression`. The expression sees the top-level keys of the data, with `_` for `-`
 * in their names. An expression that fails drops the event, as one that is false does.
 */
export function compileEventFilter(expression: string): Result<EventFilter, string> {
  const program = compileExpr(expression);
  if (!program.ok) return err(program.error.message);
  return ok((data) => {
    const values = JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>;
    const scope = Object.entries(values).map(([key, value]) => [key.replaceAll('-', '_'), value]);
    const result = evaluateExpr(program.value, Object.fromEntries(scope) as typeof values);
    if (!result.ok) return { kind: 'Drop', reason: result.error.message };
    if (result.value === true) return { kind: 'Pass' };
    return { kind: 'Drop', reason: 'the filter expression is false' };
  });
}
