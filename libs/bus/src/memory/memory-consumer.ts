import type { TrackedDelivery } from '../dispatcher.ts';
import { decodeMessage } from '../cloud-event-codec.ts';
import { ACK_WAIT_MS_DEFAULT, MAX_ACK_PENDING_DEFAULT } from '../limits.ts';
import type { BusLogger } from '../logger.ts';
import type { ConsumerSpec } from '../types.ts';
import type { MemoryRecord, MemoryStream } from './memory-stream.ts';

/** One `consume` call at a consumer. */
export interface MemorySession {
  readonly free: number;
  push(delivery: TrackedDelivery): void;
  settled(sequence: number): void;
}

/** A durable consumer in memory: what was delivered, what waits to be delivered again. */
export interface MemoryConsumer {
  spec: ConsumerSpec;
  /** Hands out what can be handed out now. */
  pump(): void;
  attach(session: MemorySession): () => void;
  close(): void;
}

interface Pending {
  timer: NodeJS.Timeout | undefined;
}

export interface MemoryConsumerOptions {
  readonly stream: MemoryStream;
  readonly spec: ConsumerSpec;
  readonly logger: BusLogger;
}

interface State {
  readonly stream: MemoryStream;
  readonly logger: BusLogger;
  readonly consumer: MemoryConsumer;
  /** Delivered and not acked, by sequence. */
  readonly pending: Map<number, Pending>;
  /** How often each was delivered. */
  readonly counts: Map<number, number>;
  /** What is to be delivered again. */
  readonly redeliver: number[];
  readonly sessions: Set<MemorySession>;
  nextSequence: number;
  isClosed: boolean;
}

/** A consumer that begins where its specification says. */
export function createMemoryConsumer(options: MemoryConsumerOptions): MemoryConsumer {
  const { stream, logger, spec } = options;
  const consumer: MemoryConsumer = {
    spec,
    pump: () => {
      while (!state.isClosed) {
        const session = freest(state.sessions);
        const record = session === undefined ? undefined : take(state);
        if (record === undefined) return;
        session?.push(deliver(state, record));
      }
    },
    attach: (session) => {
      state.sessions.add(session);
      consumer.pump();
      return () => state.sessions.delete(session);
    },
    close: () => {
      state.isClosed = true;
      for (const entry of state.pending.values()) clearTimeout(entry.timer);
      state.pending.clear();
    },
  };
  const state: State = {
    stream,
    logger,
    consumer,
    pending: new Map(),
    counts: new Map(),
    redeliver: [],
    sessions: new Set(),
    nextSequence: firstSequence(spec, stream),
    isClosed: false,
  };
  return consumer;
}

function firstSequence(spec: ConsumerSpec, stream: MemoryStream): number {
  if (spec.deliver !== 'new') return 1;
  const { newSinceMs } = spec;
  let sequence = stream.lastSequence + 1;
  if (newSinceMs === undefined) return sequence;
  // Where a message was removed, what lies before it may still be new enough.
  while (sequence > 1 && (stream.get(sequence - 1)?.storedAtMs ?? Infinity) >= newSinceMs) {
    sequence -= 1;
  }
  return sequence;
}

function take(state: State): MemoryRecord | undefined {
  const { spec } = state.consumer;
  for (;;) {
    const sequence = state.redeliver.shift();
    if (sequence === undefined) break;
    const record = state.stream.get(sequence);
    if (record !== undefined) return record;
    state.counts.delete(sequence);
  }
  if (state.pending.size >= (spec.maxAckPending ?? MAX_ACK_PENDING_DEFAULT)) return undefined;
  const record = state.stream.next(state.nextSequence, spec.filterSubjects);
  state.nextSequence = (record?.sequence ?? state.stream.lastSequence) + 1;
  return record;
}

function deliverAgain(state: State, sequence: number): void {
  if (!state.pending.delete(sequence) || state.isClosed) return;
  state.redeliver.push(sequence);
  state.consumer.pump();
}

function armAckWait(
  state: State,
  what: { readonly sequence: number; readonly entry: Pending },
  waitMs: number,
): void {
  clearTimeout(what.entry.timer);
  what.entry.timer = setTimeout(() => {
    deliverAgain(state, what.sequence);
  }, waitMs);
  what.entry.timer.unref();
}

function forget(state: State, sequence: number): void {
  clearTimeout(state.pending.get(sequence)?.timer);
  if (!state.pending.delete(sequence)) return;
  state.counts.delete(sequence);
  if (state.stream.declaration.retention === 'workqueue') state.stream.remove(sequence);
  state.consumer.pump();
}

function deliver(state: State, record: MemoryRecord): TrackedDelivery {
  const { spec } = state.consumer;
  const { sequence } = record;
  const ackWaitMs = spec.ackWaitMs ?? ACK_WAIT_MS_DEFAULT;
  const deliveryCount = (state.counts.get(sequence) ?? 0) + 1;
  state.counts.set(sequence, deliveryCount);
  const entry: Pending = { timer: undefined };
  const what = { sequence, entry };
  state.pending.set(sequence, entry);
  armAckWait(state, what, ackWaitMs);
  let isSettled = false;
  const isMine = (): boolean => state.pending.get(sequence) === entry;
  const settle = (): boolean => {
    if (isSettled) return false;
    isSettled = true;
    for (const session of state.sessions) session.settled(sequence);
    return true;
  };
  return {
    ...decodeMessage(record.subject, record.headers, record.data),
    sequence,
    storedAtMs: record.storedAtMs,
    deliveryCount,
    get isSettled() {
      return isSettled;
    },
    ack: async () => {
      settle();
      // As the server does it: an ack for an earlier delivery counts too.
      forget(state, sequence);
      return Promise.resolve();
    },
    retry: (delayMs) => {
      if (settle() && isMine()) armAckWait(state, what, delayMs);
    },
    drop: (reason) => {
      if (!settle()) return;
      state.logger.warn({ consumer: spec.durable, sequence, reason }, 'message dropped');
      forget(state, sequence);
    },
    extend: () => {
      if (!isSettled && isMine()) armAckWait(state, what, ackWaitMs);
    },
  };
}

/** The session with most room, so that sharers get their shares; undefined when none has any. */
function freest(sessions: ReadonlySet<MemorySession>): MemorySession | undefined {
  let best: MemorySession | undefined;
  for (const session of sessions) {
    if (session.free > 0 && session.free > (best?.free ?? 0)) best = session;
  }
  return best;
}
