import { commandSubject, factSubject, STREAMS } from '@argosy/api';
import { ArgosyError, partitionOf } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { CONTROLLER_CONFIG_MAP } from '@argosy/model';
import { createRpcServer } from '@argosy/rpc';
import { announcePresence, type ServiceContext, type StartService } from '@argosy/shell';
import { createCanceller } from './canceller.ts';
import { doCommonDuties } from './common-duties.ts';
import { CONFIG_NAMESPACES_DEFAULT, LEASE_TTL_MS_DEFAULT, type SchedulerConfig } from './config.ts';
import { followDeclared, type Declared } from './declared.ts';
import { createDurations } from './durations.ts';
import { createCronKeeper } from './cron/cron-keeper.ts';
import { createMemoStore } from './memo/memo-store.ts';
import { keepOwnership, presenceKey, type Ownership } from './ownership.ts';
import { createFences } from './fences.ts';
import { reportNeverRan, tickRun, workPartition, type WorkerTools } from './partition-worker.ts';
import { schedulerRpcService } from './rpc-service.ts';
import { createExpiries } from './retention/expiries.ts';
import { expireRun } from './retention/expire-run.ts';
import { schedulerMetrics } from './scheduler-metrics.ts';
import { createRunStore } from './snapshots/run-store.ts';
import { createSubmission } from './submission.ts';
import { createSummaries, type Summaries } from './summaries.ts';
import { createTimers } from './timers.ts';
import { createCustomMetrics, type CustomMetrics } from './workflow-metrics/custom-metrics.ts';
import { createRunObserver } from './workflow-metrics/run-observer.ts';

/**
 * Owns partitions of runs: folds their facts, decides what commands mean, makes the decisions durable and
 * dispatches tasks. Several replicas share the partitions by leases.
 */
export const startScheduler: StartService<SchedulerConfig> = async (context, config) => {
  const { bus, logger, replicaId } = context;
  const stopping = new AbortController();
  const tools = await createTools(context, config, stopping.signal);
  const crons = await createCronKeeper(context, {
    ...config,
    controllerConfig: tools.config,
  });
  // Announced first: the share of every replica depends on how many there are.
  const presence = await announcePresence({
    bus,
    key: presenceKey(replicaId),
    value: { replicaId },
    logger,
  });
  const ownership: Ownership = await keepOwnership({
    bus,
    partitions: config.partitions,
    replicaId,
    logger,
    leaseTtlMs: config.leaseTtlMs ?? LEASE_TTL_MS_DEFAULT,
    work: async (partition, signal, fence) => {
      await Promise.all([
        workPartition(tools, partition, { signal, fence }),
        crons.work(partition, signal),
      ]);
    },
  });
  const duties = doCommonDuties(context, config, tools, stopping.signal);
  const readiness = (): { readonly ready: boolean; readonly reason?: string } => {
    if (bus.status.kind !== 'Connected') return { ready: false, reason: bus.status.reason };
    tools.metrics.partitions.set(ownership.owned().length);
    tools.metrics.liveRuns.set(tools.cache.liveCount());
    return { ready: true };
  };
  const server = await createRpcServer({
    host: config.rpcHost,
    port: config.rpcPort,
    services: [schedulerRpcService({ owned: ownership.owned, cache: tools.cache })],
    logger,
    readiness,
  });

  return {
    name: 'scheduler',
    rpcAddress: server.address,
    ready: readiness,
    async stop(budgetMs) {
      tools.timers.stop();
      tools.canceller.stop();
      tools.expiries.stop();
      await tools.snapshotter.stop();
      await ownership.stop();
      await crons.stop();
      await tools.queue.idle();
      await presence.stop();
      stopping.abort();
      await duties;
      await server.stop(budgetMs);
    },
  };
};

interface SchedulerTools extends WorkerTools {
  readonly declared: Declared;
}

async function createTools(
  context: ServiceContext,
  config: SchedulerConfig,
  signal: AbortSignal,
): Promise<SchedulerTools> {
  const { bus, logger } = context;
  const now = (): number => Date.now();
  const pool = config.pool ?? 'default';
  const declared = await followDeclared({
    bus,
    logger,
    signal,
    place: {
      name: config.configMap ?? CONTROLLER_CONFIG_MAP,
      namespaces: config.configNamespaces ?? CONFIG_NAMESPACES_DEFAULT,
    },
  });
  const summaries = await openSummaries(bus, config.partitions, now);
  const postpone = (uid: string, thrown: unknown): void => {
    tools.cache.drop(uid);
    // Somebody else moves it on.
    if (tools.fences.of(uid) === undefined) return;
    const { message } = ArgosyError.fromUnknown(thrown);
    logger.warn({ uid, message }, 'run not moved on; it is loaded again');
    tools.timers.set(uid, now() + RELOAD_DELAY_MS);
  };
  const report = (uid: string, job: Promise<void>): void => {
    job.catch((thrown: unknown) => {
      postpone(uid, thrown);
    });
  };
  const durations = createDurations(bus);
  const tools: SchedulerTools = {
    bus,
    pool,
    logger,
    now,
    summaries,
    partitions: config.partitions,
    config: declared.config,
    declared,
    postpone,
    fences: createFences(config.partitions),
    durations,
    memos: createMemoStore({ bus, now, logger }),
    customMetrics: openCustomMetrics(context, declared, now),
    observer: createRunObserver(context.metrics),
    expiries: createExpiries({ now, logger, remove: (run) => expireRun(tools, run) }),
    ...createRunStore(bus, config.partitions, logger),
    submission: createSubmission({
      bus,
      summaries,
      tracing: context.tracing,
      config: declared.config,
      durations,
    }),
    metrics: schedulerMetrics(context.metrics),
    timers: createTimers(now, (uid) => {
      report(uid, tickRun(tools, uid));
    }),
    canceller: createCanceller({
      bus,
      pool,
      logger,
      onNeverRan: (cancellation) => {
        report(cancellation.uid, reportNeverRan(tools, cancellation));
      },
    }),
  };
  return tools;
}

function openSummaries(bus: Bus, partitions: number, now: () => number): Promise<Summaries> {
  return createSummaries(bus, {
    partitions,
    now,
    isSubmitted: async (uid) => {
      const partition = partitionOf(uid, partitions);
      const facts = await bus.last(STREAMS.facts, factSubject(partition, uid));
      if (facts !== undefined) return true;
      const submit = commandSubject(partition, uid, 'submit');
      return (await bus.last(STREAMS.commands, submit)) !== undefined;
    },
  });
}

function openCustomMetrics(
  { metrics, logger }: ServiceContext,
  declared: Declared,
  now: () => number,
): CustomMetrics {
  const ttlMs = (): number | undefined => declared.config().metricsTtlMs;
  const customMetrics = createCustomMetrics({ now, ttlMs, logger });
  metrics.addSource(customMetrics.render);
  return customMetrics;
}

/** Wait before a run whose facts could not be appended is loaded again. */
const RELOAD_DELAY_MS = 1_000;
