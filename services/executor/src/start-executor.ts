import { OBJECT_STORES, STREAMS, subjectToken, type TaskLane } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { BatchHandler, Bus, ConsumerSpec } from '@argosy/bus';
import { createRpcServer, type RpcServer } from '@argosy/rpc';
import {
  createArtifactAccess,
  createDataRunner,
  createHttpRunner,
  createPluginRunner,
  createProcessRunner,
  createResourceRunner,
} from '@argosy/runner';
import {
  announcePresence,
  createKeptObjects,
  pause,
  type KeptObjects,
  type RunningService,
  type ServiceContext,
} from '@argosy/shell';
import { checkedConfig, type ExecutorConfig } from './config.ts';
import { createControlService } from './control-service.ts';
import { claimDataDirectory, type DataDirectory } from './data-directory.ts';
import { createResourceLookup } from './declared-data.ts';
import { createExecutorMetrics } from './executor-metrics.ts';
import {
  HIGH_PRIORITY_SHARE,
  REMOTE_TASKS_MAX,
  STOP_DRAIN_SHARE,
  TASK_ACK_WAIT_MS,
  TASKS_ACK_PENDING_MAX,
} from './limits.ts';
import { createReporter } from './reporter.ts';
import { createRunningTasks, type RunningTasks } from './running-tasks.ts';
import { createTaskHandler } from './task-handler.ts';
import { createTaskWarnings } from './task-warnings.ts';

/**
 * Starts an executor: takes tasks of its pool off the bus, runs them, and reports how they ended.
 * @throws ArgosyError for a wrong configuration or a data directory in use.
 */
export async function startExecutor(
  context: ServiceContext,
  given: ExecutorConfig,
): Promise<RunningService> {
  const config = checkedConfig(given);
  const directory = await claimDataDirectory(config.dataDirectory, context.logger);
  const running = createRunningTasks();
  const stopping = new AbortController();
  let trouble: string | undefined;
  const ready = (): ReturnType<RunningService['ready']> =>
    readiness(context.bus, stopping.signal, trouble);
  const givenUp = new AbortController();
  const objects = createKeptObjects(config.gateway, {
    what: 'resource templates need',
    service: 'executor',
  });
  const handler = await createHandler({ context, config, directory, running, givenUp, objects });
  const rpc = await createRpcServer({
    host: config.rpcHost ?? '127.0.0.1',
    port: config.rpcPort ?? 0,
    services: [createControlService(running)],
    logger: context.logger,
    readiness: ready,
    ...(config.authenticate === undefined ? {} : { authenticate: config.authenticate }),
  });
  const rpcAddress = `${context.advertiseHost}:${rpc.port}`;
  const presence = await announcePresence({
    bus: context.bus,
    key: `executor.${subjectToken(context.replicaId)}`,
    value: { rpcAddress, pool: config.pool },
    logger: context.logger,
  });
  const consuming = consumeTasks(context.bus, config, { handler, signal: stopping.signal }).catch(
    (thrown: unknown) => {
      trouble = `no tasks are taken: ${ArgosyError.fromUnknown(thrown).message}`;
      if (!stopping.signal.aborted) context.logger.error(trouble);
    },
  );
  context.logger.info({ pool: config.pool, concurrency: config.concurrency }, 'takes tasks');
  let stopped: Promise<void> | undefined;
  return {
    name: 'executor',
    rpcAddress,
    ready,
    stop: (budgetMs) =>
      (stopped ??= stop(
        { running, stopping, givenUp, consuming, rpc, presence, directory, objects },
        budgetMs,
      )),
  };
}

interface HandlerParts {
  readonly context: ServiceContext;
  readonly config: ReturnType<typeof checkedConfig>;
  readonly directory: DataDirectory;
  readonly running: RunningTasks;
  /** Aborted at the end of the stop's budget. */
  readonly givenUp: AbortController;
  readonly objects: KeptObjects;
}

async function createHandler(parts: HandlerParts): Promise<BatchHandler> {
  const { context, config, directory, running } = parts;
  const { bus, logger } = context;
  const process = await createProcessRunner({
    dataDirectory: config.dataDirectory,
    ...(config.images === undefined ? {} : { images: config.images }),
    ...(config.passEnvironment === undefined ? {} : { passEnvironment: config.passEnvironment }),
    ...(config.isolation === undefined ? {} : { isolation: config.isolation }),
  });
  logger.info({ root: process.rootKind }, 'the process runner is ready');
  const resources = createResourceLookup(bus);
  const store = await bus.objectStore(OBJECT_STORES.artifacts);
  const handle = createTaskHandler({
    bus,
    logger,
    tracing: context.tracing,
    metrics: createExecutorMetrics(context.metrics),
    reporter: createReporter({
      bus,
      logger,
      replicaId: context.replicaId,
      partitions: config.partitions,
    }),
    running,
    warnings: createTaskWarnings(logger),
    runners: [
      process,
      createHttpRunner(),
      createDataRunner(),
      createPluginRunner(),
      createResourceRunner(parts.objects),
    ],
    tasksDirectory: directory.tasksDirectory,
    artifacts: createArtifactAccess({ store, resources }),
    resources,
    givenUp: parts.givenUp.signal,
  });
  return async (batch) => {
    await Promise.all(batch.map(handle));
  };
}

/** The durable consumer of a lane of a pool. */
export function taskConsumer(pool: string, lane: TaskLane): ConsumerSpec {
  return {
    stream: STREAMS.tasks,
    durable: `executor-${subjectToken(pool)}-${lane}`,
    filterSubjects: [`task.${subjectToken(pool)}.${lane}.>`],
    ackWaitMs: TASK_ACK_WAIT_MS,
    maxAckPending: TASKS_ACK_PENDING_MAX,
  };
}

function consumeTasks(
  bus: Bus,
  config: { readonly pool: string; readonly concurrency: number },
  work: { readonly handler: BatchHandler; readonly signal: AbortSignal },
): Promise<unknown> {
  const extra = Math.ceil(config.concurrency * HIGH_PRIORITY_SHARE);
  const consume = (lane: TaskLane, concurrency: number): Promise<void> =>
    bus.consume(taskConsumer(config.pool, lane), work.handler, {
      concurrency,
      signal: work.signal,
    });
  return Promise.all([
    consume('high', extra),
    consume('normal', config.concurrency),
    consume('remote', REMOTE_TASKS_MAX),
  ]);
}

function readiness(
  bus: Bus,
  stopping: AbortSignal,
  trouble: string | undefined,
): { readonly ready: boolean; readonly reason?: string } {
  if (stopping.aborted) return { ready: false, reason: 'it is stopping' };
  if (trouble !== undefined) return { ready: false, reason: trouble };
  const { status } = bus;
  if (status.kind === 'Connected') return { ready: true };
  return { ready: false, reason: `the bus is not connected: ${status.reason}` };
}

interface StopParts {
  readonly running: RunningTasks;
  readonly stopping: AbortController;
  readonly givenUp: AbortController;
  readonly consuming: Promise<unknown>;
  readonly rpc: RpcServer;
  readonly presence: { stop(): Promise<void> };
  readonly directory: DataDirectory;
  readonly objects: KeptObjects;
}

/** No new tasks; running ones may end within half the budget, then they are ended and handed back. */
async function stop(parts: StopParts, budgetMs: number): Promise<void> {
  const { running, stopping, consuming } = parts;
  stopping.abort();
  await parts.presence.stop();
  const allEnded = Promise.all(running.list().map((task) => task.ended));
  const drainMs = budgetMs * STOP_DRAIN_SHARE;
  const drained = new AbortController();
  await Promise.race([allEnded.then(() => drained.abort()), pause(drainMs, drained.signal)]);
  const graceMs = (budgetMs - drainMs) / 2;
  for (const task of running.list()) {
    running.cancel(task.taskId, { reason: 'Shutdown', graceMs });
  }
  const giveUp = setTimeout(() => parts.givenUp.abort(), budgetMs - drainMs);
  await consuming;
  clearTimeout(giveUp);
  await parts.rpc.stop(graceMs);
  parts.directory.release();
  parts.objects.close();
}
