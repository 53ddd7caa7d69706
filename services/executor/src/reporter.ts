import { hostname } from 'node:os';
import {
  commandSubject,
  encodeCommand,
  EVENT_TYPES,
  PROTOBUF_CONTENT_TYPE,
  STREAMS,
  type RunCommand,
} from '@argosy/api';
import { ArgosyError, partitionOf } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import type { RunnerTask, TaskOutcome } from '@argosy/runner';
import { pause } from '@argosy/shell';
import { traceFields, type Logger } from '@argosy/telemetry';
import { REPORT_RETRY_MS_MAX, REPORT_RETRY_MS_MIN } from './limits.ts';

type TaskReport = Extract<RunCommand, { kind: 'Report' }>['report'];

/** Tells the owner of a run what becomes of its tasks. */
export interface Reporter {
  /** Best effort: a lost one changes nothing but what people see meanwhile. */
  started(task: RunnerTask, startedAtMs: number): Promise<void>;
  progress(task: RunnerTask, text: string): Promise<void>;
  /** Resolves when the report is stored. @throws ArgosyError CANCELLED when the signal came first. */
  finished(task: RunnerTask, end: TaskEnd, signal: AbortSignal): Promise<void>;
  /** Whether a finished report for the task is stored already, by whichever executor. */
  isFinished(task: RunnerTask): Promise<boolean>;
}

export interface TaskEnd {
  readonly outcome: TaskOutcome;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
}

export interface ReporterOptions {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly replicaId: string;
  readonly partitions: number;
}

/** Tasks run on this host, in its network. */
const POD_IP = '127.0.0.1';

export function createReporter(options: ReporterOptions): Reporter {
  const { bus, replicaId, partitions, logger } = options;
  let progressCount = 0;
  const here = { executor: replicaId, hostNodeName: hostname(), podIP: POD_IP } as const;
  const publish = async (
    task: RunnerTask,
    report: TaskReport,
    message: { readonly id: string; readonly subject: string },
  ): Promise<void> => {
    const event = {
      id: message.id,
      source: `/${task.namespace}/executor/${replicaId}`,
      type: EVENT_TYPES.taskReport,
      time: new Date().toISOString(),
      datacontenttype: PROTOBUF_CONTENT_TYPE,
      data: encodeCommand({ kind: 'Report', report }),
    };
    const { subject, id: messageId } = message;
    const trace = task.traceparent === undefined ? {} : { traceparent: task.traceparent };
    await bus.publish({ subject, event, ...trace }, { messageId });
  };
  const subjectOf = (task: RunnerTask, kind: string): string =>
    commandSubject(partitionOf(task.uid, partitions), task.uid, `report-${task.taskId}-${kind}`);
  const tryPublish = async (task: RunnerTask, report: TaskReport, id: string): Promise<void> => {
    const subject = subjectOf(task, report.kind.toLowerCase());
    await publish(task, report, { id, subject }).catch((thrown: unknown) => {
      const fields = { taskId: task.taskId, err: thrown, ...traceFields(task.traceparent) };
      logger.warn(fields, `a ${report.kind} report was not stored`);
    });
  };
  return {
    started: (task, startedAtMs) =>
      tryPublish(
        task,
        { taskId: task.taskId, kind: 'Started', startedAtMs, ...here },
        `${task.taskId}-started-${replicaId}`,
      ),
    progress: (task, progress) => {
      progressCount += 1;
      const id = `${task.taskId}-progress-${replicaId}-${progressCount}`;
      return tryPublish(task, { taskId: task.taskId, kind: 'Progress', progress }, id);
    },
    finished: async (task, end, signal) => {
      const message = { id: `${task.taskId}-finished`, subject: subjectOf(task, 'finished') };
      const report = { ...finishedReport(task, end), ...here };
      await untilStored((current) => publish(task, current, message), { report, signal, logger });
    },
    isFinished: async (task) =>
      (await bus.last(STREAMS.commands, subjectOf(task, 'finished'))) !== undefined,
  };
}

function finishedReport(task: RunnerTask, end: TaskEnd): TaskReport {
  const { outcome, startedAtMs, finishedAtMs } = end;
  const { artifacts, ...rest } = outcome;
  return {
    taskId: task.taskId,
    kind: 'Finished',
    ...rest,
    ...(artifacts.length === 0 ? {} : { artifacts }),
    startedAtMs,
    finishedAtMs,
  };
}

interface StoreOptions {
  readonly report: TaskReport;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Publishes again and again until it is stored; a report that is too large becomes one that says so. */
async function untilStored(
  publish: (report: TaskReport) => Promise<void>,
  options: StoreOptions,
): Promise<void> {
  let { report } = options;
  let waitMs = REPORT_RETRY_MS_MIN;
  for (;;) {
    try {
      await publish(report);
      return;
    } catch (thrown) {
      const error = ArgosyError.fromUnknown(thrown);
      const { taskId } = report;
      if (error.code === 'RESOURCE_EXHAUSTED' && report.parameters !== undefined) {
        report = tooLarge(report, error.message);
        continue;
      }
      options.logger.warn({ taskId, err: error }, 'a finished report is not stored; trying again');
      await pause(waitMs, options.signal);
      if (options.signal.aborted) throw new ArgosyError('CANCELLED', 'the executor is stopping');
      waitMs = Math.min(2 * waitMs, REPORT_RETRY_MS_MAX);
    }
  }
}

function tooLarge(report: TaskReport, reason: string): TaskReport {
  const { taskId, kind, startedAtMs, finishedAtMs, executor } = report;
  const message = `the outputs are too large for a report (${reason}); use output artifacts`;
  return {
    taskId,
    kind,
    phase: 'Error',
    message,
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
    ...(executor === undefined ? {} : { executor }),
  };
}
