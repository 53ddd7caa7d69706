import { BUCKETS } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { Logger } from '@argosy/telemetry';
import { pause } from './pause.ts';

export interface PresenceOptions {
  readonly bus: Bus;
  /** Key in the KV `leases`, such as `event-source.<replica>`. */
  readonly key: string;
  /** Written as JSON, such as `{rpcAddress}`. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly logger: Logger;
}

/** Lifetime of a presence entry; a replica that dies is gone from the list after it. */
export const PRESENCE_TTL_MS = 10_000;
const PRESENCE_RENEW_MS = 3_000;

/**
 * Says that this replica is there, again and again until stopped; then the entry is taken away at once.
 * A renewal that fails is tried again at the next turn; the first one is awaited.
 */
export async function announcePresence(
  options: PresenceOptions,
): Promise<{ stop(): Promise<void> }> {
  const { key, logger } = options;
  const bucket = await options.bus.keyValue(BUCKETS.leases);
  const value = new TextEncoder().encode(JSON.stringify(options.value));
  const stopping = new AbortController();
  let isMissed = false;
  await bucket.put(key, value, { ttlMs: PRESENCE_TTL_MS });

  async function renew(): Promise<void> {
    try {
      await bucket.put(key, value, { ttlMs: PRESENCE_TTL_MS });
      isMissed = false;
    } catch (error) {
      if (!isMissed) logger.warn({ key, err: error }, 'presence could not be renewed');
      isMissed = true;
    }
  }
  async function run(): Promise<void> {
    for (;;) {
      await pause(PRESENCE_RENEW_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await renew();
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
      await bucket.delete(key).catch((error: unknown) => {
        logger.debug({ key, err: error }, 'presence runs out by itself');
      });
    },
  };
}
