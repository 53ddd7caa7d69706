import type { CloudEvent } from '@argosy/api';

/** A CloudEvent with what the bus adds to it. */
export interface BusMessage {
  readonly subject: string;
  readonly event: CloudEvent;
  /** W3C trace context of the sender. */
  readonly traceparent?: string;
  /** Where the receiver may send an answer (core NATS inbox). */
  readonly replyTo?: string;
}

/** A message as it lies in a stream. */
export interface StoredMessage extends BusMessage {
  /** Position in the stream, from 1. */
  readonly sequence: number;
  readonly storedAtMs: number;
}

export interface PublishOptions {
  /** De-duplication key; default `<source>|<id>` of the event. */
  readonly messageId?: string;
  /**
   * The sequence that the last message on this very subject must have (0 = none yet);
   * otherwise ArgosyError CONFLICT. Fences a stale owner.
   */
  readonly expectedLastSubjectSequence?: number;
  readonly signal?: AbortSignal;
}

export interface PublishReceipt {
  readonly sequence: number;
  /**
   * True when the stream had the message already; then nothing was stored. Also true for a work
   * queue that still holds a message of that subject, and when the first attempt was stored but
   * its answer was lost.
   */
  readonly duplicate: boolean;
}

export interface ConsumerSpec {
  readonly stream: string;
  /** Durable name, shared by all replicas that share the work. */
  readonly durable: string;
  readonly filterSubjects: readonly string[];
  /** Where a consumer that did not exist yet begins. Default `all`. */
  readonly deliver?: 'all' | 'new';
  /**
   * With `new`: a consumer that did not exist yet begins with what was stored from then on. Unix
   * milliseconds.
   */
  readonly newSinceMs?: number;
  /** Redelivery when neither acked nor extended for this long. Default 30_000. */
  readonly ackWaitMs?: number;
  /** Most messages that are delivered but not acked (back-pressure). Default 1_000. */
  readonly maxAckPending?: number;
  /** Most deliveries of one message; then it is dropped and reported. Default unlimited. */
  readonly maxDeliver?: number;
}

export interface AckOptions {
  /**
   * False: the server is told and not asked, at half the cost; when that is lost the message is delivered again.
   * Default true.
   */
  readonly isConfirmed?: boolean;
}

/** One delivery of a message to a consumer. Exactly one of ack, retry, drop is to be called. */
export interface Delivery extends StoredMessage {
  /** 1 for the first delivery. */
  readonly deliveryCount: number;
  /** Done; when the promise resolves the server has confirmed it, unless that was not asked for. */
  ack(options?: AckOptions): Promise<void>;
  /** Deliver again after the delay. */
  retry(delayMs: number): void;
  /** Never deliver again; the reason is logged. */
  drop(reason: string): void;
  /** Heartbeat: restarts the ack wait. */
  extend(): void;
}

export interface ConsumeOptions {
  /** Most messages handed over at once. Default 1. */
  readonly batchSize?: number;
  /**
   * Handlers at work at the same time; a further message waits on the server. Default 1: strict
   * order.
   */
  readonly concurrency?: number;
  /** Told why nothing comes when the consumer or its stream is lost, and undefined when it is back. */
  readonly onTrouble?: (reason: string | undefined) => void;
  readonly signal: AbortSignal;
}

/**
 * Handles deliveries in stream order. A throw makes every message of the batch that is not settled
 * be retried with back-off.
 */
export type BatchHandler = (batch: readonly Delivery[]) => Promise<void>;

export interface ReadOptions {
  /** First sequence to read; default from the beginning. */
  readonly fromSequence?: number;
  /** Only messages stored at this time or later, Unix milliseconds; not together with `fromSequence`. */
  readonly fromTimeMs?: number;
  /**
   * Stay and yield new messages as they come; default false: end at the last message stored at the
   * call.
   */
  readonly follow?: boolean;
  /** Only messages that come after the call (with follow). */
  readonly onlyNew?: boolean;
  readonly signal?: AbortSignal;
}

export interface KeyValueEntry {
  readonly key: string;
  /** Undefined when the key was deleted. */
  readonly value: Uint8Array | undefined;
  readonly revision: number;
}

/** Watch notices: the entries, and once a mark that all that existed at the start was seen. */
export type KeyValueNotice =
  { readonly kind: 'Entry'; readonly entry: KeyValueEntry } | { readonly kind: 'CaughtUp' };

export interface KeyValueWriteOptions {
  /**
   * The entry vanishes after this time (whole seconds, rounded up, at least 1 s); bucket `leases`
   * only.
   */
  readonly ttlMs?: number;
  readonly signal?: AbortSignal;
}

export interface KeyValueBucket {
  get(key: string): Promise<KeyValueEntry | undefined>;
  /** @throws ArgosyError ALREADY_EXISTS */
  create(key: string, value: Uint8Array, options?: KeyValueWriteOptions): Promise<number>;
  put(key: string, value: Uint8Array, options?: KeyValueWriteOptions): Promise<number>;
  /** Compare and set. @throws ArgosyError CONFLICT */
  update(
    key: string,
    value: Uint8Array,
    revision: number,
    options?: KeyValueWriteOptions,
  ): Promise<number>;
  delete(key: string, revision?: number): Promise<void>;
  /** Keys that match a pattern with `*` and `>`; default all. */
  keys(pattern?: string): Promise<readonly string[]>;
  watch(pattern: string, signal: AbortSignal): AsyncIterable<KeyValueNotice>;
}

export interface ObjectStore {
  put(name: string, content: AsyncIterable<Uint8Array>): Promise<{ readonly size: number }>;
  get(name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  delete(name: string): Promise<void>;
  /** Names that begin with a text, in order. The cost grows with all objects of the store. */
  list(prefix: string): Promise<readonly string[]>;
}

export type BusStatus =
  { readonly kind: 'Connected' } | { readonly kind: 'Disconnected'; readonly reason: string };

/**
 * The bus: streams, key-value buckets, object stores, request and reply. Every method throws
 * ArgosyError only: UNAVAILABLE when the server does not answer in time, CONFLICT, ALREADY_EXISTS,
 * NOT_FOUND, RESOURCE_EXHAUSTED.
 */
export interface Bus extends AsyncDisposable {
  /**
   * Stores a message; resolves when the stream has it. Retried across reconnects under the same
   * message id.
   */
  publish(message: BusMessage, options?: PublishOptions): Promise<PublishReceipt>;
  /**
   * Work-sharing, at-least-once consumption. Resolves when the signal is aborted and handlers have
   * ended.
   */
  consume(spec: ConsumerSpec, handler: BatchHandler, options: ConsumeOptions): Promise<void>;
  /** Makes sure that the durable consumer exists, so that messages are kept for it from now on. */
  ensureConsumer(spec: ConsumerSpec): Promise<void>;
  deleteConsumer(stream: string, durable: string): Promise<void>;
  /** Reads stored messages in order, without acknowledgement. */
  read(stream: string, subject: string, options?: ReadOptions): AsyncIterable<StoredMessage>;
  /** The last message on a subject. */
  last(stream: string, subject: string): Promise<StoredMessage | undefined>;
  /** Removes all messages on a subject; with `beforeSequence` only those with a smaller sequence. */
  purge(
    stream: string,
    subject: string,
    options?: { readonly beforeSequence?: number },
  ): Promise<void>;
  /** Sends without storing (answers to `replyTo`). */
  send(message: BusMessage): void;
  /**
   * Publishes to a stream with a reply inbox and waits for the answer. @throws ArgosyError
   * DEADLINE_EXCEEDED
   */
  publishForReply(
    message: BusMessage,
    options: PublishOptions & { readonly timeoutMs: number },
  ): Promise<BusMessage>;
  keyValue(bucket: string): Promise<KeyValueBucket>;
  objectStore(name: string): Promise<ObjectStore>;
  readonly status: BusStatus;
  /** Changes of status, for readiness and one log line a change. */
  onStatus(listener: (status: BusStatus) => void): () => void;
}
