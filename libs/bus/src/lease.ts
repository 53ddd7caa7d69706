import { BUCKETS } from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import { SILENT_LOGGER } from './logger.ts';
import type { BusLogger } from './logger.ts';
import type { Bus, KeyValueBucket } from './types.ts';

export interface LeaseOptions {
  /** Who holds it; shown to others. */
  readonly ownerId: string;
  /**
   * How long after the death of its holder others may take it. Whole seconds, at least 2 s.
   * Default 6 s.
   */
  readonly ttlMs?: number;
  readonly logger?: BusLogger;
}

/** Something that one owner holds at a time, as long as it renews it. */
export interface Lease {
  readonly key: string;
  /** Grows with every owner: what carries a smaller number comes from an owner of the past. */
  readonly fence: number;
  /** Aborted when the lease is lost or released: whoever holds it stops at once. */
  readonly signal: AbortSignal;
  /** Gives it back, so that others need not wait. Never throws. */
  release(): Promise<void>;
}

const TTL_MS_DEFAULT = 6_000;
const TTL_MS_MIN = 2_000;
const RENEWALS_PER_TTL = 3;
/**
 * How much earlier than the server we regard a lease as lost that could not be renewed: clocks
 * tick unevenly.
 */
const SAFETY_PART = 0.1;
/** A waiting candidate looks at least so often, in case the notice of expiry was missed. */
const POLLS_PER_TTL = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Takes a lease if nobody holds it.
 * @returns undefined when somebody else does.
 * @throws ArgosyError UNAVAILABLE, INVALID_ARGUMENT for a key that is none.
 */
export async function tryLease(
  bus: Bus,
  key: string,
  options: LeaseOptions,
): Promise<Lease | undefined> {
  const bucket = await bus.keyValue(BUCKETS.leases);
  const ttlMs = Math.max(TTL_MS_MIN, options.ttlMs ?? TTL_MS_DEFAULT);
  const askedAtMs = performance.now();
  try {
    const value = encoder.encode(options.ownerId);
    const revision = await bucket.create(key, value, { ttlMs });
    const logger = options.logger ?? SILENT_LOGGER;
    return keep({ bucket, key, value, ttlMs, logger }, revision, askedAtMs);
  } catch (error) {
    if (error instanceof ArgosyError && error.code === 'ALREADY_EXISTS') return undefined;
    throw error;
  }
}

/**
 * Waits until the lease is free and takes it.
 * @throws ArgosyError CANCELLED when the signal is aborted first.
 */
export async function holdLease(
  bus: Bus,
  key: string,
  options: LeaseOptions & { readonly signal: AbortSignal },
): Promise<Lease> {
  const { signal } = options;
  const ttlMs = Math.max(TTL_MS_MIN, options.ttlMs ?? TTL_MS_DEFAULT);
  const bucket = await bus.keyValue(BUCKETS.leases);
  for (;;) {
    if (signal.aborted) {
      throw new ArgosyError('CANCELLED', `waiting for the lease ${key} was cancelled`);
    }
    const lease = await tryLease(bus, key, options);
    if (lease !== undefined) return lease;
    await untilFree(
      bucket,
      key,
      AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(ttlMs / POLLS_PER_TTL))]),
    );
  }
}

/** The owner of a lease now, or undefined when nobody holds it. */
export async function leaseOwner(bus: Bus, key: string): Promise<string | undefined> {
  const bucket = await bus.keyValue(BUCKETS.leases);
  const entry = await bucket.get(key);
  return entry?.value === undefined ? undefined : decoder.decode(entry.value);
}

async function untilFree(bucket: KeyValueBucket, key: string, signal: AbortSignal): Promise<void> {
  let isHeld = false;
  for await (const notice of bucket.watch(key, signal)) {
    if (notice.kind === 'Entry') isHeld = notice.entry.value !== undefined;
    if (notice.kind === 'Entry' && !isHeld) return;
    if (notice.kind === 'CaughtUp' && !isHeld) return;
  }
}

interface Kept {
  readonly bucket: KeyValueBucket;
  readonly key: string;
  readonly value: Uint8Array;
  readonly ttlMs: number;
  readonly logger: BusLogger;
}

function keep(kept: Kept, fence: number, askedAtMs: number): Lease {
  const lost = new AbortController();
  const state = { revision: fence, isReleased: false };
  const renewing = renewUntilLost(kept, { state, lost, askedAtMs });
  return {
    key: kept.key,
    fence,
    signal: lost.signal,
    release: async () => {
      if (state.isReleased || lost.signal.aborted) return;
      state.isReleased = true;
      lost.abort();
      await renewing;
      // If this fails, the lease ends by itself.
      await kept.bucket.delete(kept.key, state.revision).catch(() => undefined);
    },
  };
}

interface Holding {
  readonly state: { revision: number; isReleased: boolean };
  readonly lost: AbortController;
  /**
   * When the request was sent that the server last granted: its time to live cannot have begun
   * earlier.
   */
  readonly askedAtMs: number;
}

async function renewUntilLost(kept: Kept, holding: Holding): Promise<void> {
  const { state, lost } = holding;
  const lifeMs = kept.ttlMs * (1 - SAFETY_PART);
  let endsAtMs = holding.askedAtMs + lifeMs;
  while (!lost.signal.aborted) {
    await sleep(kept.ttlMs / RENEWALS_PER_TTL, lost.signal);
    if (isAborted(lost.signal)) return;
    const askedAtMs = performance.now();
    const leftMs = Math.max(1, Math.ceil(endsAtMs - askedAtMs));
    const signal = AbortSignal.any([lost.signal, AbortSignal.timeout(leftMs)]);
    const outcome = await renew(kept, state.revision, signal);
    if (isAborted(lost.signal)) return;
    if (typeof outcome === 'number') {
      state.revision = outcome;
      endsAtMs = askedAtMs + lifeMs;
    } else if (outcome.code === 'CONFLICT' || performance.now() >= endsAtMs) {
      kept.logger.warn({ lease: kept.key, err: outcome }, 'lease lost');
      lost.abort(new ArgosyError('CONFLICT', `the lease ${kept.key} was lost`, { cause: outcome }));
    }
  }
}

/** The new revision, or why not; ends with the signal, whatever the bus does. */
async function renew(
  kept: Kept,
  revision: number,
  signal: AbortSignal,
): Promise<number | ArgosyError> {
  const { bucket, key, value, ttlMs } = kept;
  const write = bucket
    .update(key, value, revision, { ttlMs, signal })
    .catch((error: unknown) => ArgosyError.fromUnknown(error));
  const end = sleep(kept.ttlMs, signal).then(
    () => new ArgosyError('UNAVAILABLE', `the lease ${key} could not be renewed in time`),
  );
  return Promise.race([write, end]);
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    timer.unref();
    signal.addEventListener('abort', finish, { once: true });
  });
}
