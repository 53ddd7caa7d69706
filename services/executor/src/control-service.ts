import { ExecutorControlService } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { rpcService, type RpcService } from '@argosy/rpc';
import { GRACE_DEFAULT_MS, type CancelReason } from '@argosy/runner';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { RunningTasks } from './running-tasks.ts';

const REASONS: readonly string[] = [
  'Stop',
  'Terminate',
  'Deadline',
  'Daemon',
] satisfies CancelReason[];

/** Lists and ends the tasks that run in this executor. */
export function createControlService(running: RunningTasks): RpcService {
  return rpcService(ExecutorControlService, {
    listTasks: () =>
      Promise.resolve({
        tasks: running.list().map((task) => ({
          taskId: task.taskId,
          runner: task.runner,
          startedAt: timestampFromMs(task.startedAtMs),
        })),
      }),
    cancelTask: (request) => {
      const graceMs = request.graceMs === 0 ? GRACE_DEFAULT_MS : request.graceMs;
      const found = running.cancel(request.taskId, { reason: reasonOf(request.reason), graceMs });
      return Promise.resolve({ found });
    },
  });
}

function reasonOf(text: string): CancelReason {
  if (REASONS.includes(text)) return text as CancelReason;
  throw new ArgosyError(
    'INVALID_ARGUMENT',
    `reason must be one of ${REASONS.join(', ')}, not "${text}"`,
  );
}
