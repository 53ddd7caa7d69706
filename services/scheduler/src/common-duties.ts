import { ArgosyError } from '@argosy/base';
import type { ServiceContext } from '@argosy/shell';
import { dispatchBindingEvents } from './bindings/dispatch.ts';
import { LEASE_TTL_MS_DEFAULT, type SchedulerConfig } from './config.ts';
import type { Declared } from './declared.ts';
import { keepLocks } from './locks/lock-keeper.ts';
import { createLockLimits } from './locks/lock-limits.ts';
import type { WorkerTools } from './partition-worker.ts';
import { keepRetention } from './retention/retention-keeper.ts';

/**
 * What the replicas do for the whole installation, besides their partitions: the locks, the retention of finished
 * runs (both by one replica at a time) and the events for bindings (shared). Resolves when all have ended.
 */
export async function doCommonDuties(
  context: ServiceContext,
  config: SchedulerConfig,
  tools: WorkerTools & { readonly declared: Declared },
  signal: AbortSignal,
): Promise<void> {
  const { bus, logger, replicaId } = context;
  const { metrics, now, declared } = tools;
  const common = {
    bus,
    logger,
    replicaId,
    partitions: config.partitions,
    leaseTtlMs: config.leaseTtlMs ?? LEASE_TTL_MS_DEFAULT,
    signal,
  };
  const duties = [
    keepRetention({ ...common, config: tools.config }),
    dispatchBindingEvents({ ...common, outcomes: metrics.bindingEvents }),
    keepLocks({
      ...common,
      now,
      limits: createLockLimits(bus, declared),
      held: metrics.locksHeld,
      pending: metrics.locksPending,
      ...(config.lockAuditIntervalMs === undefined
        ? {}
        : { auditIntervalMs: config.lockAuditIntervalMs }),
    }),
  ];
  await Promise.all(
    duties.map((duty) =>
      duty.catch((thrown: unknown) => {
        const { message } = ArgosyError.fromUnknown(thrown);
        logger.error({ message }, 'a duty of the whole installation was given up');
      }),
    ),
  );
}
