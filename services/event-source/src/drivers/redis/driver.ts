import { ok } from '@argosy/base';
import { pause } from '@argosy/shell';
import { createArrivals, type Arrivals } from '../arrivals.ts';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { keepConnected, type OriginConnection } from '../lasting-connection.ts';
import { createTrouble } from '../trouble.ts';
import { openRedis, type OpenRedis } from './connection.ts';
import { redisEventData, type RedisMessage } from './message.ts';
import { parseRedisSettings, type RedisSettings } from './settings.ts';

/** How often a quiet connection is tried out. */
const PING_INTERVAL_MS = 10_000;

/**
 * What is published on channels of a Redis server. Redis sends a message once, to those who listen at that
 * moment: what is published while the connection is lost is missed.
 */
export function createRedisDriver(): Driver {
  return createClientDriver({
    kind: 'redis',
    runsOn: 'OneReplica',
    parse: parseRedisSettings,
    start: startRedis,
  });
}

async function startRedis(settings: RedisSettings, context: DriverContext): Promise<RunningDriver> {
  const trouble = createTrouble(context);
  const arrivals = createArrivals({ context, trouble });
  const { host, port } = settings.server;
  const running = await keepConnected({
    name: `the Redis server ${host}:${port}`,
    trouble,
    async open(signal) {
      const redis = await openRedis(settings.server, context, signal);
      return listen(redis, { settings, arrivals });
    },
  });
  return {
    health: () => running.health(),
    async stop() {
      await running.stop();
      await arrivals.finish();
    },
  };
}

async function listen(
  redis: OpenRedis,
  scope: { readonly settings: RedisSettings; readonly arrivals: Arrivals },
): Promise<OriginConnection> {
  const { client } = redis;
  const { channels, patterns } = scope.settings;
  const take = (message: RedisMessage): void => {
    const data = redisEventData(message, scope.settings);
    scope.arrivals.push(data.ok ? ok({ data: new TextEncoder().encode(data.value) }) : data);
  };
  client.on('message', (channel, payload) => take({ channel, pattern: '', payload }));
  client.on('pmessage', (pattern, channel, payload) => take({ channel, pattern, payload }));
  try {
    if (channels.length > 0) await client.subscribe(...channels);
    if (patterns.length > 0) await client.psubscribe(...patterns);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  const closing = new AbortController();
  void tryOut(redis, closing.signal);
  return {
    lost: redis.lost,
    close() {
      closing.abort();
      client.disconnect();
      return Promise.resolve();
    },
  };
}

/** A server that is gone without a word is told by a command that is not answered. */
async function tryOut({ client }: OpenRedis, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(PING_INTERVAL_MS, signal);
    if (signal.aborted) return;
    try {
      await client.ping();
    } catch {
      client.disconnect();
      return;
    }
  }
}
