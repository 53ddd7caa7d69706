import { BUCKETS, subjectToken } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { tryLease, type Bus, type Lease } from '@argosy/bus';
import { pause } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';

/** Which partitions this replica has, kept fair among all replicas that are alive. */
export interface Ownership {
  owned(): readonly number[];
  /** Gives all partitions back; resolves when their workers have ended. */
  stop(): Promise<void>;
}

export interface OwnershipOptions {
  readonly bus: Bus;
  readonly partitions: number;
  readonly replicaId: string;
  readonly logger: Logger;
  /** How long the ownership of a partition outlives its owner. */
  readonly leaseTtlMs: number;
  /**
   * Works on a partition until the signal is aborted: the lease is lost or given back. Must stop at once then;
   * what it still appends is refused by the expected sequence. The fence grows with every owner of the partition.
   */
  readonly work: (partition: number, signal: AbortSignal, fence: number) => Promise<void>;
}

/** How often partitions that nobody has are looked for. */
const CLAIM_INTERVAL_MS = 1_000;

interface Claim {
  readonly lease: Lease;
  readonly working: Promise<void>;
}

/**
 * Claims free partitions up to a fair share and gives back what is above it, until stopped.
 * The first round is over when the promise resolves.
 */
export async function keepOwnership(options: OwnershipOptions): Promise<Ownership> {
  const { partitions, logger } = options;
  const claims = new Map<number, Claim>();
  const stopping = new AbortController();

  const claim = async (partition: number): Promise<boolean> => {
    const lease = await tryLease(options.bus, `scheduler.${partition}`, {
      ownerId: options.replicaId,
      ttlMs: options.leaseTtlMs,
      logger,
    });
    if (lease === undefined) return false;
    const working = options.work(partition, lease.signal, lease.fence).catch((thrown: unknown) => {
      const { message } = ArgosyError.fromUnknown(thrown);
      logger.error({ partition, message }, 'partition given up');
    });
    claims.set(partition, { lease, working });
    void working.then(async () => {
      claims.delete(partition);
      await lease.release();
    });
    return true;
  };

  const giveBack = async (count: number): Promise<void> => {
    const surplus = [...claims.entries()].slice(0, count);
    await Promise.all(
      surplus.map(async ([partition, { lease, working }]) => {
        logger.info({ partition }, 'partition given back: another replica takes its share');
        await lease.release();
        await working;
      }),
    );
  };

  const balance = async (): Promise<void> => {
    const share = Math.ceil(partitions / (await replicasAlive(options)));
    if (claims.size > share) return giveBack(claims.size - share);
    // Replicas begin at different places, so that they seldom ask for the same one.
    const start = Math.floor(Math.random() * partitions);
    for (let offset = 0; offset < partitions && claims.size < share; offset += 1) {
      const partition = (start + offset) % partitions;
      if (stopping.signal.aborted) return;
      if (!claims.has(partition)) await claim(partition);
    }
  };

  const run = async (): Promise<void> => {
    for (;;) {
      await pause(CLAIM_INTERVAL_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await balance().catch((thrown: unknown) => {
        const { message } = ArgosyError.fromUnknown(thrown);
        logger.warn({ message }, 'partitions could not be claimed; trying again');
      });
    }
  };

  await balance();
  const running = run();
  return {
    owned: () => [...claims.keys()].sort((left, right) => left - right),
    async stop() {
      stopping.abort();
      await running;
      const ending = [...claims.values()].map(async ({ lease, working }) => {
        await lease.release();
        await working;
      });
      await Promise.all(ending);
    },
  };
}

/** Key under which a replica announces itself. */
export function presenceKey(replicaId: string): string {
  return `scheduler-replica.${subjectToken(replicaId)}`;
}

async function replicasAlive(options: OwnershipOptions): Promise<number> {
  const bucket = await options.bus.keyValue(BUCKETS.leases);
  const keys = await bucket.keys('scheduler-replica.*');
  return Math.max(1, keys.length);
}
