import type { RunnerTask } from '@argosy/runner';
import { traceFields, type Logger } from '@argosy/telemetry';
import { WARNINGS_REMEMBERED_MAX } from './limits.ts';

/** Takes a runner's warning about a task. */
export type TaskWarnings = (
  task: RunnerTask,
  fields: Readonly<Record<string, unknown>>,
  message: string,
) => void;

/**
 * Logs each warning as such the first time, and later ones that say the same at level debug: a workflow of a
 * thousand tasks of one image would otherwise drown everything else.
 */
export function createTaskWarnings(logger: Logger): TaskWarnings {
  const said = new Set<string>();
  return (task, fields, message) => {
    const { taskId, workflow, nodeName } = task;
    const level = said.has(message) ? 'debug' : 'warn';
    if (said.size >= WARNINGS_REMEMBERED_MAX) said.clear();
    said.add(message);
    const trace = traceFields(task.traceparent);
    logger[level]({ taskId, workflow, nodeName, ...fields, ...trace }, message);
  };
}
