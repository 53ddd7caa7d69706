import { BUCKETS, subjectToken } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { KeyValueBucket } from '@argosy/bus';
import { pause, type ServiceContext } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';
import type { DriverHealth, RunningDriver } from './drivers/driver.ts';

export interface OneReplicaOptions {
  readonly context: ServiceContext;
  /** Parts of the lease's name. */
  readonly leaseName: readonly string[];
  /** Starts the driver on the replica that has the lease. */
  readonly start: () => Promise<RunningDriver>;
  readonly healthChanged: () => void;
  readonly logger: Logger;
}

/** A replica that dies is replaced after this time. */
const LEASE_TTL_MS = 6_000;
const LEASE_RENEW_MS = 2_000;

/**
 * Keeps a driver running on the one replica that holds its lease. A replica that cannot renew stops its
 * driver before the lease runs out for the others, as far as clocks agree; stable event ids cover the rest.
 */
export function onOneReplica(options: OneReplicaOptions): RunningDriver {
  const { context, logger } = options;
  const stopping = new AbortController();
  const key = `event-source-leader.${options.leaseName.map(subjectToken).join('.')}`;
  const owner = new TextEncoder().encode(JSON.stringify({ replica: context.replicaId }));
  let driver: RunningDriver | undefined;
  let trouble: string | undefined;

  /** Runs the driver while the lease is renewed; resolves when it is lost or given back. */
  async function lead(bucket: KeyValueBucket, firstRevision: number): Promise<void> {
    let revision = firstRevision;
    let renewedMs = performance.now();
    driver = await options.start();
    setTrouble(undefined);
    try {
      for (;;) {
        await pause(LEASE_RENEW_MS, stopping.signal);
        if (stopping.signal.aborted) return;
        try {
          revision = await bucket.update(key, owner, revision, { ttlMs: LEASE_TTL_MS });
          renewedMs = performance.now();
        } catch (error) {
          const isLost = ArgosyError.fromUnknown(error).code === 'CONFLICT';
          if (isLost || performance.now() - renewedMs > LEASE_TTL_MS - LEASE_RENEW_MS) {
            logger.warn({ key }, 'the lease is lost; another replica goes on');
            return;
          }
        }
      }
    } finally {
      await driver.stop();
      driver = undefined;
      await bucket.delete(key, revision).catch(() => undefined);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const bucket = await context.bus.keyValue(BUCKETS.leases);
        await lead(bucket, await bucket.create(key, owner, { ttlMs: LEASE_TTL_MS }));
      } catch (error) {
        const { code, message } = ArgosyError.fromUnknown(error);
        setTrouble(code === 'ALREADY_EXISTS' ? undefined : message);
      }
      await pause(LEASE_RENEW_MS, stopping.signal);
    }
  }
  function setTrouble(reason: string | undefined): void {
    if (reason === trouble) return;
    trouble = reason;
    options.healthChanged();
  }

  const running = run();
  return {
    health(): DriverHealth {
      if (trouble !== undefined) return { kind: 'Failing', reason: trouble };
      return driver?.health() ?? { kind: 'Healthy' };
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
