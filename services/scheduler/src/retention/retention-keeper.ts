import { BUCKETS } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { holdLease, type Bus } from '@argosy/bus';
import type { ControllerConfig } from '@argosy/model';
import { pause } from '@argosy/shell';
import type { Logger } from '@argosy/telemetry';
import { decodeSummary } from '../summaries.ts';
import { deleteRun } from './delete-run.ts';
import { createRetained, type Retained } from './retained.ts';

/** How often runs are counted, at most. */
const SWEEP_INTERVAL_MS = 1_000;
/** Wait before a watch that was lost is opened again. */
const RETRY_MS = 2_000;

export interface RetentionOptions {
  readonly bus: Bus;
  readonly partitions: number;
  readonly replicaId: string;
  readonly leaseTtlMs: number;
  readonly config: () => ControllerConfig;
  readonly logger: Logger;
  /** Wait between two looks. Default SWEEP_INTERVAL_MS. */
  readonly intervalMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Keeps no more finished runs of each phase than the configuration's `retentionPolicy` allows, the oldest going first.
 * One replica does this for the whole installation, and only while there is a policy. Never rejects.
 */
export async function keepRetention(options: RetentionOptions): Promise<void> {
  const { bus, replicaId: ownerId, leaseTtlMs: ttlMs, logger, signal } = options;
  const intervalMs = options.intervalMs ?? SWEEP_INTERVAL_MS;
  while (!signal.aborted) {
    if (options.config().retentionPolicy === undefined) {
      await pause(intervalMs, signal);
      continue;
    }
    try {
      const lease = await holdLease(bus, 'retention', { ownerId, ttlMs, logger, signal });
      try {
        await sweepUntil(options, AbortSignal.any([signal, lease.signal]));
      } finally {
        await lease.release();
      }
    } catch (thrown) {
      if (signal.aborted) return;
      const { message } = ArgosyError.fromUnknown(thrown);
      logger.warn({ message }, 'finished runs are not counted; trying again');
      await pause(RETRY_MS, signal);
    }
  }
}

/** Follows the index and removes what is too much, until the policy is taken back. */
async function sweepUntil(options: RetentionOptions, outer: AbortSignal): Promise<void> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([outer, leaving.signal]);
  const retained = createRetained();
  const caughtUp = { isSo: false };
  const following = follow(options.bus, { retained, caughtUp }, signal);
  const ended = following.then(
    () => undefined,
    (thrown: unknown) => {
      leaving.abort();
      throw thrown;
    },
  );
  ended.catch(() => undefined);
  while (!signal.aborted) {
    const { retentionPolicy } = options.config();
    if (retentionPolicy === undefined) break;
    for (const run of caughtUp.isSo ? retained.surplus(retentionPolicy) : []) {
      if (signal.aborted) break;
      await deleteRun(options.bus, options.partitions, run);
    }
    await pause(options.intervalMs ?? SWEEP_INTERVAL_MS, signal);
  }
  leaving.abort();
  await ended;
}

async function follow(
  bus: Bus,
  { retained, caughtUp }: { readonly retained: Retained; readonly caughtUp: { isSo: boolean } },
  signal: AbortSignal,
): Promise<void> {
  const bucket = await bus.keyValue(BUCKETS.runs);
  for await (const notice of bucket.watch('>', signal)) {
    if (notice.kind === 'CaughtUp') {
      caughtUp.isSo = true;
      continue;
    }
    const { key, value, revision } = notice.entry;
    const summary = decodeSummary(value);
    retained.look(key, summary === undefined ? undefined : { summary, revision });
  }
}
