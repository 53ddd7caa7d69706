import { ArgosyError } from '@argosy/base';
import { pause } from '@argosy/shell';
import type { RunningDriver } from './driver.ts';
import type { Trouble } from './trouble.ts';

/** A connection to the origin over which things come in. */
export interface OriginConnection {
  /** Resolves with what happened when it is lost; never rejects. */
  readonly lost: Promise<string>;
  /** Takes nothing new, finishes what is in hand, closes. Also called after it was lost. */
  close(): Promise<void>;
}

export interface LastingConnectionOptions {
  /** As in `cannot reach NAME`. */
  readonly name: string;
  /** Opens the connection and begins to take things in; what it throws is told and tried again. */
  readonly open: (signal: AbortSignal) => Promise<OriginConnection>;
  readonly trouble: Trouble;
  readonly waits?: ConnectionWaits;
}

/** Waits between tries to connect; without them from a quarter of a second on, twice as long each time. */
export interface ConnectionWaits {
  readonly firstMs?: number;
  /** Each wait is the one before times this. */
  readonly factor?: number;
}

const FIRST_WAIT_MS = 250;
const WAIT_FACTOR = 2;
/** Longest wait, whatever the settings say. */
const WAIT_MS_MAX = 15_000;
/** A connection that held this long begins with the shortest wait again. */
const STEADY_MS = 30_000;

/**
 * Keeps a connection open until the driver is stopped, opening another one whenever it is lost. Resolves
 * after the first try, whether it worked or not: the health says so.
 */
export async function keepConnected(options: LastingConnectionOptions): Promise<RunningDriver> {
  const { name, open, trouble } = options;
  const { factor = WAIT_FACTOR } = options.waits ?? {};
  const firstMs = Math.min(options.waits?.firstMs ?? FIRST_WAIT_MS, WAIT_MS_MAX);
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

  /** One connection from its opening to its end. @returns how long it was open, milliseconds. */
  async function connectOnce(opened: () => void): Promise<number> {
    let connection: OriginConnection | undefined;
    const startedMs = performance.now();
    try {
      connection = await open(signal);
      trouble.tell('connection', undefined);
      opened();
      const reason = await Promise.race([connection.lost, stopped]);
      if (reason !== undefined) trouble.tell('connection', `${name} is lost: ${reason}`);
    } catch (error) {
      if (!signal.aborted) {
        const { message } = ArgosyError.fromUnknown(error);
        trouble.tell('connection', `cannot reach ${name}: ${message}`);
      }
    }
    const openMs = connection === undefined ? 0 : performance.now() - startedMs;
    await connection?.close().catch(() => undefined);
    return openMs;
  }

  async function run(firstTried: () => void): Promise<void> {
    let waitMs = firstMs;
    while (!signal.aborted) {
      const openMs = await connectOnce(firstTried);
      firstTried();
      if (openMs >= STEADY_MS) waitMs = firstMs;
      await pause(waitMs, signal);
      waitMs = Math.min(waitMs * factor, WAIT_MS_MAX);
    }
  }

  const firstTry = Promise.withResolvers<void>();
  const running = run(() => firstTry.resolve());
  await firstTry.promise;
  return {
    health: () => trouble.health(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
