import {
  encodeTask,
  EVENT_TYPES,
  PROTOBUF_CONTENT_TYPE,
  taskSubject,
  type LockCommand,
  type TaskLane,
} from '@argosy/api';
import { assertNever } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { Effect, Input, Task } from '@argosy/core-workflow';
import type { ControllerConfig } from '@argosy/model';
import type { Canceller } from './canceller.ts';
import { TASK_BYTES_MAX } from './config.ts';
import { withImageCommands } from './image-commands.ts';
import { sendLockCommands } from './locks/lock-commands.ts';
import type { MemoStore } from './memo/memo-store.ts';
import type { LoadedRun } from './run-log.ts';
import type { Timers } from './timers.ts';
import type { CustomMetrics } from './workflow-metrics/custom-metrics.ts';

/** What the effects of a run need from outside. */
export interface EffectTools {
  readonly bus: Bus;
  readonly timers: Timers;
  readonly canceller: Canceller;
  readonly memos: MemoStore;
  readonly customMetrics: CustomMetrics;
  readonly now: () => number;
  /** The installation's configuration as it is now. */
  readonly config: () => ControllerConfig;
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

/** What came of doing what a run owes. */
export interface Performed {
  readonly undeliverable: readonly UndeliverableTask[];
  /** Answers that the run waits for. */
  readonly inputs: readonly Input[];
}

/** Does what a run owes. Everything here may happen twice without harm: ids are stable. */
export async function performEffects(
  tools: EffectTools,
  effects: Iterable<Effect>,
  options: PerformOptions,
): Promise<Performed> {
  const dispatches: Promise<UndeliverableTask | undefined>[] = [];
  const lookUps: Extract<Effect, { readonly kind: 'LookUpMemo' }>[] = [];
  const saves: Promise<void>[] = [];
  const lockCommands: LockCommand[] = [];
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
      case 'AcquireLocks':
        lockCommands.push({ kind: 'Acquire', request: effect.request });
        break;
      case 'ReleaseLocks':
        lockCommands.push({ kind: 'Release', holder: effect.holder });
        break;
      case 'LookUpMemo':
        lookUps.push(effect);
        break;
      case 'SaveMemo':
        saves.push(tools.memos.save(effect.cache, effect.key, effect.entry));
        break;
      case 'EmitMetrics':
        tools.customMetrics.emit(options.uid, effect.samples);
        break;
      default:
        assertNever(effect);
    }
  }
  // What was just remembered is there before anybody looks for it, and before the locks are free that others look under.
  await Promise.all(saves);
  const [outcomes, inputs] = await Promise.all([
    Promise.all(dispatches),
    Promise.all(lookUps.map((lookUp) => lookUpMemo(tools, lookUp))),
    sendLockCommands(tools.bus, lockCommands),
  ]);
  return { undeliverable: outcomes.filter((outcome) => outcome !== undefined), inputs };
}

/** What is still to be done when a run is found finished: its end may have been cut short by a crash. */
export function isOwedAfterEnd({ kind }: Effect): boolean {
  return kind === 'ReleaseLocks' || kind === 'SaveMemo' || kind === 'CancelTask';
}

async function lookUpMemo(
  { memos, now }: EffectTools,
  { node, cache, key }: Extract<Effect, { readonly kind: 'LookUpMemo' }>,
): Promise<Input> {
  const outcome = await memos.lookUp(cache, key);
  return { kind: 'MemoReported', at: now(), node, outcome };
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
  const data = encodeTask(withImageCommands(task, tools.config().images));
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
