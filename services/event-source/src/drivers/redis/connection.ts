import type { Redis } from 'ioredis';
import { ArgosyError } from '@argosy/base';
import type { DriverContext } from '../driver.ts';
import { secretOf } from '../http/secret-value.ts';
import { tlsOptionsOf } from '../tls-settings.ts';
import type { RedisServer } from './settings.ts';

/** A connection that is not made again by itself. */
export interface OpenRedis {
  readonly client: Redis;
  /** Resolves with what happened when the connection is gone. */
  readonly lost: Promise<string>;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A command that is not answered in this time, also one that blocks, says that the server is gone. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Connects, logs in and selects the database.
 * @throws ArgosyError UNAVAILABLE, UNAUTHENTICATED, FAILED_PRECONDITION when a secret is missing.
 */
export async function openRedis(
  server: RedisServer,
  context: DriverContext,
  signal: AbortSignal,
): Promise<OpenRedis> {
  const { Redis: Client } = await import('ioredis');
  const { host, port, tls } = server;
  const client = new Client({
    host,
    port,
    ...(tls === undefined ? {} : { tls: tlsOptionsOf(tls, context) }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: ANSWER_TIMEOUT_MS,
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    enableOfflineQueue: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    // All servers speak it, also those of before Redis 6.
    protocol: 2,
  });
  let trouble: unknown;
  client.on('error', (error: unknown) => (trouble ??= error));
  const lost = new Promise<string>((resolve) => {
    client.once('end', () => resolve(messageOf(trouble ?? 'the server closed the connection')));
  });
  const stop = (): void => client.disconnect();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    await introduce(client, server, context);
  } catch (error) {
    client.disconnect();
    throw connectError(trouble ?? error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return { client, lost };
}

/** Said here and not by the client, which forgets why a password was refused. */
async function introduce(
  client: Redis,
  { username, password, db }: RedisServer,
  context: DriverContext,
): Promise<void> {
  if (password !== undefined) {
    const secret = secretOf(password, context);
    await (username === '' ? client.auth(secret) : client.auth(username, secret));
  }
  if (db !== 0) await client.select(db);
  await client.ping();
  const name = `argosy:${context.namespace}/${context.eventSource}/${context.eventName}`;
  // For those who look at the server's list of connections; a user may not be allowed to.
  await client.client('SETNAME', name).catch(() => undefined);
}

function connectError(error: unknown): ArgosyError {
  if (error instanceof ArgosyError) return error;
  const message = messageOf(error);
  const isRefused = /WRONGPASS|NOAUTH|NOPERM|invalid password/i.test(message);
  const code = isRefused ? 'UNAUTHENTICATED' : 'UNAVAILABLE';
  return new ArgosyError(code, message, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
