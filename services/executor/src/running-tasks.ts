import type { Delivery } from '@argosy/bus';
import type { CancelRequest } from '@argosy/runner';

/** A task at work in this executor. */
export interface RunningTask {
  readonly taskId: string;
  readonly runner: string;
  readonly startedAtMs: number;
  readonly controller: AbortController;
  /** Resolves when the task's handler has ended. */
  readonly ended: Promise<void>;
  /** The newest delivery of the task: the one that is extended and acked. */
  delivery: Delivery;
}

/** The tasks at work in this executor, by id. */
export interface RunningTasks {
  get(taskId: string): RunningTask | undefined;
  list(): readonly RunningTask[];
  add(task: RunningTask): void;
  remove(taskId: string): void;
  /** False when the task does not run here. A second request changes nothing. */
  cancel(taskId: string, request: CancelRequest): boolean;
}

export function createRunningTasks(): RunningTasks {
  const tasks = new Map<string, RunningTask>();
  return {
    get: (taskId) => tasks.get(taskId),
    list: () => [...tasks.values()],
    add: (task) => void tasks.set(task.taskId, task),
    remove: (taskId) => void tasks.delete(taskId),
    cancel: (taskId, request) => {
      const task = tasks.get(taskId);
      task?.controller.abort(request);
      return task !== undefined;
    },
  };
}
