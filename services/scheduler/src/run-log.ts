import { randomUUID } from 'node:crypto';
import {
  decodeFacts,
  encodeFacts,
  EVENT_TYPES,
  factSubject,
  PROTOBUF_CONTENT_TYPE,
  STREAMS,
  type CloudEvent,
} from '@argosy/api';
import { partitionOf } from '@argosy/base';
import type { Bus } from '@argosy/bus';
import { workflowMachine, type Fact, type State } from '@argosy/core-workflow';
import { FACT_MESSAGE_BYTES_MAX } from './config.ts';

/** A run as its owner holds it: the fold of its facts, and where in the log that fold ends. */
export interface LoadedRun {
  state: State;
  /** Sequence of the last message on the run's subject; 0 when there is none. */
  sequence: number;
  /** Trace context of the run's first message; every task continues it. */
  traceparent: string | undefined;
}

/** The facts of runs on the bus. One run is one subject; its last sequence fences a stale owner. */
export interface RunLog {
  load(uid: string): Promise<LoadedRun>;
  /**
   * Appends facts and moves `run.sequence` on.
   * @throws ArgosyError CONFLICT when somebody else appended; the loaded run is then worthless.
   */
  append(uid: string, run: LoadedRun, facts: readonly Fact[]): Promise<void>;
}

export function createRunLog(bus: Bus, partitions: number): RunLog {
  return {
    async load(uid) {
      const run: LoadedRun = {
        state: workflowMachine.initial(),
        sequence: 0,
        traceparent: undefined,
      };
      for await (const message of bus.read(STREAMS.facts, subjectOf(uid))) {
        for (const fact of decodeFacts(message.event.data)) {
          run.state = workflowMachine.evolve(run.state, fact);
        }
        run.sequence = message.sequence;
        run.traceparent ??= message.traceparent;
      }
      return run;
    },
    async append(uid, run, facts) {
      for (const data of encodeInPieces(facts)) {
        const receipt = await bus.publish(
          {
            subject: subjectOf(uid),
            event: factEvent(uid, run.sequence, data),
            ...(run.traceparent === undefined ? {} : { traceparent: run.traceparent }),
          },
          { expectedLastSubjectSequence: run.sequence },
        );
        run.sequence = receipt.sequence;
      }
    },
  };

  function subjectOf(uid: string): string {
    return factSubject(partitionOf(uid, partitions), uid);
  }
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

function* encodeInPieces(facts: readonly Fact[]): Generator<Uint8Array> {
  const whole = encodeFacts(facts);
  if (whole.length <= FACT_MESSAGE_BYTES_MAX || facts.length === 1) {
    yield whole;
    return;
  }
  const middle = facts.length >> 1;
  yield* encodeInPieces(facts.slice(0, middle));
  yield* encodeInPieces(facts.slice(middle));
}
