import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, inflateRaw } from 'node:zlib';
import { EVENT_TYPES, snapshotSubject, STREAMS } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import type { Bus, StoredMessage } from '@argosy/bus';
import { stateFromSnapshot, type State } from '@argosy/core-workflow';
import type { Logger } from '@argosy/telemetry';

/** The state of a run as it was after the fact at a sequence. */
export interface KeptState {
  readonly state: State;
  readonly sequence: number;
  /** Trace context of the run's first message. */
  readonly traceparent: string | undefined;
  /** Bytes that it takes in the stream. */
  readonly bytes: number;
}

/** A state as text, at the moment at which it was taken. */
export interface StateText {
  readonly uid: string;
  readonly sequence: number;
  readonly traceparent: string | undefined;
  readonly text: string;
}

/**
 * Snapshots of runs in the stream SNAPSHOTS. They spare time and nothing else: what is missing, spoilt or of another
 * version is not used, and the facts are folded instead.
 */
export interface SnapshotStore {
  /** The newest that can be used. Never rejects. */
  newest(uid: string): Promise<KeptState | undefined>;
  /** Keeps a state, and removes the older ones. Answers its bytes in the stream. @throws ArgosyError */
  save(taken: StateText): Promise<number>;
  /** Removes all snapshots of a run. @throws ArgosyError */
  remove(uid: string): Promise<void>;
}

/** Bytes of one message; a larger snapshot has several. */
const PIECE_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes of a state as text; also what keeps a spoilt length from filling the memory. */
const TEXT_BYTES_MAX = 1024 ** 3;

const deflate = promisify<Uint8Array, object, Buffer>(deflateRaw);
const inflate = promisify<Uint8Array, object, Buffer>(inflateRaw);

/** Compressing is done by threads of Node's, not by the one that decides. */
export function createSnapshotStore(bus: Bus, partitions: number, logger: Logger): SnapshotStore {
  const subject = (uid: string, place?: { sequence: number; piece?: number }): string =>
    snapshotSubject(partitionOf(uid, partitions), uid, place);
  return {
    async newest(uid) {
      try {
        const messages: StoredMessage[] = [];
        for await (const message of bus.read(STREAMS.snapshots, subject(uid))) {
          messages.push(message);
        }
        return await usable(uid, messages, logger);
      } catch (thrown) {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        logger.warn({ uid, reason }, 'snapshots cannot be read: all facts are folded');
        return undefined;
      }
    },
    async save({ uid, sequence, traceparent, text }) {
      const level = constants.Z_BEST_SPEED;
      const whole = await deflate(Buffer.from(text), { level });
      const pieces = Math.max(1, Math.ceil(whole.length / PIECE_BYTES_MAX));
      const extensions = { pieces: String(pieces), checksum: String(crc32(whole)) };
      const stored = Array.from({ length: pieces }, (_, piece) => {
        const begin = piece * PIECE_BYTES_MAX;
        const event = {
          id: `${uid}-snapshot-${sequence}-${piece}`,
          source: `/workflow/${uid}`,
          type: EVENT_TYPES.workflowSnapshot,
          extensions,
          data: whole.subarray(begin, begin + PIECE_BYTES_MAX),
        };
        const place = subject(uid, { sequence, piece });
        const trace = traceparent === undefined ? {} : { traceparent };
        return bus.publish({ subject: place, event, ...trace });
      });
      await Promise.all(stored);
      await removeOlder(bus, subject(uid), sequence);
      return whole.length;
    },
    remove: (uid) => bus.purge(STREAMS.snapshots, subject(uid)),
  };
}

/** What was kept before is of no use any more; it is found by its subjects, whoever has kept it. */
async function removeOlder(bus: Bus, all: string, sequence: number): Promise<void> {
  const older = new Set<number>();
  for await (const message of bus.read(STREAMS.snapshots, all)) {
    const place = placeOf(message.subject);
    if (place.sequence < sequence) older.add(place.sequence);
  }
  for (const each of older) await bus.purge(STREAMS.snapshots, all.replace(/>$/, `${each}.>`));
}

interface Place {
  readonly sequence: number;
  readonly piece: number;
}

/** `snapshot.workflow.<partition>.<uid>.<sequence>.<piece>` */
function placeOf(subject: string): Place {
  const [sequence, piece] = subject.split('.').slice(4).map(Number);
  return { sequence: sequence ?? 0, piece: piece ?? 0 };
}

/** The newest of these that is whole, unspoilt and of this version. */
async function usable(
  uid: string,
  messages: readonly StoredMessage[],
  logger: Logger,
): Promise<KeptState | undefined> {
  const sequences = new Set(messages.map(({ subject }) => placeOf(subject).sequence));
  for (const sequence of [...sequences].sort((one, other) => other - one)) {
    const pieces = messages
      .filter(({ subject }) => placeOf(subject).sequence === sequence)
      .toSorted((one, other) => placeOf(one.subject).piece - placeOf(other.subject).piece);
    try {
      const { state, bytes } = await stateOf(pieces);
      return { state, sequence, traceparent: pieces[0]?.traceparent, bytes };
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      logger.warn({ uid, sequence, reason }, 'a snapshot is not used');
    }
  }
  return undefined;
}

/** @throws Error that says why these pieces are no state. */
async function stateOf(
  pieces: readonly StoredMessage[],
): Promise<{ readonly state: State; readonly bytes: number }> {
  const { pieces: count, checksum } = pieces[0]?.event.extensions ?? {};
  if (count !== String(pieces.length)) throw new Error('not all of it is there');
  const whole = Buffer.concat(pieces.map(({ event }) => event.data));
  if (checksum !== String(crc32(whole))) throw new Error('its checksum is wrong');
  const text = await inflate(whole, { maxOutputLength: TEXT_BYTES_MAX });
  const state = stateFromSnapshot(JSON.parse(text.toString()));
  if (!state.ok) throw new Error(state.error);
  return { state: state.value, bytes: whole.length };
}
