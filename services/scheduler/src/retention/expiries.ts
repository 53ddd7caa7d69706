import { ArgosyError } from '@argosy/base';
import type { RunSummary } from '@argosy/core-workflow';
import type { Logger } from '@argosy/telemetry';
import type { RunName } from '../summaries.ts';
import { createTimers } from '../timers.ts';

/** Deletes finished runs when their time has come. */
export interface Expiries {
  /** Takes note of a run as the index has it now: one that goes on again is kept. */
  look(summary: RunSummary): void;
  forgetWhere(isMeant: (uid: string) => boolean): void;
  stop(): void;
}

/** Wait before a run that could not be deleted is tried again. */
const RETRY_MS = 5_000;

/** `remove` is to look at the run again: it may have been retried in the meantime. */
export function createExpiries(options: {
  readonly now: () => number;
  readonly remove: (run: RunName) => Promise<void>;
  readonly logger: Logger;
}): Expiries {
  const { now, remove, logger } = options;
  const runs = new Map<string, RunName>();
  let isStopped = false;

  const timers = createTimers(now, (uid) => {
    const run = runs.get(uid);
    if (run === undefined) return;
    remove(run).then(
      () => {
        if (runs.get(uid) === run) runs.delete(uid);
      },
      (thrown: unknown) => {
        const { message } = ArgosyError.fromUnknown(thrown);
        logger.warn({ uid, message }, 'run not deleted yet; trying again');
        if (!isStopped && runs.has(uid)) timers.set(uid, now() + RETRY_MS);
      },
    );
  });

  return {
    look({ uid, namespace, name, deleteAt }) {
      if (deleteAt === undefined) {
        if (runs.delete(uid)) timers.clear(uid);
        return;
      }
      runs.set(uid, { uid, namespace, name });
      timers.set(uid, Date.parse(deleteAt));
    },
    forgetWhere(isMeant) {
      timers.clearWhere(isMeant);
      for (const uid of runs.keys()) if (isMeant(uid)) runs.delete(uid);
    },
    stop() {
      isStopped = true;
      timers.stop();
    },
  };
}
