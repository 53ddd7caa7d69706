import { encodeTask, EVENT_TYPES, PROTOBUF_CONTENT_TYPE, taskSubject } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { Effect, Task } from '@argosy/core-workflow';
import type { Canceller } from './canceller.ts';
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

/** Does what a run owes. Everything here may happen twice without harm: ids are stable. */
export async function performEffects(
  tools: EffectTools,
  effects: readonly Effect[],
  options: PerformOptions,
): Promise<void> {
  const dispatches: Promise<void>[] = [];
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
  await Promise.all(dispatches);
}

/**
 * Puts the task into the work queue. The queue holds at most one message per task, so a task that still
 * waits there is not doubled.
 */
async function dispatchTask(
  tools: EffectTools,
  task: Task,
  options: PerformOptions,
): Promise<void> {
  const { traceparent } = options.run;
  await tools.bus.publish(
    {
      subject: taskSubject(tools.pool, task.priority > 0 ? 'high' : 'normal', task.taskId),
      event: {
        id: task.taskId,
        source: `/workflow/${task.uid}`,
        type: EVENT_TYPES.task,
        datacontenttype: PROTOBUF_CONTENT_TYPE,
        ...(options.repeated ? { extensions: { repeated: 'true' } } : {}),
        data: encodeTask(task),
      },
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    { messageId: task.taskId },
  );
}
