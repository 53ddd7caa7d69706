import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { ArgosyError } from '@argosy/base';
import type { BusLogger } from '../logger.ts';
import type { BusStatus } from '../types.ts';

export interface ConnectOptions {
  /** One server or several, separated by commas: `nats://host:port`. */
  readonly url: string;
  readonly token?: string;
  /** Shown in the server's list of connections. */
  readonly name: string;
  /** Gives up connecting; afterwards it has no effect. */
  readonly signal?: AbortSignal;
  readonly logger: BusLogger;
}

/** A connection that never gives up reconnecting, and says when it comes and goes. */
export interface Connection {
  readonly client: NatsConnection;
  readonly status: BusStatus;
  /**
   * Counts the connections, from 1: what was received on an earlier one may be unknown to the
   * server by now.
   */
  readonly epoch: number;
  onStatus(listener: (status: BusStatus) => void): () => void;
  /**
   * Resolves when connected. @throws ArgosyError UNAVAILABLE after the time, or once closed;
   * CANCELLED.
   */
  whenConnected(timeoutMs: number, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 15_000;
const DIAL_TIMEOUT_MS = 5_000;
const DIAL_RETRY_DELAY_MS = 100;
const RECONNECT_DELAY_MS = 50;
const RECONNECT_JITTER_MS = 100;
const PING_INTERVAL_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Connects, trying for 15 s.
 * @throws ArgosyError UNAVAILABLE, UNAUTHENTICATED when the token is wrong, CANCELLED.
 */
export async function openConnection(options: ConnectOptions): Promise<Connection> {
  const client = await dial(options);
  const listeners = new Set<(status: BusStatus) => void>();
  const state: { status: BusStatus; epoch: number; closing: boolean } = {
    status: { kind: 'Connected' },
    epoch: 1,
    closing: false,
  };
  const change = (next: BusStatus): void => {
    if (state.status.kind === next.kind) return;
    state.status = next;
    if (next.kind === 'Connected') state.epoch += 1;
    if (next.kind === 'Connected') options.logger.info({ url: options.url }, 'bus connected again');
    else if (state.closing) options.logger.info({ url: options.url }, 'bus closed');
    else options.logger.warn({ url: options.url, reason: next.reason }, 'bus disconnected');
    for (const listener of [...listeners]) listener(next);
  };
  void followStatus(client, change);
  const onStatus = (listener: (status: BusStatus) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    client,
    get status() {
      return state.status;
    },
    get epoch() {
      return state.epoch;
    },
    onStatus,
    whenConnected: async (timeoutMs, signal) => {
      if (state.status.kind === 'Connected' && !client.isClosed()) return;
      await waitConnected(client, onStatus, { timeoutMs, signal });
    },
    close: async () => {
      state.closing = true;
      const force = setTimeout(() => void client.close(), CLOSE_TIMEOUT_MS);
      await client.drain().catch(async () => client.close());
      clearTimeout(force);
      change({ kind: 'Disconnected', reason: 'the bus is closed' });
    },
  };
}

async function dial(options: ConnectOptions): Promise<NatsConnection> {
  const giveUpAtMs = Date.now() + CONNECT_TIMEOUT_MS;
  for (;;) {
    if (options.signal?.aborted === true) {
      throw new ArgosyError('CANCELLED', `connecting to ${options.url} was cancelled`);
    }
    try {
      return await connect({
        servers: options.url.split(','),
        name: options.name,
        ...(options.token === undefined ? {} : { token: options.token }),
        timeout: DIAL_TIMEOUT_MS,
        maxReconnectAttempts: -1,
        reconnectDelayHandler: () => RECONNECT_DELAY_MS + Math.random() * RECONNECT_JITTER_MS,
        ignoreAuthErrorAbort: true,
        pingInterval: PING_INTERVAL_MS,
        noAsyncTraces: true,
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (error instanceof Error && error.name === 'AuthorizationError') {
        const message = `${options.url} does not accept the token: ${why}`;
        throw new ArgosyError('UNAUTHENTICATED', message, { cause: error });
      }
      if (Date.now() > giveUpAtMs) {
        const message = `no NATS server answers at ${options.url}: ${why}; is it running?`;
        throw new ArgosyError('UNAVAILABLE', message, { cause: error });
      }
      await pause(DIAL_RETRY_DELAY_MS);
    }
  }
}

async function followStatus(
  client: NatsConnection,
  change: (status: BusStatus) => void,
): Promise<void> {
  for await (const status of client.status()) {
    if (status.type === 'disconnect') {
      change({ kind: 'Disconnected', reason: `the connection to ${status.server} was lost` });
    } else if (status.type === 'reconnect') {
      change({ kind: 'Connected' });
    }
  }
  change({ kind: 'Disconnected', reason: 'the bus is closed' });
}

async function waitConnected(
  client: NatsConnection,
  onStatus: Connection['onStatus'],
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { timeoutMs, signal } = limits;
  if (client.isClosed()) throw closed();
  await new Promise<void>((resolve, reject) => {
    const finish = (error?: ArgosyError): void => {
      clearTimeout(timer);
      stop();
      signal?.removeEventListener('abort', onAbort);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onAbort = (): void => {
      finish(new ArgosyError('CANCELLED', 'waiting for the bus was cancelled'));
    };
    const timer = setTimeout(() => {
      const why = `the bus was not connected again within ${Math.round(timeoutMs)} ms`;
      finish(new ArgosyError('UNAVAILABLE', why));
    }, timeoutMs);
    const stop = onStatus((status) => {
      if (status.kind === 'Connected') finish();
      else if (client.isClosed()) finish(closed());
    });
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function closed(): ArgosyError {
  return new ArgosyError('UNAVAILABLE', 'the bus is closed', { retry: 'never' });
}

/** Waits; on abort it returns early, and the caller looks at the signal. */
export async function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
