import { randomUUID } from 'node:crypto';
import {
  decodeFacts,
  encodeFactsInPieces,
  EVENT_TYPES,
  factSubject,
  PROTOBUF_CONTENT_TYPE,
  STREAMS,
  type CloudEvent,
} from '@argosy/api';
import { err, ok, partitionOf, type Result } from '@argosy/base';
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
}

/** A fact that no message can hold, compressed or not. */
export interface TooLarge {
  readonly bytes: number;
}

/** The facts of runs on the bus. One run is one subject; its last sequence fences a stale owner. */
export interface RunLog {
  /** Folds the facts: all of them, or those after the newest snapshot. `isNew`: there is no snapshot, most likely. */
  load(uid: string, options?: { readonly isNew?: boolean }): Promise<LoadedRun>;
  /**
   * Appends facts and moves `run.sequence` on. When one is too large, those before it may have been appended.
   * @throws ArgosyError CONFLICT when somebody else appended; the loaded run is then worthless.
   */
  append(uid: string, run: LoadedRun, facts: readonly Fact[]): Promise<Result<void, TooLarge>>;
}

export function createRunLog(bus: Bus, partitions: number, snapshots?: SnapshotStore): RunLog {
  const subjectOf = (uid: string): string => factSubject(partitionOf(uid, partitions), uid);

  const publish = (uid: string, run: LoadedRun, data: Uint8Array): Promise<PublishReceipt> =>
    bus.publish(
      {
        subject: subjectOf(uid),
        event: factEvent(uid, run.sequence, data),
        ...(run.traceparent === undefined ? {} : { traceparent: run.traceparent }),
      },
      { expectedLastSubjectSequence: run.sequence },
    );

  const fold = async (run: LoadedRun, uid: string): Promise<LoadedRun> => {
    const options = { fromSequence: run.sequence + 1 };
    for await (const message of bus.read(STREAMS.facts, subjectOf(uid), options)) {
      const { data } = message.event;
      for (const fact of decodeFacts(data)) run.state = workflowMachine.evolve(run.state, fact);
      run.sequence = message.sequence;
      run.tailBytes += data.length;
      run.traceparent ??= message.traceparent;
    }
    return run;
  };

  return {
    async load(uid, options = {}) {
      const kept = options.isNew === true ? undefined : await snapshots?.newest(uid);
      if (kept === undefined) return fold(emptyRun(), uid);
      const { bytes, ...rest } = kept;
      const run = await fold({ ...rest, tailBytes: 0, snapshotBytes: bytes }, uid);
      if (run.sequence > kept.sequence) return run;
      // The facts decide: a snapshot of a run that was deleted brings nothing back to life.
      const last = await bus.last(STREAMS.facts, subjectOf(uid));
      return last?.sequence === run.sequence ? run : fold(emptyRun(), uid);
    },
    async append(uid, run, facts) {
      const pieces = encodeFactsInPieces(facts, FACT_MESSAGE_BYTES_MAX);
      let piece = pieces.next();
      while (piece.done !== true) {
        const data = piece.value;
        if (data.length > FACT_BYTES_MAX) return err({ bytes: data.length });
        const publishing = publish(uid, run, data);
        // Looked at below; until then it must not count as unhandled.
        publishing.catch(() => undefined);
        // While the server stores this one the next is encoded.
        piece = pieces.next();
        run.sequence = (await publishing).sequence;
        run.tailBytes += data.length;
      }
      return ok(undefined);
    },
  };
}

function emptyRun(): LoadedRun {
  return {
    state: workflowMachine.initial(),
    sequence: 0,
    traceparent: undefined,
    tailBytes: 0,
    snapshotBytes: 0,
  };
}

/**
 * The id is that of one append: repeated after a reconnect it is stored once. It must not be that of the place in the log,
 * for two owners may stand at the same one, and the facts of the second would be taken for those of the first.
 */
function factEvent(uid: string, after: number, data: Uint8Array): CloudEvent {
  return {
    id: `${uid}-after-${after}-${randomUUID()}`,
    source: `/workflow/${uid}`,
    type: EVENT_TYPES.workflowFacts,
    datacontenttype: PROTOBUF_CONTENT_TYPE,
    data,
  };
}
