import { ArgosyError } from '@argosy/base';
import { createClientDriver } from '../client-driver.ts';
import type { Driver, DriverContext, RunningDriver } from '../driver.ts';
import { keepConnected, type OriginConnection } from '../lasting-connection.ts';
import { storePatiently } from '../patient-store.ts';
import { openRedis, type OpenRedis } from '../redis/connection.ts';
import { stableId } from '../stable-id.ts';
import { createTrouble, type Trouble } from '../trouble.ts';
import { entryValues, redisStreamEventData } from './entry.ts';
import { openReader, type EntryBatch, type StreamPositions, type StreamReader } from './reader.ts';
import { parseRedisStreamSettings, type RedisStreamSettings } from './settings.ts';

/**
 * The entries of Redis streams, as a consumer of a group: each is acknowledged after its event is stored, and
 * its id makes the event's id, so that one that is read again is stored once.
 */
export function createRedisStreamDriver(): Driver {
  return createClientDriver({
    kind: 'redisStream',
    runsOn: 'OneReplica',
    parse: parseRedisStreamSettings,
    start: startRedisStream,
  });
}

interface Scope {
  readonly settings: RedisStreamSettings;
  readonly context: DriverContext;
  readonly trouble: Trouble;
}

async function startRedisStream(
  settings: RedisStreamSettings,
  context: DriverContext,
): Promise<RunningDriver> {
  const trouble = createTrouble(context);
  const scope = { settings, context, trouble };
  const positions: StreamPositions = new Map();
  const { host, port } = settings.server;
  return keepConnected({
    name: `the Redis server ${host}:${port}`,
    trouble,
    async open(signal) {
      const redis = await openRedis(settings.server, context, signal);
      try {
        return follow(redis, await openReader(redis.client, settings, positions), scope);
      } catch (error) {
        redis.client.disconnect();
        throw error;
      }
    },
  });
}

/** Reads and stores until the connection is closed or trouble ends it. */
function follow({ client, lost }: OpenRedis, reader: StreamReader, scope: Scope): OriginConnection {
  const closing = new AbortController();
  const state = { isReading: false };

  async function run(): Promise<string> {
    while (!closing.signal.aborted) {
      state.isReading = true;
      const batches = await reader.read();
      state.isReading = false;
      for (const batch of batches) await storeBatch(batch, reader, { ...scope, closing });
    }
    return 'it was closed';
  }

  const running = run().catch((error: unknown) => ArgosyError.fromUnknown(error).message);
  return {
    lost: Promise.race([lost, running]),
    async close() {
      closing.abort();
      // What a read that is broken off was given stays pending, and is read first the next time.
      if (state.isReading) client.disconnect();
      await running;
      client.disconnect();
    },
  };
}

/** Stores the entries in their order and acknowledges those that are stored, also when it is broken off. */
async function storeBatch(
  batch: EntryBatch,
  reader: StreamReader,
  scope: Scope & { readonly closing: AbortController },
): Promise<void> {
  const { settings, context, trouble } = scope;
  const { stream, entries } = batch;
  const { signal } = scope.closing;
  const done: string[] = [];
  for (const [id, fields] of entries) {
    if (signal.aborted) break;
    // It was deleted after it was read: nothing is left to be told.
    if (fields !== null) {
      const entry = { stream, id, values: entryValues(fields) };
      const data = new TextEncoder().encode(redisStreamEventData(entry, settings.metadata));
      const event = { id: stableId(context, stream, id), data };
      const outcome = await storePatiently(event, { context, trouble, signal });
      if (outcome.kind === 'Stopped') break;
      // One that can never be stored stays in the group's list of pending entries, where it can be looked at.
      if (outcome.kind === 'Impossible') continue;
    }
    done.push(id);
  }
  await reader.acknowledge(stream, done);
}
