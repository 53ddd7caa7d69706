import type { OriginConnection } from '../lasting-connection.ts';
import type { CheckpointStore } from '../driver.ts';
import { createProgress } from './progress.ts';
import { readPartitions } from './reading.ts';
import { openSession, takeRecord, tellSkipped, type KafkaSource } from './session.ts';

/**
 * Reads one partition without a group. How far it has got is a checkpoint of the event, so that nothing is
 * missed between two readers; without one it begins with what comes from now on.
 * @throws what the client or the checkpoint store throws
 */
export async function openPartition(
  source: KafkaSource,
  partition: number,
): Promise<OriginConnection> {
  const { settings, context } = source;
  const { topic } = settings;
  const { checkpoint } = context;
  const session = await openSession(source);
  const client = session.client();
  const closing = new AbortController();
  const { signal } = closing;
  const save = (position: bigint): Promise<void> =>
    savePosition(checkpoint, { topic, partition, position });
  const progress = createProgress(async (positions) => {
    const position = positions.get(partition);
    if (position !== undefined) await save(position);
  }, session.lose);
  let reading: Promise<void> = Promise.resolve();
  try {
    let position = await loadPosition(checkpoint, topic, partition);
    if (position === undefined) {
      const newest = await client.listOffsets({
        topics: [topic],
        partitions: { [topic]: [partition] },
      });
      position = newest.get(topic)?.[partition] ?? 0n;
      await save(position);
    }
    reading = readPartitions({
      client,
      topic,
      positions: new Map([[partition, position]]),
      take: (record) => takeRecord(source, record, signal),
      reached: (_partition, reached) => progress.reached(partition, reached),
      skipped: tellSkipped(source),
      signal,
    }).catch(session.lose);
  } catch (error) {
    await session.close();
    throw error;
  }
  return {
    lost: session.lost,
    async close() {
      closing.abort();
      await reading;
      try {
        await progress.flush();
      } finally {
        await session.close();
      }
    },
  };
}

interface Checkpoint {
  readonly topic: string;
  readonly partition: number;
  readonly position: bigint;
}

async function savePosition(store: CheckpointStore, checkpoint: Checkpoint): Promise<void> {
  const { topic, partition, position } = checkpoint;
  const text = JSON.stringify({ topic, partition, position: String(position) });
  await store.save(new TextEncoder().encode(text));
}

/** Undefined when there is none, or when it is of another topic or partition. */
async function loadPosition(
  store: CheckpointStore,
  topic: string,
  partition: number,
): Promise<bigint | undefined> {
  const stored = await store.load();
  if (stored === undefined) return undefined;
  const found = JSON.parse(new TextDecoder().decode(stored)) as Record<string, unknown>;
  if (found['topic'] !== topic || found['partition'] !== partition) return undefined;
  const { position } = found;
  return typeof position === 'string' && /^\d+$/.test(position) ? BigInt(position) : undefined;
}
