import { ArgosyError } from '@argosy/base';
import type { WorkerTools } from '../partition-worker.ts';
import type { RunName } from '../summaries.ts';
import { deleteRun } from './delete-run.ts';

/**
 * Deletes a run whose time has come, in its turn among the commands for it. One that has been retried or deleted
 * meanwhile is left alone.
 * @throws ArgosyError CONFLICT when its entry in the index is being changed by somebody else.
 */
export async function expireRun(tools: WorkerTools, run: RunName): Promise<void> {
  const { uid } = run;
  await tools.queue.run(uid, async () => {
    const found = await tools.summaries.find(run);
    const dueAt = found?.summary.deleteAt;
    if (found === undefined || dueAt === undefined || Date.parse(dueAt) > tools.now()) return;
    if (!(await deleteRun(tools.bus, tools.partitions, found))) {
      throw new ArgosyError('CONFLICT', `the entry of run ${uid} is being changed`);
    }
    tools.cache.drop(uid);
    tools.timers.clear(uid);
    tools.summaries.forget(uid);
    tools.submission.forgetWhere((known) => known === uid);
    tools.logger.info({ uid, namespace: run.namespace, name: run.name }, 'run deleted: its time');
  });
}
