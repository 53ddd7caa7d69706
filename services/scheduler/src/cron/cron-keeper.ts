import { BUCKETS, resourceKey } from '@argosy/api';
import { ArgosyError, partitionOf } from '@argosy/base';
import type { ControllerConfig } from '@argosy/model';
import { createKeyedReconciler, followResources, type ServiceContext } from '@argosy/shell';
import { createChildActions } from './child-actions.ts';
import { localZone, systemClock, type CronClock } from './clock.ts';
import { followCronChildren } from './cron-children.ts';
import { cronMetrics } from './cron-metrics.ts';
import { createTurns } from './turns.ts';
import { passOver, type CronMemory, type CronTools } from './cron-pass.ts';

/** Runs the CronWorkflows whose keys fall into the partitions that this replica owns. */
export interface CronKeeper {
  /** Takes charge of a partition until the signal is aborted. */
  work(partition: number, signal: AbortSignal): Promise<void>;
  /** Resolves when the passes under way have ended. */
  stop(): Promise<void>;
}

export interface CronKeeperConfig {
  readonly partitions: number;
  /** The installation's configuration as it is now. */
  readonly controllerConfig: () => ControllerConfig;
  /** Default: this machine's. */
  readonly clock?: CronClock;
  /** Zone of CronWorkflows that name none. Default: this machine's. */
  readonly zone?: string;
}

const KIND = 'CronWorkflow';

/** CronWorkflows looked at together: at midnight thousands may be due. */
const PASSES_AT_ONCE_MAX = 64;

/** One CronWorkflow that this replica is in charge of. */
interface Charge {
  readonly memory: CronMemory;
  /** Calls the wake-up off. */
  disarm: () => void;
}

/** Follows the CronWorkflows that are declared; nothing is done until a partition is given to `work`. */
export async function createCronKeeper(
  context: ServiceContext,
  config: CronKeeperConfig,
): Promise<CronKeeper> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const owned = new Map<number, AbortSignal>();
  const isOwned = (key: string): boolean => owned.has(partitionOf(key, config.partitions));
  const tools = await createCronTools(context, config, {
    signal,
    onChildChange: (key) => charges.notice(key),
  });
  const charges = createCharges(tools, { isOwned, signal });
  const declared = await followResources({
    bus: context.bus,
    kinds: [KIND.toLowerCase()],
    onChange: (key) => charges.touch(key),
    logger: context.logger,
    signal,
  });
  const keysOf = (partition: number): readonly string[] =>
    declared
      .ofKind(KIND.toLowerCase())
      .map(({ key }) => key)
      .filter((key) => partitionOf(key, config.partitions) === partition);
  return {
    async work(partition, partitionSignal) {
      owned.set(partition, partitionSignal);
      for (const key of keysOf(partition)) charges.touch(key);
      await untilAborted(partitionSignal);
      if (owned.get(partition) === partitionSignal) owned.delete(partition);
      charges.dismissForeign();
    },
    async stop() {
      stopping.abort();
      owned.clear();
      charges.dismissForeign();
      await charges.settled();
    },
  };
}

/** The CronWorkflows that this replica is in charge of. */
interface Charges {
  /** Something about the CronWorkflow changed. */
  touch(key: string): void;
  /** Something about a run changed, of a CronWorkflow that may be another's. */
  notice(key: string): void;
  /** Forgets those whose partition is not owned any more. */
  dismissForeign(): void;
  settled(): Promise<void>;
}

function createCharges(
  tools: CronTools,
  { isOwned, signal }: { readonly isOwned: (key: string) => boolean; readonly signal: AbortSignal },
): Charges {
  const charges = new Map<string, Charge>();
  const turns = createTurns(PASSES_AT_ONCE_MAX);
  const dismiss = (key: string): void => {
    charges.get(key)?.disarm();
    charges.delete(key);
  };
  const reconciler = createKeyedReconciler({
    signal,
    async reconcile(key) {
      if (!isOwned(key)) return dismiss(key);
      const charge = charges.get(key) ?? { memory: {}, disarm: () => undefined };
      charges.set(key, charge);
      const isThere = await turns.run(() => passOver(tools, key, charge.memory));
      // What was given up meanwhile is another's.
      if (!isThere || charges.get(key) !== charge) return dismiss(key);
      charge.disarm();
      const { wakeAt } = charge.memory;
      if (wakeAt === undefined || signal.aborted) return;
      charge.disarm = tools.clock.callAt(wakeAt, () => reconciler.touch(key));
    },
    onError(key, thrown, nextTryMs) {
      const { message } = ArgosyError.fromUnknown(thrown);
      tools.logger.warn({ key, message, nextTryMs }, 'CronWorkflow not looked after; trying again');
    },
  });
  return {
    touch(key) {
      if (isOwned(key)) reconciler.touch(key);
    },
    notice(key) {
      if (charges.has(key)) reconciler.touch(key);
    },
    dismissForeign() {
      for (const key of [...charges.keys()]) if (!isOwned(key)) dismiss(key);
    },
    settled: () => reconciler.settled(),
  };
}

async function createCronTools(
  { bus, logger, metrics, tracing }: ServiceContext,
  config: CronKeeperConfig,
  options: { readonly signal: AbortSignal; readonly onChildChange: (key: string) => void },
): Promise<CronTools> {
  const { partitions, clock = systemClock(), zone = localZone() } = config;
  return {
    bus,
    logger,
    clock,
    localZone: zone,
    config: config.controllerConfig,
    bucket: await bus.keyValue(BUCKETS.resources),
    metrics: cronMetrics(metrics),
    actions: createChildActions({ bus, partitions, tracing }),
    children: await followCronChildren({
      bus,
      logger,
      signal: options.signal,
      onChange: (namespace, name) => options.onChildChange(resourceKey(KIND, namespace, name)),
    }),
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
