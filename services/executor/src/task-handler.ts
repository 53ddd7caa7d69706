import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeTask, subjectToken } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus, Delivery } from '@argosy/bus';
import {
  outcomeOf,
  removeTaskDirectory,
  type ArtifactAccess,
  type CancelRequest,
  type ResourceLookup,
  type Runner,
  type RunnerIo,
  type RunnerTask,
  type TaskOutcome,
} from '@argosy/runner';
import { traceFields, type Logger, type Tracing } from '@argosy/telemetry';
import type { ExecutorMetrics } from './executor-metrics.ts';
import { STARTED_REPORT_DELAY_MS, TASK_HEARTBEAT_MS } from './limits.ts';
import { createLogArchive, type LogArchive } from './log-archive.ts';
import { createLogShipper, type LogShipper } from './log-shipper.ts';
import type { Reporter } from './reporter.ts';
import type { RunningTask, RunningTasks } from './running-tasks.ts';
import type { TaskWarnings } from './task-warnings.ts';

export interface TaskHandlerOptions {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly tracing: Tracing;
  readonly metrics: ExecutorMetrics;
  readonly reporter: Reporter;
  readonly running: RunningTasks;
  readonly warnings: TaskWarnings;
  /** The first that supports a template runs it. */
  readonly runners: readonly Runner[];
  readonly tasksDirectory: string;
  readonly artifacts: ArtifactAccess;
  readonly resources: ResourceLookup;
  /** Aborted when the executor gives up for good, with unsent reports left to the next one. */
  readonly givenUp: AbortSignal;
}

/**
 * Handles one delivery of a task, to its very end: run, logs stored, report stored, and only then acked. A
 * crash anywhere before leads to another delivery; a report that is stored ends the matter.
 */
export function createTaskHandler(
  options: TaskHandlerOptions,
): (delivery: Delivery) => Promise<void> {
  return async (delivery) => {
    const task = readTask(delivery, options.logger);
    if (task === undefined) return;
    const atWork = options.running.get(task.taskId);
    if (atWork !== undefined) return adopt(atWork, delivery);
    if (delivery.deliveryCount > 1 || delivery.event.extensions?.['repeated'] === 'true') {
      options.metrics.redelivered.add(1);
      if (await options.reporter.isFinished(task)) return delivery.ack();
    }
    await runTask(task, delivery, options);
  };
}

function readTask(delivery: Delivery, logger: Logger): RunnerTask | undefined {
  try {
    const task = decodeTask(delivery.event.data);
    const trace = delivery.traceparent === undefined ? {} : { traceparent: delivery.traceparent };
    return { ...task, ...trace };
  } catch (thrown) {
    logger.error({ subject: delivery.subject, err: thrown }, 'a task cannot be read; dropped');
    delivery.drop('the data is no task');
    return undefined;
  }
}

/** A task that is at work here came again, because its heartbeats were lost: the work goes on. */
async function adopt(atWork: RunningTask, delivery: Delivery): Promise<void> {
  atWork.delivery = delivery;
  delivery.extend();
  await atWork.ended;
}

async function runTask(
  given: RunnerTask,
  delivery: Delivery,
  options: TaskHandlerOptions,
): Promise<void> {
  const span = options.tracing.startSpan(`task ${given.templateName}`, {
    parent: given.traceparent,
    attributes: { 'argosy.task': given.taskId, 'argosy.workflow': given.workflow },
  });
  const task = { ...given, traceparent: span.traceparent };
  const runner = options.runners.find((candidate) => candidate.supports(task.template));
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const entry: RunningTask = {
    taskId: task.taskId,
    runner: runner?.name ?? 'none',
    startedAtMs: Date.now(),
    controller: new AbortController(),
    ended,
    delivery,
  };
  options.running.add(entry);
  options.metrics.running.add(1);
  options.metrics.queueSeconds.observe((entry.startedAtMs - delivery.storedAtMs) / 1_000);
  const heartbeat = setInterval(() => entry.delivery.extend(), TASK_HEARTBEAT_MS);
  let failure: unknown;
  try {
    await runAndReport({ task, entry, runner }, options);
  } catch (thrown) {
    failure = thrown;
    options.logger.error({ ...logFields(task), err: thrown }, 'a task is handed back');
    entry.delivery.retry(0);
  } finally {
    clearInterval(heartbeat);
    options.running.remove(task.taskId);
    options.metrics.running.add(-1);
    span.end(failure);
    end();
  }
}

function logFields({ taskId, workflow, traceparent }: RunnerTask): object {
  return { taskId, workflow, ...traceFields(traceparent) };
}

interface Attempt {
  readonly task: RunnerTask;
  readonly entry: RunningTask;
  readonly runner: Runner | undefined;
}

async function runAndReport(attempt: Attempt, options: TaskHandlerOptions): Promise<void> {
  const { task, entry } = attempt;
  const attemptName = `${subjectToken(task.taskId)}-${entry.delivery.deliveryCount}`;
  const directory = join(options.tasksDirectory, attemptName);
  const logs = createLogShipper(options.bus, {
    namespace: task.namespace,
    uid: task.uid,
    workflow: task.workflow,
    nodeId: task.nodeId,
    idPrefix: `${task.taskId}-${entry.delivery.deliveryCount}`,
    ...(task.traceparent === undefined ? {} : { traceparent: task.traceparent }),
  });
  const started = createStartedReport(() => options.reporter.started(task, entry.startedAtMs));
  const archive = createLogArchive({
    task,
    file: `${directory}.log`,
    logs,
    artifacts: options.artifacts,
    onProblem: (thrown) => {
      const { message } = ArgosyError.fromUnknown(thrown);
      options.warnings(task, { message }, 'the log could not be kept as an artifact');
    },
  });
  const ran = await runIn(directory, { ...attempt, archive, started }, options);
  const [outcome] = await Promise.all([archive.addTo(ran), logs.close(), started.settled()]);
  countLogs(logs, options);
  if (wasHandedBack(entry)) {
    entry.delivery.retry(0);
  } else {
    const end = { outcome, startedAtMs: entry.startedAtMs, finishedAtMs: Date.now() };
    await options.reporter.finished(task, end, options.givenUp);
    count(attempt, outcome, options.metrics);
    await entry.delivery.ack();
  }
  await cleanUp(directory, options.logger);
}

/** The executor stops, and the task was ended for that alone: another executor starts it afresh. */
function wasHandedBack(entry: RunningTask): boolean {
  const request = entry.controller.signal.reason as CancelRequest | undefined;
  return entry.controller.signal.aborted && request?.reason === 'Shutdown';
}

interface Surroundings extends Attempt {
  readonly archive: LogArchive;
  readonly started: StartedReport;
}

async function runIn(
  directory: string,
  around: Surroundings,
  options: TaskHandlerOptions,
): Promise<TaskOutcome> {
  const { task, runner } = around;
  if (runner === undefined) {
    return outcomeOf(
      'Error',
      `no runner of this executor takes the template "${task.templateName}"`,
    );
  }
  try {
    mkdirSync(directory);
    return await runner.run(task, createIo(directory, around, options));
  } catch (thrown) {
    options.logger.error({ ...logFields(task), err: thrown }, 'a runner failed');
    return outcomeOf('Error', ArgosyError.fromUnknown(thrown).message);
  }
}

function createIo(directory: string, around: Surroundings, options: TaskHandlerOptions): RunnerIo {
  const { task, entry, archive, started } = around;
  return {
    signal: entry.controller.signal,
    directory,
    log: archive.push,
    progress: (text) => void options.reporter.progress(task, text),
    running: started.schedule,
    warn: (fields, message) => options.warnings(task, fields, message),
    artifacts: options.artifacts,
    resources: options.resources,
  };
}

interface StartedReport {
  schedule(): void;
  /** No report is sent any more; resolves when one that is under way is stored. */
  settled(): Promise<void>;
}

/** Tasks that end at once are not worth a report of their start. */
function createStartedReport(send: () => Promise<void>): StartedReport {
  let timer: NodeJS.Timeout | undefined;
  let sent: Promise<void> = Promise.resolve();
  return {
    schedule: () => {
      timer ??= setTimeout(() => {
        sent = send();
      }, STARTED_REPORT_DELAY_MS);
    },
    settled: () => {
      clearTimeout(timer);
      return sent;
    },
  };
}

function count(attempt: Attempt, outcome: TaskOutcome, metrics: ExecutorMetrics): void {
  const { runner, startedAtMs } = attempt.entry;
  metrics.finished.add(1, { phase: outcome.phase, runner });
  metrics.durationSeconds.observe((Date.now() - startedAtMs) / 1_000, { runner });
}

function countLogs(logs: LogShipper, options: TaskHandlerOptions): void {
  options.metrics.logBytes.add(logs.sentBytes);
  options.metrics.logBytesLost.add(logs.lostBytes);
}

async function cleanUp(directory: string, logger: Logger): Promise<void> {
  try {
    if (await removeTaskDirectory(directory)) return;
    logger.error({ directory }, 'a task directory holds a mount and is not removed');
  } catch (thrown) {
    logger.warn({ directory, err: thrown }, 'a task directory could not be removed');
  }
}
