import type { RunSummary } from '@argosy/core-workflow';

import { runMatcher, type RunFilter } from './run-filter.ts';
import type { RunIndex } from './run-index.ts';
import { findRun, runObject, type RunObject, type RunTools } from './run-objects.ts';

/** A change of the index, as one watcher sees it. */
export type RunChange =
  | { readonly kind: 'Added' | 'Modified' | 'Deleted'; readonly summary: RunSummary }
  | { readonly kind: 'CaughtUp' };

/**
 * The runs that match now, a mark, then their changes. A run that stops matching counts as deleted.
 * Changes of one run that the reader has not taken yet are folded into one, so memory is bounded by
 * the number of runs.
 */
export async function* watchRuns(
  index: RunIndex,
  filter: RunFilter,
  signal: AbortSignal,
): AsyncIterable<RunChange> {
  const matches = runMatcher(filter);
  const sent = new Map<string, RunSummary>();
  const changed = new Set<string>();
  let wake: () => void = () => undefined;
  const stopListening = index.onChange((key) => {
    changed.add(key);
    wake();
  });
  const onAbort = (): void => {
    wake();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (const [key, summary] of index.all()) {
      if (!matches(summary)) continue;
      sent.set(key, summary);
      yield { kind: 'Added', summary };
    }
    yield { kind: 'CaughtUp' };
    while (!signal.aborted) {
      const [key] = changed;
      if (key === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      changed.delete(key);
      const change = changeOf(sent, key, index.byKey(key), matches);
      if (change !== undefined) yield change;
    }
  } finally {
    stopListening();
    signal.removeEventListener('abort', onAbort);
  }
}

function changeOf(
  sent: Map<string, RunSummary>,
  key: string,
  now: RunSummary | undefined,
  matches: (summary: RunSummary) => boolean,
): RunChange | undefined {
  const before = sent.get(key);
  if (now === undefined || !matches(now)) {
    if (before === undefined) return undefined;
    sent.delete(key);
    return { kind: 'Deleted', summary: now ?? before };
  }
  if (before === now) return undefined;
  sent.set(key, now);
  return { kind: before === undefined ? 'Added' : 'Modified', summary: now };
}

/**
 * One run now, then its latest state after changes. Ends after the state in which the run is finished,
 * unless `beyondEnd` is set.
 * @throws ArgosyError NOT_FOUND
 */
export async function* watchRun(
  tools: RunTools,
  request: { readonly namespace: string; readonly name: string; readonly beyondEnd?: boolean },
  signal: AbortSignal,
): AsyncIterable<RunObject> {
  const summary = await findRun(tools, request.namespace, request.name);
  if (summary.phase === '') {
    const first = await tools.states.current(summary.uid);
    if (first.sequence === 0) yield await runObject(tools, summary, first);
  }
  for await (const folded of tools.states.follow(summary.uid, signal)) {
    const shown = await runObject(tools, summary, folded);
    yield shown;
    if (shown.isFinished && request.beyondEnd !== true) return;
  }
}
