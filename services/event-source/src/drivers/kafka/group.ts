import type { GroupAssignment } from '@platformatic/kafka';
import type { OriginConnection } from '../lasting-connection.ts';
import { groupProtocolOf } from './assignment.ts';
import type { KafkaConsumer } from './connection.ts';
import { createProgress, type Positions } from './progress.ts';
import { readPartitions } from './reading.ts';
import { openSession, takeRecord, tellSkipped, type KafkaSource } from './session.ts';
import type { KafkaReading } from './settings.ts';

type GroupReading = Extract<KafkaReading, { kind: 'Group' }>;

/** A member that is not heard of for so long loses its partitions to the others. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 2_000;
const REBALANCE_TIMEOUT_MS = 60_000;
const OLDEST = -2n;
const NEWEST = -1n;

/**
 * Reads as a member of a consumer group. Each assignment of partitions is read from the group's committed
 * offsets, which are moved only over records whose events are stored. When the group shares anew, reading
 * stops and begins again from what is committed then: what comes twice has the same id.
 * @throws what the client throws
 */
export async function openGroup(
  source: KafkaSource,
  reading: GroupReading,
): Promise<OriginConnection> {
  const session = await openSession(source);
  const { topic } = source.settings;
  const member = session.client({
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    ...groupProtocolOf(reading.rebalanceStrategy),
  });
  const reader = session.client();
  const closing = new AbortController();
  let assignment = new AbortController();
  let turn: Promise<void> = Promise.resolve();

  function begin(assigned: readonly GroupAssignment[] | undefined): void {
    assignment.abort();
    assignment = new AbortController();
    const { signal } = assignment;
    const partitions = assigned?.find((found) => found.topic === topic)?.partitions ?? [];
    turn = turn.then(() => readAssigned(partitions, signal)).catch(session.lose);
  }

  /** @param shared is aborted when the group shares its partitions anew */
  async function readAssigned(partitions: readonly number[], shared: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([shared, closing.signal]);
    if (partitions.length === 0 || signal.aborted) return;
    const commit = (positions: Positions): Promise<void> =>
      shared.aborted ? Promise.resolve() : commitPositions(member, topic, positions);
    const positions = await startPositions({ member, topic, partitions, reading, commit });
    const progress = createProgress(commit, session.lose);
    try {
      await readPartitions({
        client: reader,
        topic,
        positions,
        take: (record) => takeRecord(source, record, signal),
        reached: (partition, position) => progress.reached(partition, position),
        skipped: tellSkipped(source),
        signal,
      });
    } finally {
      await (shared.aborted ? progress.drop() : progress.flush());
    }
  }

  member.on('consumer:group:rebalance', () => assignment.abort());
  member.on('consumer:group:join', ({ assignments }) => begin(assignments));
  const stopChecking = checkPartitions(reader, source, session.lose);
  const close = async (): Promise<void> => {
    stopChecking();
    closing.abort();
    await turn;
    await session.close();
  };
  try {
    await member.joinGroup();
  } catch (error) {
    await close();
    throw error;
  }
  return { lost: session.lost, close };
}

function commitPositions(
  member: KafkaConsumer,
  topic: string,
  positions: Positions,
): Promise<void> {
  const offsets = Array.from(positions, ([partition, offset]) => ({
    topic,
    partition,
    offset,
    leaderEpoch: -1,
  }));
  return member.commit({ offsets });
}

/**
 * Where the group has got to. Where it has read nothing yet its start is committed at once, so that what
 * comes while nobody reads is not missed.
 */
async function startPositions(options: {
  readonly member: KafkaConsumer;
  readonly topic: string;
  readonly partitions: readonly number[];
  readonly reading: GroupReading;
  readonly commit: (positions: Positions) => Promise<void>;
}): Promise<Map<number, bigint>> {
  const { member, topic, reading, commit } = options;
  const partitions = [...options.partitions];
  const committed = await member.listCommittedOffsets({ topics: [{ topic, partitions }] });
  const found = committed.get(topic);
  const fresh = partitions.filter((partition) => (found?.[partition] ?? NEWEST) < 0n);
  const positions = new Map(
    partitions.map((partition) => [partition, found?.[partition] ?? 0n] as const),
  );
  if (fresh.length === 0) return positions;
  const timestamp = reading.startsAt === 'Oldest' ? OLDEST : NEWEST;
  const asked = { topics: [topic], partitions: { [topic]: fresh }, timestamp };
  const starts = (await member.listOffsets(asked)).get(topic);
  for (const partition of fresh) positions.set(partition, starts?.[partition] ?? 0n);
  await commit(new Map(fresh.map((partition) => [partition, positions.get(partition) ?? 0n])));
  return positions;
}

/** The group shares only the partitions there were; with new ones it is joined anew. */
function checkPartitions(
  client: KafkaConsumer,
  { settings: { topic }, partitionsCheckMs }: KafkaSource,
  lose: (error: unknown) => void,
): () => void {
  let known: number | undefined;
  const check = async (): Promise<void> => {
    const metadata = await client.metadata({ topics: [topic], forceUpdate: true });
    const count = metadata.topics.get(topic)?.partitionsCount;
    if (known !== undefined && count !== known) lose(new Error('the topic has other partitions'));
    known = count;
  };
  // A broker that does not answer is found out by those that read.
  const checkQuietly = (): void => void check().catch(() => undefined);
  checkQuietly();
  const timer = setInterval(checkQuietly, partitionsCheckMs);
  return () => clearInterval(timer);
}
