import type { Workflow } from '@argosy/model';
import { LIST_WHOLE_MAX } from '../config.ts';
import type { GatewayParts } from '../parts.ts';
import type { RunFilter } from '../runs/run-filter.ts';
import { listRuns } from '../runs/run-list.ts';
import { runObject, summaryObject } from '../runs/run-objects.ts';
import { integerField, textField, timeField, type Fields } from './request-values.ts';

/** Argo's list query: `listOptions.*`, `nameFilter`, `createdAfter`, `finishedBefore`. */
export function filterOfQuery(query: Fields, namespace: string): RunFilter {
  const selector = textField(query, 'listOptions.labelSelector');
  const field = fieldName(textField(query, 'listOptions.fieldSelector'));
  const prefix = textField(query, 'namePrefix');
  const name = textField(query, 'name') ?? field;
  const nameFilter = textField(query, 'nameFilter') ?? 'Exact';
  const createdAfterMs = timeField(query, 'createdAfter');
  const finishedBeforeMs = timeField(query, 'finishedBefore');
  const named =
    name === undefined
      ? {}
      : nameFilter === 'Prefix'
        ? { namePrefix: name }
        : nameFilter === 'Contains'
          ? { nameContains: name }
          : { name };
  return {
    namespace,
    ...named,
    ...startedBetween(textField(query, 'listOptions.fieldSelector')),
    ...(prefix === undefined ? {} : { namePrefix: prefix }),
    ...(selector === undefined ? {} : { labelSelector: selector }),
    ...(createdAfterMs === undefined ? {} : { createdAfterMs }),
    ...(finishedBeforeMs === undefined ? {} : { finishedBeforeMs }),
  };
}

/** The times that clients of Argo's archive give in a field selector. @throws ArgosyError INVALID_ARGUMENT */
function startedBetween(selector = ''): Pick<RunFilter, 'startedAfterMs' | 'startedBeforeMs'> {
  const timeOf = (sign: string): number | undefined => {
    const text = selector.split(',').find((part) => part.startsWith(`spec.startedAt${sign}`));
    const fields = { 'spec.startedAt': text?.slice(`spec.startedAt${sign}`.length) };
    return timeField(fields, 'spec.startedAt');
  };
  const [after, before] = [timeOf('>'), timeOf('<')];
  return {
    ...(after === undefined ? {} : { startedAfterMs: after }),
    ...(before === undefined ? {} : { startedBeforeMs: before }),
  };
}

/** The name that a field selector asks for: `metadata.name=x`. */
export function fieldName(selector: string | undefined): string | undefined {
  return /(?:^|,)metadata\.name==?([^,]+)/.exec(selector ?? '')?.[1];
}

/**
 * Argo's WorkflowList. Items hold what the index has (metadata, phase, times, progress, message);
 * whole objects, at most LIST_WHOLE_MAX of them, when the query's `fields` asks for spec or nodes.
 */
export async function listAnswer(
  parts: GatewayParts,
  request: {
    readonly namespace: string;
    readonly query: Fields;
    readonly isWhole: boolean;
    /** Only runs that have ended. */
    readonly finished?: boolean;
  },
): Promise<unknown> {
  const { query, namespace, isWhole } = request;
  const limit = integerField(query, 'listOptions.limit') ?? 0;
  const continueToken = textField(query, 'listOptions.continue');
  const capped = isWhole && (limit <= 0 || limit > LIST_WHOLE_MAX) ? LIST_WHOLE_MAX : limit;
  const filter = filterOfQuery(query, namespace);
  const { finished } = request;
  const page = listRuns(parts.index, finished === undefined ? filter : { ...filter, finished }, {
    limit: capped,
    ...(continueToken === undefined ? {} : { continueToken }),
  });
  const items: Workflow[] = [];
  for (const run of page.runs) {
    if (isWhole) {
      items.push((await runObject(parts, run, await parts.states.current(run.uid))).workflow);
    } else items.push(summaryObject(run));
  }
  return {
    metadata: {
      ...(page.continueToken === '' ? {} : { continue: page.continueToken }),
      ...(page.remaining === 0 ? {} : { remainingItemCount: String(page.remaining) }),
    },
    items: items.length === 0 ? null : items,
  };
}
