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
  deliveryCount: number;
  timer: NodeJS.Timeout | undefined;
}

export interface MemoryConsumerOptions {
  readonly stream: MemoryStream;
  readonly spec: ConsumerSpec;
  readonly logger: BusLogger;
}

/** A consumer that begins where its specification says. */
export function createMemoryConsumer(options: MemoryConsumerOptions): MemoryConsumer {
  const { stream, logger } = options;
  const pending = new Map<number, Pending>();
  const counts = new Map<number, number>();
  const redeliver: number[] = [];
  const sessions = new Set<MemorySession>();
  let nextSequence = options.spec.deliver === 'new' ? stream.lastSequence + 1 : 1;
  let isClosed = false;

  const consumer: MemoryConsumer = {
    spec: options.spec,
    pump: () => {
      while (!isClosed) {
        const session = freest(sessions);
        if (session === undefined) return;
        const record = take();
        if (record === undefined) return;
        session.push(deliver(record));
      }
    },
    attach: (session) => {
      sessions.add(session);
      consumer.pump();
      return () => sessions.delete(session);
    },
    close: () => {
      isClosed = true;
      for (const entry of pending.values()) clearTimeout(entry.timer);
      pending.clear();
    },
  };
  const take = (): MemoryRecord | undefined => {
    for (;;) {
      const sequence = redeliver.shift();
      if (sequence === undefined) break;
      const record = stream.get(sequence);
      if (record !== undefined) return record;
      counts.delete(sequence);
    }
    if (pending.size >= (consumer.spec.maxAckPending ?? MAX_ACK_PENDING_DEFAULT)) return undefined;
    const record = stream.next(nextSequence, consumer.spec.filterSubjects);
    if (record !== undefined) nextSequence = record.sequence + 1;
    return record;
  };
  const again = (sequence: number): void => {
    if (!pending.delete(sequence) || isClosed) return;
    redeliver.push(sequence);
    consumer.pump();
  };
  const armAckWait = (sequence: number, entry: Pending, waitMs: number): void => {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      again(sequence);
    }, waitMs);
    entry.timer.unref();
  };
  const forget = (sequence: number): void => {
    clearTimeout(pending.get(sequence)?.timer);
    if (!pending.delete(sequence)) return;
    counts.delete(sequence);
    if (stream.declaration.retention === 'workqueue') stream.remove(sequence);
    consumer.pump();
  };
  const deliver = (record: MemoryRecord): TrackedDelivery => {
    const { sequence } = record;
    const ackWaitMs = consumer.spec.ackWaitMs ?? ACK_WAIT_MS_DEFAULT;
    const deliveryCount = (counts.get(sequence) ?? 0) + 1;
    counts.set(sequence, deliveryCount);
    const entry: Pending = { deliveryCount, timer: undefined };
    pending.set(sequence, entry);
    armAckWait(sequence, entry, ackWaitMs);
    let isSettled = false;
    const isMine = (): boolean => pending.get(sequence) === entry;
    return {
      ...decodeMessage(record.subject, record.headers, record.data),
      sequence,
      storedAtMs: record.storedAtMs,
      deliveryCount,
      get isSettled() {
        return isSettled;
      },
      ack: async () => {
        isSettled = true;
        // As the server does it: an ack for an earlier delivery counts too.
        forget(sequence);
        return Promise.resolve();
      },
      retry: (delayMs) => {
        if (isSettled) return;
        isSettled = true;
        if (isMine()) armAckWait(sequence, entry, delayMs);
      },
      drop: (reason) => {
        if (isSettled) return;
        isSettled = true;
        logger.warn({ consumer: consumer.spec.durable, sequence, reason }, 'message dropped');
        forget(sequence);
      },
      extend: () => {
        if (!isSettled && isMine()) armAckWait(sequence, entry, ackWaitMs);
      },
    };
  };
  return consumer;
}

/** The session with most room, so that sharers get their shares; undefined when none has any. */
function freest(sessions: ReadonlySet<MemorySession>): MemorySession | undefined {
  let best: MemorySession | undefined;
  for (const session of sessions) {
    if (session.free > 0 && session.free > (best?.free ?? 0)) best = session;
  }
  return best;
}
