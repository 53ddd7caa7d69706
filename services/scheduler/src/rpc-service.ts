import { SchedulerService } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { rpcService, type RpcService } from '@argosy/rpc';
import type { RunCache } from './run-cache.ts';
import { workflowJson } from './submission.ts';

/** The scheduler's gRPC service: what this replica owns and has in memory. */
export function schedulerRpcService(tools: {
  readonly owned: () => readonly number[];
  readonly cache: RunCache;
}): RpcService {
  return rpcService(SchedulerService, {
    listPartitions() {
      const live = tools.cache.liveByPartition();
      const partitions = tools
        .owned()
        .map((number) => ({ number, liveRuns: live.get(number) ?? 0 }));
      return Promise.resolve({ partitions });
    },
    getRun({ uid }) {
      const run = tools.cache.get(uid);
      if (run === undefined) {
        throw new ArgosyError('NOT_FOUND', `no run with the uid ${uid} is in memory here`);
      }
      return Promise.resolve({ workflowJson: workflowJson(run.state) });
    },
  });
}
