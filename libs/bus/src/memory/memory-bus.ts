import { randomUUID } from 'node:crypto';
import { ArgosyError } from '@argosy/base';
import { decodeMessage, encodeMessage, messageIdOf } from '../cloud-event-codec.ts';
import { createDispatcher } from '../dispatcher.ts';
import { ACK_WAIT_MS_DEFAULT } from '../limits.ts';
import { SILENT_LOGGER } from '../logger.ts';
import type { BusLogger } from '../logger.ts';
import { waitForReply } from '../reply.ts';
import { patternsOverlap, subjectMatches } from '../subject-match.ts';
import { topology } from '../topology.ts';
import type { TopologyOptions } from '../topology.ts';
import type {
  Bus,
  BusMessage,
  ConsumerSpec,
  ObjectStore,
  PublishOptions,
  PublishReceipt,
} from '../types.ts';
import { createMemoryConsumer } from './memory-consumer.ts';
import type { MemoryConsumer } from './memory-consumer.ts';
import { createMemoryBucket } from './memory-key-value.ts';
import { createMemoryObjectStore } from './memory-object-store.ts';
import { readRecords, toStoredMessage } from './memory-read.ts';
import { createMemoryStream } from './memory-stream.ts';
import type { MemoryStream } from './memory-stream.ts';

export interface MemoryBusOptions {
  readonly topology?: TopologyOptions;
  readonly logger?: BusLogger;
  /**
   * Clock of `storedAtMs` and of the de-duplication window; default the real one. Timers are real.
   */
  readonly nowMs?: () => number;
}

/**
 * A bus within this process, with the streams of the topology and the semantics of the real one.
 * For tests.
 */
export function createMemoryBus(options: MemoryBusOptions = {}): Bus {
  const nowMs = options.nowMs ?? Date.now;
  const state: State = {
    streams: topology(options.topology).map((one) => createMemoryStream(one, nowMs)),
    consumers: new Map(),
    objectStores: new Map(),
    inboxes: new Map(),
    logger: options.logger ?? SILENT_LOGGER,
    isClosed: false,
  };
  return {
    publish: async (message, publishOptions = {}) =>
      Promise.resolve(publish(state, message, publishOptions)),
    ...consuming(state),
    ...reading(state),
    ...replying(state),
    ...storing(state),
    get status() {
      return state.isClosed
        ? { kind: 'Disconnected' as const, reason: 'the bus is closed' }
        : { kind: 'Connected' as const };
    },
    onStatus: () => () => undefined,
    [Symbol.asyncDispose]: async () => {
      state.isClosed = true;
      for (const consumer of state.consumers.values()) consumer.close();
      return Promise.resolve();
    },
  };
}

interface State {
  readonly streams: readonly MemoryStream[];
  /** By `<stream>/<durable>`. */
  readonly consumers: Map<string, MemoryConsumer>;
  readonly objectStores: Map<string, ObjectStore>;
  readonly inboxes: Map<string, (message: BusMessage) => void>;
  readonly logger: BusLogger;
  isClosed: boolean;
}

function checkOpen(state: State): void {
  if (state.isClosed) throw new ArgosyError('UNAVAILABLE', 'the bus is closed', { retry: 'never' });
}

function streamOf(state: State, name: string): MemoryStream {
  checkOpen(state);
  const stream = state.streams.find((one) => one.declaration.name === name);
  if (stream === undefined) throw new ArgosyError('NOT_FOUND', `there is no stream ${name}`);
  return stream;
}

function publish(state: State, message: BusMessage, options: PublishOptions): PublishReceipt {
  checkOpen(state);
  if (options.signal?.aborted === true) throw new ArgosyError('CANCELLED', 'publish was cancelled');
  const headers = encodeMessage(message);
  const stream = state.streams.find((one) =>
    one.declaration.subjects.some((pattern) => subjectMatches(pattern, message.subject)),
  );
  if (stream === undefined) {
    throw new ArgosyError('NOT_FOUND', `no stream takes messages on ${message.subject}`);
  }
  const receipt = stream.append(message.subject, headers, message.event.data.slice(), {
    messageId: options.messageId ?? messageIdOf(message.event),
    expectedLastSubjectSequence: options.expectedLastSubjectSequence,
  });
  if (!receipt.duplicate) pump(state, stream);
  return receipt;
}

function pump(state: State, stream: MemoryStream): void {
  for (const consumer of state.consumers.values()) {
    if (consumer.spec.stream === stream.declaration.name) consumer.pump();
  }
}

function ensureConsumer(state: State, spec: ConsumerSpec): MemoryConsumer {
  const stream = streamOf(state, spec.stream);
  const name = `${spec.stream}/${spec.durable}`;
  refuseOverlap(state, stream, spec);
  const existing = state.consumers.get(name);
  if (existing !== undefined) {
    existing.spec = spec;
    return existing;
  }
  const consumer = createMemoryConsumer({ stream, spec, logger: state.logger });
  state.consumers.set(name, consumer);
  return consumer;
}

/** A work queue gives every message to one consumer, so the filters of two must not meet. */
function refuseOverlap(state: State, stream: MemoryStream, spec: ConsumerSpec): void {
  if (stream.declaration.retention !== 'workqueue') return;
  for (const { spec: other } of state.consumers.values()) {
    if (other.stream !== spec.stream || other.durable === spec.durable) continue;
    for (const pattern of spec.filterSubjects) {
      if (!other.filterSubjects.some((one) => patternsOverlap(one, pattern))) continue;
      const message = `the consumers ${other.durable} and ${spec.durable} of the work queue ${spec.stream} overlap`;
      throw new ArgosyError('FAILED_PRECONDITION', message);
    }
  }
}

function consuming(state: State): Pick<Bus, 'consume' | 'ensureConsumer' | 'deleteConsumer'> {
  return {
    ensureConsumer: async (spec) => {
      ensureConsumer(state, spec);
      return Promise.resolve();
    },
    deleteConsumer: async (stream, durable) => {
      const name = `${stream}/${durable}`;
      state.consumers.get(name)?.close();
      state.consumers.delete(name);
      return Promise.resolve();
    },
    consume: async (spec, handler, options) => {
      const consumer = ensureConsumer(state, spec);
      const dispatcher = createDispatcher({
        handler,
        batchSize: options.batchSize,
        concurrency: options.concurrency,
        maxDeliver: spec.maxDeliver,
        ackWaitMs: spec.ackWaitMs ?? ACK_WAIT_MS_DEFAULT,
        logger: state.logger,
        consumer: spec.durable,
        onFree: () => {
          consumer.pump();
        },
      });
      const detach = consumer.attach(dispatcher);
      await aborted(options.signal);
      detach();
      await dispatcher.close();
    },
  };
}

function reading(state: State): Pick<Bus, 'read' | 'last' | 'purge'> {
  return {
    read: (stream, subject, options = {}) => {
      const records = readRecords(streamOf(state, stream), subject, options);
      return (async function* () {
        for await (const record of records) yield toStoredMessage(record);
      })();
    },
    last: async (stream, subject) => {
      const record = streamOf(state, stream).lastOn(subject);
      return Promise.resolve(record === undefined ? undefined : toStoredMessage(record));
    },
    purge: async (stream, subject, { beforeSequence } = {}) => {
      streamOf(state, stream).purge(subject, beforeSequence);
      return Promise.resolve();
    },
  };
}

function replying(state: State): Pick<Bus, 'send' | 'publishForReply'> {
  return {
    send: (message) => {
      checkOpen(state);
      const headers = encodeMessage(message);
      const copy = decodeMessage(message.subject, headers, message.event.data.slice());
      state.inboxes.get(message.subject)?.(copy);
    },
    publishForReply: async (message, options) => {
      const replyTo = `_INBOX.${randomUUID()}`;
      const reply = waitForReply(message.subject, options);
      state.inboxes.set(replyTo, reply.accept);
      try {
        publish(state, { ...message, replyTo }, options);
        return await reply.promise;
      } finally {
        reply.stop();
        state.inboxes.delete(replyTo);
      }
    },
  };
}

function storing(state: State): Pick<Bus, 'keyValue' | 'objectStore'> {
  return {
    keyValue: async (name) =>
      Promise.resolve(createMemoryBucket(streamOf(state, `KV_${name}`), name)),
    objectStore: async (name) => {
      streamOf(state, `OBJ_${name}`);
      const existing = state.objectStores.get(name) ?? createMemoryObjectStore();
      state.objectStores.set(name, existing);
      return Promise.resolve(existing);
    },
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
