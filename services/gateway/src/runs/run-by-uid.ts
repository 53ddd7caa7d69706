import { ArgosyError } from '@argosy/base';
import type { RunSummary } from '@argosy/core-workflow';
import type { RunIndex } from './run-index.ts';

/** The run of a uid. Cost: all runs of the index. @throws ArgosyError NOT_FOUND */
export function findRunByUid(index: RunIndex, uid: string): RunSummary {
  for (const [, summary] of index.all()) if (summary.uid === uid) return summary;
  throw new ArgosyError('NOT_FOUND', `No workflow has the uid "${uid}".`);
}
