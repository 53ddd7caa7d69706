import { createInbox } from '@nats-io/nats-core';
import { ArgosyError } from '@argosy/base';
import { decodeMessage, encodeMessage, messageIdOf } from '../cloud-event-codec.ts';
import { SILENT_LOGGER } from '../logger.ts';
import type { BusLogger } from '../logger.ts';
import { waitForReply } from '../reply.ts';
import type { TopologyOptions } from '../topology.ts';
import type { Bus, BusMessage, PublishOptions, PublishReceipt, ReadOptions } from '../types.ts';
import { applyTopologyOn } from './apply-topology.ts';
import type { TopologyReport } from './apply-topology.ts';
import { openConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { consume } from './consume.ts';
import { deleteConsumer, ensureConsumer } from './consumers.ts';
import { readLast, readStored } from './direct-get.ts';
import { follow } from './follow.ts';
import type { FollowStart } from './follow.ts';
import { asClientHeaders, encodeHeaders, readHeaders } from './headers.ts';
import { openBucket } from './key-value.ts';
import { openObjectStore } from './object-store.ts';
import { createPublisher } from './publisher.ts';
import type { Publisher } from './publisher.ts';
import { storedFromRaw } from './raw-message.ts';
import type { RawMessage } from './raw-message.ts';
import { openRequests } from './requests.ts';
import type { Requests } from './requests.ts';

export interface ConnectBusOptions {
  /** One server or several, separated by commas: `nats://host:port`. */
  readonly url: string;
  readonly token?: string;
  /** Who connects; shown by the server. */
  readonly name: string;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
  readonly logger?: BusLogger;
}

/** A bus on a NATS server. */
export interface NatsBus extends Bus {
  /**
   * Creates and changes the streams, buckets and object stores; idempotent, and safe when several
   * do it at once.
   * @throws ArgosyError FAILED_PRECONDITION for a change that could lose messages.
   */
  applyTopology(options?: TopologyOptions): Promise<TopologyReport>;
}

interface Context {
  readonly connection: Connection;
  readonly requests: Requests;
  readonly publisher: Publisher;
  readonly logger: BusLogger;
}

/**
 * Connects to NATS, trying for 15 s; later it reconnects for ever. Declares nothing: see
 * `applyTopology`.
 * @throws ArgosyError UNAVAILABLE, UNAUTHENTICATED, CANCELLED.
 */
export async function connectBus(options: ConnectBusOptions): Promise<NatsBus> {
  const logger = options.logger ?? SILENT_LOGGER;
  const connection = await openConnection({ ...options, logger });
  const requests = openRequests(connection);
  const publisher = createPublisher(connection, requests);
  const context: Context = { connection, requests, publisher, logger };
  return {
    applyTopology: async (topologyOptions) => applyTopologyOn(requests, topologyOptions),
    publish: async (message, publishOptions = {}) => publish(context, message, publishOptions),
    ensureConsumer: async (spec) => ensureConsumer(requests, spec),
    deleteConsumer: async (stream, durable) => deleteConsumer(requests, stream, durable),
    consume: async (spec, handler, consumeOptions) =>
      consume(context, { spec, handler, options: consumeOptions }),
    ...reading(context),
    ...replying(context),
    keyValue: async (name) => {
      await requests.api(`STREAM.INFO.KV_${name}`, undefined);
      return openBucket(context, name);
    },
    objectStore: async (name) => openObjectStore(connection, name),
    get status() {
      return connection.status;
    },
    onStatus: (listener) => connection.onStatus(listener),
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      requests.close();
    },
  };
}

async function publish(
  context: Context,
  message: BusMessage,
  options: PublishOptions,
): Promise<PublishReceipt> {
  return context.publisher.store({
    subject: message.subject,
    headers: encodeMessage(message),
    data: message.event.data,
    messageId: options.messageId ?? messageIdOf(message.event),
    expectedLastSubjectSequence: options.expectedLastSubjectSequence,
    signal: options.signal,
  });
}

function reading(context: Context): Pick<Bus, 'read' | 'last' | 'purge'> {
  return {
    read: (stream, subject, options = {}) =>
      (async function* (records: AsyncIterable<RawMessage>) {
        for await (const raw of records) yield storedFromRaw(raw);
      })(readRaw(context, { stream, pattern: subject, options })),
    last: async (stream, subject) => {
      const raw = await readLast(context, stream, subject);
      return raw === undefined ? undefined : storedFromRaw(raw);
    },
    purge: async (stream, subject, { beforeSequence } = {}) => {
      const until = beforeSequence === undefined ? {} : { seq: beforeSequence };
      await context.requests.api(`STREAM.PURGE.${stream}`, { filter: subject, ...until });
    },
  };
}

interface RawRead {
  readonly stream: string;
  readonly pattern: string;
  readonly options: ReadOptions;
}

function readRaw(context: Context, read: RawRead): AsyncIterable<RawMessage> {
  const { stream, pattern, options } = read;
  const { signal } = options;
  const fromSequence = options.fromSequence ?? 1;
  if (options.follow !== true) {
    const { fromTimeMs } = options;
    return readStored(context, { stream, pattern, fromSequence, fromTimeMs, signal });
  }
  const notices = follow(context, { stream, pattern, start: followStart(options), signal });
  return (async function* () {
    for await (const notice of notices) {
      if (notice.kind === 'Message') yield notice.raw;
    }
  })();
}

function followStart({ onlyNew, fromTimeMs, fromSequence = 1 }: ReadOptions): FollowStart {
  if (onlyNew === true) return { kind: 'New' };
  return fromTimeMs === undefined
    ? { kind: 'Sequence', sequence: fromSequence }
    : { kind: 'Time', atMs: fromTimeMs };
}

function replying(context: Context): Pick<Bus, 'send' | 'publishForReply'> {
  const { client } = context.connection;
  return {
    send: (message) => {
      const encoded = encodeHeaders(encodeMessage(message));
      const maxBytes = client.info?.max_payload ?? Infinity;
      const sizeBytes = encoded.length + message.event.data.length;
      if (sizeBytes > maxBytes) {
        const why = `the message has ${sizeBytes} bytes, and the server takes at most ${maxBytes}`;
        throw new ArgosyError('RESOURCE_EXHAUSTED', why);
      }
      if (client.isClosed()) throw new ArgosyError('UNAVAILABLE', 'the bus is closed');
      client.publish(message.subject, message.event.data, { headers: asClientHeaders(encoded) });
    },
    publishForReply: async (message, options) => {
      const replyTo = createInbox();
      const reply = waitForReply(message.subject, options);
      const subscription = client.subscribe(replyTo, {
        max: 1,
        callback: (error, answer) => {
          if (error !== null) return;
          reply.accept(decodeMessage(answer.subject, readHeaders(answer.headers), answer.data));
        },
      });
      try {
        await publish(context, { ...message, replyTo }, options);
        return await reply.promise;
      } finally {
        reply.stop();
        subscription.unsubscribe();
      }
    },
  };
}
