import { subjectToken } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { holdLease, type Lease } from '@argosy/bus';
import { pause, type ServiceContext } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';
import type { DriverHealth, Ending, RunningDriver } from './drivers/driver.ts';

export interface OneReplicaOptions {
  readonly context: ServiceContext;
  /** Parts of the lease's name. */
  readonly leaseName: readonly string[];
  /** Starts the driver on the replica that has the lease. */
  readonly start: () => Promise<RunningDriver>;
  readonly healthChanged: () => void;
  readonly logger: Logger;
}

/** Wait before the lease is asked for again, or the driver started again, after trouble. */
const TROUBLE_RETRY_MS = 2_000;

/**
 * Keeps a driver running on the one replica that holds its lease. The driver stops as soon as the lease is
 * lost; what two replicas might both emit around that moment is told apart by its stable event id.
 */
export function onOneReplica(options: OneReplicaOptions): RunningDriver {
  const { context, logger } = options;
  const stopping = new AbortController();
  const key = `event-source-leader.${options.leaseName.map(subjectToken).join('.')}`;
  let driver: RunningDriver | undefined;
  let trouble: string | undefined;
  let ending: Ending = 'Shutdown';

  /** Runs the driver until the lease is lost or the event is stopped. */
  async function lead(lease: Lease): Promise<void> {
    driver = await options.start();
    setTrouble(undefined);
    // It may be in trouble since before it could be asked.
    options.healthChanged();
    try {
      await aborted(AbortSignal.any([lease.signal, stopping.signal]));
    } finally {
      await driver.stop(ending);
      driver = undefined;
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let lease: Lease | undefined;
      try {
        const { signal } = stopping;
        const ownerId = context.replicaId;
        lease = await holdLease(context.bus, key, { ownerId, signal, logger });
        await lead(lease);
      } catch (error) {
        if (stopping.signal.aborted) return;
        setTrouble(ArgosyError.fromUnknown(error).message);
        await pause(TROUBLE_RETRY_MS, stopping.signal);
      } finally {
        await lease?.release();
      }
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
    async stop(reason = 'Shutdown') {
      ending = reason;
      stopping.abort();
      await running;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
