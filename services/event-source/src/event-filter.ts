import { ok, type Result } from '@argosy/base';
import { compileSourceFilter, sourceFilterPasses } from '@argosy/core-events';

/** Whether an event may pass; the reason of a drop is for the log. */
export type FilterVerdict =
  { readonly kind: 'Pass' } | { readonly kind: 'Drop'; readonly reason: string };

/** Judges the data of one event: UTF-8 text of a JSON object. */
export type EventFilter = (data: Uint8Array) => FilterVerdict;

/** A filter from `filter.expression`. An expression that fails drops the event, as a false one does. */
export function compileEventFilter(expression: string): Result<EventFilter, string> {
  const program = compileSourceFilter(expression);
  if (!program.ok) return program;
  return ok((data) => {
    const verdict = sourceFilterPasses(program.value, new TextDecoder().decode(data));
    if (!verdict.ok) return { kind: 'Drop', reason: verdict.error };
    if (verdict.value) return { kind: 'Pass' };
    return { kind: 'Drop', reason: 'the filter expression is false' };
  });
}
