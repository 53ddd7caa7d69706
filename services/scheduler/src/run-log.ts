import { randomUUID } from 'node:crypto';
import {
  createFactLogReader,
  decisionGoesOn,
  encodeFacts,
  encodeFactsInPieces,
  EVENT_TYPES,
  factSubject,
  PROTOBUF_CONTENT_TYPE,
  STREAMS,
  type CloudEvent,
} from '@argosy/api';
import { ArgosyError, err, ok, partitionOf, type Result } from '@argosy/base';
import type { Bus, PublishReceipt } from '@argosy/bus';
import { workflowMachine, type Fact, type State } from '@argosy/core-workflow';
import { FACT_BYTES_MAX, FACT_MESSAGE_BYTES_MAX } from './config.ts';
import type { SnapshotStore } from './snapshots/snapshot-store.ts';

/** A run as its owner holds it: the fold of its facts, and where in the log that fold ends. */
export interface LoadedRun {
  state: State;
  /** Sequence of the last message on the run's subject; 0 when there is none. */
  sequence: number;
  /** Trace context of the run's first message; every task continues it. */
  traceparent: string | undefined;
  /** Bytes of the facts after the last snapshot. */
  tailBytes: number;
  /** Bytes of the last snapshot; 0 when there is none. */
  snapshotBytes: number;
  /** The ownership under which it was loaded and is written; 0 for who only reads. */
  fence: number;
}

export interface LoadOptions {
  /** There is no snapshot, most likely. */
  readonly isNew?: boolean;
  /** The ownership of whoever is going to write; absent for who only reads. */
  readonly fence?: number;
}

/** A fact that no message can hold, compressed or not. */
export interface TooLarge {
  readonly bytes: number;
}

/** The facts of runs on the bus. One run is one subject; its last sequence fences a stale owner. */
export interface RunLog {
  /**
   * Folds the facts: all of them, or those after the newest snapshot. Whoever is going to write leaves a message without
   * facts when the last writer was an earlier owner: nothing that one appends is accepted from here on.
   * @throws ArgosyError CONFLICT when a later owner has written.
   */
  load(uid: string, options?: LoadOptions): Promise<LoadedRun>;
  /**
   * Makes sure that the loaded run is all there is. Appending shows that by itself; a decision that changes nothing has to
   * ask, or an owner of the past could call a report old news that it merely does not understand.
   * @throws ArgosyError CONFLICT when somebody else appended.
   */
  confirm(uid: string, run: LoadedRun): Promise<void>;
  /**
   * Appends the facts of a decision and moves `run.sequence` on. Where they take several messages they count only when
   * all are stored; when one is too large, none does.
   * @throws ArgosyError CONFLICT when somebody else appended; the loaded run is then worthless.
   */
  append(uid: string, run: LoadedRun, facts: readonly Fact[]): Promise<Result<void, TooLarge>>;
}

export function createRunLog(bus: Bus, partitions: number, snapshots?: SnapshotStore): RunLog {
  const subjectOf = (uid: string): string => factSubject(partitionOf(uid, partitions), uid);

  const publish = (
    uid: string,
    run: LoadedRun,
    data: Uint8Array,
    goesOn = false,
  ): Promise<PublishReceipt> =>
    bus.publish(
      {
        subject: subjectOf(uid),
        event: factEvent(uid, run, data, goesOn),
        ...(run.traceparent === undefined ? {} : { traceparent: run.traceparent }),
      },
      { expectedLastSubjectSequence: run.sequence },
    );

  const fold = async (run: LoadedRun, uid: string, last: LastWriter): Promise<LoadedRun> => {
    const options = { fromSequence: run.sequence + 1 };
    const reader = createFactLogReader();
    for await (const message of bus.read(STREAMS.facts, subjectOf(uid), options)) {
      const { data } = message.event;
      for (const fact of reader.take(message.event)) {
        run.state = workflowMachine.evolve(run.state, fact);
      }
      run.sequence = message.sequence;
      last.fence = fenceOf(message.event);
      run.tailBytes += data.length;
      run.traceparent ??= message.traceparent;
    }
    last.isIncomplete = reader.isPending;
    return run;
  };

  const read = async (uid: string, isNew: boolean, writer: LastWriter): Promise<LoadedRun> => {
    const kept = isNew ? undefined : await snapshots?.newest(uid);
    if (kept === undefined) return fold(emptyRun(), uid, writer);
    const { bytes, ...rest } = kept;
    const begun = { ...rest, tailBytes: 0, snapshotBytes: bytes, fence: 0 };
    const run = await fold(begun, uid, writer);
    if (run.sequence > kept.sequence) return run;
    // The facts decide: a snapshot of a run that was deleted brings nothing back to life.
    const last = await bus.last(STREAMS.facts, subjectOf(uid));
    if (last?.sequence !== run.sequence) return fold(emptyRun(), uid, writer);
    writer.fence = fenceOf(last.event);
    return run;
  };

  return {
    async load(uid, { isNew = false, fence = 0 } = {}) {
      const writer: LastWriter = { fence: 0, isIncomplete: false };
      const run = await read(uid, isNew, writer);
      if (fence > 0 && writer.fence > fence) {
        throw new ArgosyError('CONFLICT', `the run ${uid} has a later owner`);
      }
      run.fence = fence;
      if (run.sequence > 0 && (writer.fence < fence || (fence > 0 && writer.isIncomplete))) {
        run.sequence = (await publish(uid, run, encodeFacts([]))).sequence;
      }
      return run;
    },
    async confirm(uid, run) {
      const last = await bus.last(STREAMS.facts, subjectOf(uid));
      if (last === undefined || last.sequence === run.sequence) return;
      throw new ArgosyError('CONFLICT', `the run ${uid} was changed by another owner`);
    },
    append: (uid, run, facts) =>
      appendDecision(facts, run, (data, goesOn) => publish(uid, run, data, goesOn)),
  };
}

/** Publishes the facts of one decision, in as many messages as it takes. */
async function appendDecision(
  facts: readonly Fact[],
  run: LoadedRun,
  publish: (data: Uint8Array, goesOn: boolean) => Promise<PublishReceipt>,
): Promise<Result<void, TooLarge>> {
  const pieces = encodeFactsInPieces(facts, FACT_MESSAGE_BYTES_MAX);
  let piece = pieces.next();
  for (let isFirst = true; piece.done !== true; isFirst = false) {
    const data = piece.value;
    if (data.length > FACT_BYTES_MAX) {
      if (!isFirst) run.sequence = (await publish(encodeFacts([]), false)).sequence;
      return err({ bytes: data.length });
    }
    // One is encoded ahead, for only then it is known whether this one is the last.
    piece = pieces.next();
    run.sequence = (await publish(data, piece.done !== true)).sequence;
    run.tailBytes += data.length;
  }
  return ok(undefined);
}

/** Of the last message that was read. */
interface LastWriter {
  fence: number;
  /** It did not come to the end of its last decision. */
  isIncomplete: boolean;
}

/** Messages of versions that did not number their owners count as those of the very first. */
function fenceOf({ extensions }: CloudEvent): number {
  return Number(extensions?.['fence'] ?? 0);
}

function emptyRun(): LoadedRun {
  return {
    state: workflowMachine.initial(),
    sequence: 0,
    traceparent: undefined,
    tailBytes: 0,
    snapshotBytes: 0,
    fence: 0,
  };
}

/**
 * The id is that of one append: repeated after a reconnect it is stored once. It must not be that of the place in the log,
 * for two owners may stand at the same one, and the facts of the second would be taken for those of the first.
 */
function factEvent(
  uid: string,
  { sequence, fence }: LoadedRun,
  data: Uint8Array,
  goesOn: boolean,
): CloudEvent {
  const fenced = fence === 0 ? {} : { fence: String(fence) };
  return {
    id: `${uid}-after-${sequence}-${randomUUID()}`,
    source: `/workflow/${uid}`,
    type: EVENT_TYPES.workflowFacts,
    datacontenttype: PROTOBUF_CONTENT_TYPE,
    extensions: { ...fenced, ...decisionGoesOn(goesOn) },
    data,
  };
}
