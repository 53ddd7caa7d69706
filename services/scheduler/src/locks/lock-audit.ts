import { BUCKETS, runKey } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { LockState } from '@argosy/core-workflow';
import { decodeSummary } from '../summaries.ts';

/** Looks for runs that have locks and will never give them back. */
export interface LockAudit {
  /**
   * Runs that had ended, or were not in the index, both now and at the call before: one look could meet a run that is
   * just being retried.
   */
  lostRuns(): Promise<readonly string[]>;
}

export function createLockAudit(bus: Bus, state: LockState): LockAudit {
  let suspects: ReadonlySet<string> = new Set();
  return {
    async lostRuns() {
      const bucket = await bus.keyValue(BUCKETS.runs);
      const found = new Set<string>();
      for (const [uid, holders] of [...state.byRun]) {
        const [holder = ''] = holders;
        const request = state.requests.get(holder)?.request;
        if (request === undefined) continue;
        const entry = await bucket.get(runKey(request.namespace, request.workflow));
        const summary = decodeSummary(entry?.value);
        if (summary?.uid !== uid || summary.finishedAt !== undefined) found.add(uid);
      }
      const lost = [...found].filter((uid) => suspects.has(uid));
      suspects = found;
      return lost;
    },
  };
}
