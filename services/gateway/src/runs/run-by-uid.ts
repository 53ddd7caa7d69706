import { ArgosyError } from '@argosy/base';
import type { RunSummary } from '@argosy/core-workflow';
import type { RunIndex } from './run-index.ts';

/** The run of a uid, if there is one. Cost: all runs of the index. */
export function runOfUid(index: RunIndex, uid: string): RunSummary | undefined {
  for (const [, summary] of index.all()) if (summary.uid === uid) return summary;
  return undefined;
}

/** The run of a uid. @throws ArgosyError NOT_FOUND */
export function findRunByUid(index: RunIndex, uid: string): RunSummary {
  const found = runOfUid(index, uid);
  if (found !== undefined) return found;
  throw new ArgosyError('NOT_FOUND', `No workflow has the uid "${uid}".`);
}
