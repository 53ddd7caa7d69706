import type { RecordsBatch } from '@platformatic/kafka';
import type { KafkaConsumer } from './connection.ts';
import type { KafkaRecord } from './message.ts';

export interface ReadingOptions {
  /** Only fetches; what else this client does would wait behind its fetches. */
  readonly client: KafkaConsumer;
  readonly topic: string;
  /** The next offset of each partition; moved on as records are taken. */
  readonly positions: Map<number, bigint>;
  /** Takes one record; the next one of its partition follows when it is done. False: it was not taken. */
  readonly take: (record: KafkaRecord) => Promise<boolean>;
  /** Everything of the partition before this offset is taken. */
  readonly reached: (partition: number, position: bigint) => void;
  /** Records that are gone before they were read; the reading goes on with the oldest there is. */
  readonly skipped: (partition: number, from: bigint, to: bigint) => void;
  readonly signal: AbortSignal;
}

/** Longest wait of the broker for new records, and so of a stop. */
const FETCH_WAIT_MS = 500;
const FETCH_BYTES_MAX = 8 * 1_048_576;
const PARTITION_BYTES_MAX = 1_048_576;
/** Time stamp that asks for the oldest offset. */
const OLDEST = -2n;
/** A batch's attributes: its times are the broker's; it is part of a transaction; it is no data. */
const IS_APPEND_TIME = 0x08;
const IS_TRANSACTIONAL = 0x10;
const IS_CONTROL = 0x20;
/** The broker's error when a partition has no such offset. */
const OFFSET_OUT_OF_RANGE = 1;

/**
 * Reads partitions until the signal is aborted; what is in hand then is finished. Order is kept in each
 * partition; partitions do not wait for each other's records.
 * @throws what the client throws, after all reading has ended
 */
export async function readPartitions(options: ReadingOptions): Promise<void> {
  const { client, topic, positions } = options;
  const metadata = await client.metadata({ topics: [topic], forceUpdate: true });
  const found = metadata.topics.get(topic);
  const byLeader = new Map<number, number[]>();
  for (const partition of positions.keys()) {
    const leader = found?.partitions[partition]?.leader;
    if (found === undefined || leader === undefined) {
      throw new Error(`the topic ${topic} has no partition ${partition}`);
    }
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition]);
  }
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const loops = Array.from(byLeader, async ([node, partitions]) => {
    try {
      const place = { node, topicId: found?.id ?? '', partitions };
      while (!signal.aborted) await readOnce({ ...options, signal }, place);
    } catch (error) {
      failed.abort();
      throw error;
    }
  });
  const ended = await Promise.allSettled(loops);
  for (const loop of ended) if (loop.status === 'rejected') throw loop.reason;
}

type FetchResponse = Awaited<ReturnType<KafkaConsumer['fetch']>>;
type FetchedPartition = FetchResponse['responses'][number]['partitions'][number];

interface Place {
  readonly node: number;
  readonly topicId: string;
  readonly partitions: readonly number[];
}

async function readOnce(options: ReadingOptions, place: Place): Promise<void> {
  const partitions = place.partitions.map((partition) => ({
    partition,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    fetchOffset: options.positions.get(partition) ?? 0n,
    partitionMaxBytes: PARTITION_BYTES_MAX,
  }));
  let response: FetchResponse;
  try {
    response = await options.client.fetch({
      node: place.node,
      topics: [{ topicId: place.topicId, partitions }],
      maxWaitTime: FETCH_WAIT_MS,
      maxBytes: FETCH_BYTES_MAX,
      minBytes: 1,
    });
  } catch (error) {
    if (!isOutOfRange(error)) throw error;
    await moveToOldest(options, place.partitions);
    return;
  }
  const found = response.responses.flatMap((answer) => answer.partitions);
  await Promise.all(found.map((partition) => takePartition(options, partition)));
}

async function takePartition(
  options: ReadingOptions,
  { partitionIndex: partition, records, abortedTransactions }: FetchedPartition,
): Promise<void> {
  const { positions } = options;
  const before = positions.get(partition);
  // A partition that is read no more may linger in the broker's fetch session.
  if (before === undefined || !records) return;
  const isAborted = abortedFilter(abortedTransactions ?? []);
  for (const batch of records) {
    if (!isAborted(batch) && !(await takeBatch(options, partition, batch))) break;
    // Offsets that hold no data, such as the ends of transactions, are passed as well.
    const next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    if (next > (positions.get(partition) ?? next)) positions.set(partition, next);
  }
  const position = positions.get(partition) ?? before;
  if (position > before) options.reached(partition, position);
}

/** @returns whether all of it was taken */
async function takeBatch(
  { topic, positions, take, reached, signal }: ReadingOptions,
  partition: number,
  batch: RecordsBatch,
): Promise<boolean> {
  for (const record of batch.records) {
    const offset = batch.firstOffset + BigInt(record.offsetDelta);
    if (offset < (positions.get(partition) ?? 0n)) continue;
    if (signal.aborted) return false;
    const isAppendTime = (batch.attributes & IS_APPEND_TIME) !== 0;
    const timestampMs = Number(
      isAppendTime ? batch.maxTimestamp : batch.firstTimestamp + record.timestampDelta,
    );
    const headers = record.headers.map(([name, value]) => [textOf(name), textOf(value)] as const);
    const { key, value } = record;
    const isTaken = await take({
      topic,
      partition,
      offset,
      key: key ?? undefined,
      value: value ?? undefined,
      headers,
      timestampMs,
    });
    if (!isTaken) return false;
    positions.set(partition, offset + 1n);
    reached(partition, offset + 1n);
  }
  return true;
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : new TextDecoder().decode(bytes);
}

/**
 * Tells the batches that are no data: the marks of transactions' ends, and what belongs to a transaction
 * that was given up, which is in the log like all else. To be asked about each batch in order: a producer's
 * later transaction may have been committed.
 */
function abortedFilter(
  aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[],
): (batch: RecordsBatch) => boolean {
  const waiting = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const open = new Set<bigint>();
  return (batch) => {
    const lastOffset = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (next.firstOffset > lastOffset) break;
      open.add(next.producerId);
      waiting.shift();
    }
    if ((batch.attributes & IS_CONTROL) === 0) {
      return (batch.attributes & IS_TRANSACTIONAL) !== 0 && open.has(batch.producerId);
    }
    open.delete(batch.producerId);
    return true;
  };
}

/** Positions that the topic does not have, as when records were deleted before they were read. */
async function moveToOldest(options: ReadingOptions, partitions: readonly number[]): Promise<void> {
  const { client, topic, positions, skipped, reached } = options;
  const asked = { topics: [topic], partitions: { [topic]: [...partitions] } };
  const oldest = (await client.listOffsets({ ...asked, timestamp: OLDEST })).get(topic);
  const newest = (await client.listOffsets(asked)).get(topic);
  for (const partition of partitions) {
    const [position, first, end] = [
      positions.get(partition),
      oldest?.[partition],
      newest?.[partition],
    ];
    if (position === undefined || first === undefined || end === undefined) continue;
    // Beyond the end: the topic was made anew, and all of it is new.
    if (position >= first && position <= end) continue;
    positions.set(partition, first);
    skipped(partition, position, first);
    reached(partition, first);
  }
}

function isOutOfRange(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isOutOfRange);
  if (!(error instanceof Error)) return false;
  return (error as { readonly apiCode?: unknown }).apiCode === OFFSET_OUT_OF_RANGE;
}
