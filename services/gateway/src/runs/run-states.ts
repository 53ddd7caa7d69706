import { createFactLogReader, factSubject, STREAMS, type FactLogReader } from '@argosy/api';
import { partitionOf } from '@argosy/base';
import type { Bus, StoredMessage } from '@argosy/bus';
import { isFinished, renderWorkflow, workflowMachine, type State } from '@argosy/core-workflow';
import type { Workflow } from '@argosy/model';
import {
  FOLDED_NODES_MAX,
  FOLDED_RUNS_MAX,
  WATCH_INTERVAL_MS,
  WATCH_REST_FACTOR,
} from '../config.ts';

/** A run as folded from its facts. The state is shared and moves on: read it, keep nothing of it. */
export interface FoldedRun {
  readonly uid: string;
  readonly state: State;
  /** Sequence of the last message that was folded; 0: the run has no facts yet. */
  readonly sequence: number;
  /** The run as Argo's object at this sequence: made once, however many watch it. Not to be changed. */
  rendered(): Workflow;
}

/** Folds of runs, read from the bus on demand; the latest used ones are kept. */
export interface RunStates {
  /** The run as it is on the bus now. */
  current(uid: string): Promise<FoldedRun>;
  /**
   * The run now and again after changes; the reader sees the latest state, not each one. Ends when the
   * signal is aborted; a finished run may be retried, so it is the reader who leaves then.
   */
  follow(uid: string, signal: AbortSignal): AsyncIterable<FoldedRun>;
  forget(uid: string): void;
}

interface Slot extends FoldedRun {
  state: State;
  sequence: number;
  /** Of the messages up to `sequence`. */
  readonly reader: FactLogReader;
  /** Catching up; a second reader waits for the same. */
  reading: Promise<void> | undefined;
}

export function createRunStates(
  bus: Bus,
  options: {
    readonly partitions: number;
    /** Default FOLDED_RUNS_MAX. */
    readonly foldedMax?: number;
    /** Default FOLDED_NODES_MAX. */
    readonly foldedNodesMax?: number;
    /** Default WATCH_INTERVAL_MS. */
    readonly watchIntervalMs?: number;
  },
): RunStates {
  const slots = new Map<string, Slot>();
  const foldedMax = options.foldedMax ?? FOLDED_RUNS_MAX;
  const foldedNodesMax = options.foldedNodesMax ?? FOLDED_NODES_MAX;
  const intervalMs = options.watchIntervalMs ?? WATCH_INTERVAL_MS;
  const subjectOf = (uid: string): string => factSubject(partitionOf(uid, options.partitions), uid);

  function slotOf(uid: string): Slot {
    const known = slots.get(uid);
    const slot = known ?? emptySlot(uid);
    slots.delete(uid);
    slots.set(uid, slot);
    dropOldest(uid);
    return slot;
  }

  /** Until what is kept is within its bounds; what is read or watched now goes on by itself. */
  function dropOldest(latest: string): void {
    let nodes = 0;
    for (const { state } of slots.values()) nodes += state.nodes.length;
    for (const [uid, { state }] of slots) {
      if (uid === latest || (slots.size <= foldedMax && nodes <= foldedNodesMax)) return;
      slots.delete(uid);
      nodes -= state.nodes.length;
    }
  }

  async function catchUp(slot: Slot): Promise<void> {
    const fromSequence = slot.sequence + 1;
    const messages = bus.read(STREAMS.facts, subjectOf(slot.uid), { fromSequence });
    for await (const message of messages) fold(slot, message);
  }

  async function currentSlot(uid: string): Promise<Slot> {
    const slot = slotOf(uid);
    // A read that began before the call may miss what was stored just before it: read after it.
    await slot.reading?.catch(() => undefined);
    slot.reading ??= catchUp(slot).finally(() => {
      slot.reading = undefined;
    });
    await slot.reading;
    dropOldest(uid);
    return slot;
  }

  return {
    current: currentSlot,
    async *follow(uid, signal) {
      // First all that is stored, in one go; then what comes.
      const slot = await currentSlot(uid);
      const seen = slot.sequence;
      if (seen > 0) yield slot;
      const leaving = new AbortController();
      const inner = AbortSignal.any([signal, leaving.signal]);
      const options = { fromSequence: slot.sequence + 1, follow: true, signal: inner };
      const messages = bus.read(STREAMS.facts, subjectOf(uid), options);
      try {
        yield* followSlot(slot, { seen, messages, intervalMs }, inner);
      } finally {
        leaving.abort();
      }
    },
    forget: (uid) => void slots.delete(uid),
  };
}

function emptySlot(uid: string): Slot {
  // As long as somebody has it in use; it is as large as the state.
  let last: { readonly sequence: number; readonly workflow: WeakRef<Workflow> } | undefined;
  const slot: Slot = {
    uid,
    state: workflowMachine.initial(),
    sequence: 0,
    reading: undefined,
    reader: createFactLogReader(),
    rendered() {
      const known = last?.sequence === slot.sequence ? last.workflow.deref() : undefined;
      if (known !== undefined) return known;
      const workflow = renderWorkflow(slot.state);
      last = { sequence: slot.sequence, workflow: new WeakRef(workflow) };
      return workflow;
    },
  };
  return slot;
}

function fold(slot: Slot, message: StoredMessage): void {
  if (message.sequence <= slot.sequence) return;
  for (const fact of slot.reader.take(message.event)) {
    slot.state = workflowMachine.evolve(slot.state, fact);
  }
  slot.sequence = message.sequence;
}

/**
 * Folds in the background, into the slot that all readers of the run share, and hands over the latest
 * state whenever the reader is ready for one, so a slow reader costs no memory. Between two states
 * lies the interval at least, and more when the reader takes long for one; but the end of a run is
 * handed over at once.
 */
async function* followSlot(
  slot: Slot,
  from: {
    readonly seen: number;
    readonly messages: AsyncIterable<StoredMessage>;
    readonly intervalMs: number;
  },
  inner: AbortSignal,
): AsyncIterable<FoldedRun> {
  const { intervalMs } = from;
  let { seen } = from;
  let dueAtMs = seen === 0 ? 0 : Date.now() + intervalMs;
  let wake: () => void = () => undefined;
  const end = { isReached: false, failure: undefined as unknown };
  void foldAll(slot, from.messages, () => {
    wake();
  }).then(
    () => {
      end.isReached = true;
      wake();
    },
    (error: unknown) => {
      end.isReached = true;
      if (!inner.aborted) end.failure = error;
      wake();
    },
  );
  for (;;) {
    const isNew = slot.sequence > seen;
    const restMs = isFinished(slot.state) ? 0 : dueAtMs - Date.now();
    if (isNew && (restMs <= 0 || end.isReached)) {
      seen = slot.sequence;
      const handedAtMs = Date.now();
      yield slot;
      const tookMs = Date.now() - handedAtMs;
      dueAtMs = handedAtMs + Math.max(intervalMs, tookMs * WATCH_REST_FACTOR);
    } else if (end.failure !== undefined) {
      throw end.failure;
    } else if (end.isReached || inner.aborted) {
      return;
    } else {
      await new Promise<void>((resolve) => {
        const timer = isNew ? setTimeout(resolve, restMs) : undefined;
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

async function foldAll(
  slot: Slot,
  messages: AsyncIterable<StoredMessage>,
  onChange: () => void,
): Promise<void> {
  for await (const message of messages) {
    fold(slot, message);
    onChange();
  }
}
