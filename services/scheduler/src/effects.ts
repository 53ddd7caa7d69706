import {
  encodeTask,
  EVENT_TYPES,
  PROTOBUF_CONTENT_TYPE,
  taskSubject,
  type TaskLane,
} from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { Effect, Task } from '@argosy/core-workflow';
import type { Canceller } from './canceller.ts';
import { TASK_BYTES_MAX } from './config.ts';
import type { LoadedRun } from './run-log.ts';
import type { Timers } from './timers.ts';

/** What the effects of a run need from outside. */
export interface EffectTools {
  readonly bus: Bus;
  readonly timers: Timers;
  readonly canceller: Canceller;
  readonly pool: string;
}

export interface PerformOptions {
  readonly uid: string;
  readonly run: LoadedRun;
  /**
   * After a recovery the task may have been sent and even have run before: its executor then first looks
   * for a report in the log.
   */
  readonly repeated: boolean;
}

/** A task that no queue takes; its run has to be told, or it would wait for it for ever. */
export interface UndeliverableTask {
  readonly taskId: string;
  readonly reason: string;
}

/**
 * Does what a run owes. Everything here may happen twice without harm: ids are stable.
 * @returns the tasks that can never be sent.
 */
export async function performEffects(
  tools: EffectTools,
  effects: readonly Effect[],
  options: PerformOptions,
): Promise<readonly UndeliverableTask[]> {
  const dispatches: Promise<UndeliverableTask | undefined>[] = [];
  for (const effect of effects) {
    switch (effect.kind) {
      case 'RunTask':
        dispatches.push(dispatchTask(tools, effect.task, options));
        break;
      case 'CancelTask':
        tools.canceller.cancel({ taskId: effect.taskId, uid: options.uid, reason: effect.reason });
        break;
      case 'WakeAt':
        tools.timers.set(options.uid, effect.at);
        break;
    }
  }
  const outcomes = await Promise.all(dispatches);
  return outcomes.filter((outcome) => outcome !== undefined);
}

/**
 * Puts the task into the work queue. The queue holds at most one message per task, so a task that still
 * waits there is not doubled.
 */
async function dispatchTask(
  tools: EffectTools,
  task: Task,
  options: PerformOptions,
): Promise<UndeliverableTask | undefined> {
  const { traceparent } = options.run;
  const data = encodeTask(task);
  if (data.length > TASK_BYTES_MAX) {
    const reason =
      `the task has ${data.length} bytes with its inputs, and the most is ${TASK_BYTES_MAX}; ` +
      'pass large values as artifacts';
    return { taskId: task.taskId, reason };
  }
  await tools.bus.publish(
    {
      subject: taskSubject(tools.pool, laneOf(task), task.taskId),
      event: {
        id: task.taskId,
        source: `/workflow/${task.uid}`,
        type: EVENT_TYPES.task,
        datacontenttype: PROTOBUF_CONTENT_TYPE,
        ...(options.repeated ? { extensions: { repeated: 'true' } } : {}),
        data,
      },
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    { messageId: task.taskId },
  );
  return undefined;
}

/** A task that is only waited for never takes the place of one that works: it may wait for that very one. */
function laneOf({ template, priority }: Task): TaskLane {
  const { http, plugin, resource } = template;
  if (http !== undefined || plugin !== undefined || resource !== undefined) return 'remote';
  return priority > 0 ? 'high' : 'normal';
}
