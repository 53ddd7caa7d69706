import { randomUUID } from 'node:crypto';
import { ArgosyError } from '@argosy/base';
import { RETRY_DELAY_MS, RETRY_DELAY_MS_MAX } from '../limits.ts';
import { pause } from './connection.ts';
import type { Connection } from './connection.ts';
import type { ConsumerInfo } from './consumers.ts';
import { openPull } from './pull.ts';
import type { Pull } from './pull.ts';
import { rawFromDelivery } from './raw-message.ts';
import type { RawMessage } from './raw-message.ts';
import type { Requests } from './requests.ts';

/** Where following begins. */
export type FollowStart =
  | { readonly kind: 'Sequence'; readonly sequence: number }
  | { readonly kind: 'Time'; readonly atMs: number }
  | { readonly kind: 'New' }
  | { readonly kind: 'LastPerSubject' };

export type FollowNotice =
  { readonly kind: 'Message'; readonly raw: RawMessage } | { readonly kind: 'CaughtUp' };

export interface FollowOptions {
  readonly stream: string;
  readonly pattern: string;
  readonly start: FollowStart;
  /** Leaves the data away. */
  readonly headersOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface FollowContext {
  readonly connection: Connection;
  readonly requests: Requests;
}

/** Messages that wait here for the reader; the rest waits on the server. */
const BUFFERED_MESSAGES_MAX = 256;
const NANOSECONDS_PER_MS = 1_000_000;
/** After this the server forgets the consumer of a follower that is gone. */
const INACTIVE_THRESHOLD_MS = 60_000;
const DELETE_TIMEOUT_MS = 1_000;

interface State {
  readonly context: FollowContext;
  readonly options: FollowOptions;
  readonly stopped: AbortController;
  readonly buffer: FollowNotice[];
  wake: () => void;
  pull: Pull | undefined;
  /**
   * The last sequence that was received, from which a new consumer goes on; undefined before the
   * first consumer.
   */
  lastSequence: number | undefined;
  deliverySequence: number;
  /** A consumer has been made once. */
  hasBegun: boolean;
  isCaughtUp: boolean;
  failure: ArgosyError | undefined;
}

/**
 * Follows a stream in order and without gaps, over reconnects and restarts of the server. Begins
 * at the call. Ends when the signal is aborted or the iteration is left; one of the two has to
 * happen.
 */
export function follow(
  context: FollowContext,
  options: FollowOptions,
): AsyncIterable<FollowNotice> {
  const state: State = {
    context,
    options,
    stopped: new AbortController(),
    buffer: [],
    wake: () => undefined,
    pull: undefined,
    lastSequence: undefined,
    deliverySequence: 0,
    hasBegun: false,
    isCaughtUp: false,
    failure: undefined,
  };
  const stop = (): void => {
    state.stopped.abort();
    state.wake();
  };
  if (options.signal?.aborted === true) stop();
  else options.signal?.addEventListener('abort', stop, { once: true });
  void run(state);
  return { [Symbol.asyncIterator]: () => iterate(state, stop) };
}

async function* iterate(state: State, stop: () => void): AsyncGenerator<FollowNotice> {
  try {
    for (;;) {
      const notice = state.buffer.shift();
      if (notice !== undefined) {
        state.pull?.topUp();
        yield notice;
        continue;
      }
      if (state.failure !== undefined) throw state.failure;
      if (state.stopped.signal.aborted) return;
      await new Promise<void>((resolve) => {
        state.wake = resolve;
      });
    }
  } finally {
    state.options.signal?.removeEventListener('abort', stop);
    stop();
  }
}

async function run(state: State): Promise<void> {
  const { signal } = state.stopped;
  let delayMs = RETRY_DELAY_MS;
  while (!signal.aborted) {
    const consumer = `follow-${randomUUID()}`;
    try {
      const info = await createFollower(state, consumer);
      begin(state, info);
      delayMs = RETRY_DELAY_MS;
      await pullUntilLost(state, consumer);
    } catch (thrown) {
      const error = ArgosyError.fromUnknown(thrown);
      if (isFinal(state, error) && !signal.aborted) {
        state.failure = error;
        state.wake();
        return;
      }
    }
    void removeFollower(state, consumer);
    await pause(delayMs, signal);
    delayMs = Math.min(delayMs * 2, RETRY_DELAY_MS_MAX);
  }
}

/**
 * At first a missing stream is an error of the caller; later it may come back. A closed bus does
 * not.
 */
function isFinal(state: State, error: ArgosyError): boolean {
  if (error.code === 'UNAVAILABLE') return error.retry === 'never';
  return !state.hasBegun;
}

async function createFollower(state: State, name: string): Promise<ConsumerInfo> {
  const { options, context } = state;
  const config = {
    name,
    ack_policy: 'none',
    replay_policy: 'instant',
    filter_subjects: [options.pattern],
    inactive_threshold: INACTIVE_THRESHOLD_MS * NANOSECONDS_PER_MS,
    mem_storage: true,
    num_replicas: 1,
    headers_only: options.headersOnly === true,
    ...startConfig(options.start, state.lastSequence),
  };
  const body = { stream_name: options.stream, config };
  return context.requests.api<ConsumerInfo>(`CONSUMER.CREATE.${options.stream}.${name}`, body, {
    signal: state.stopped.signal,
  });
}

function startConfig(start: FollowStart, lastSequence: number | undefined): object {
  if (lastSequence !== undefined) {
    return { deliver_policy: 'by_start_sequence', opt_start_seq: lastSequence + 1 };
  }
  if (start.kind === 'New') return { deliver_policy: 'new' };
  if (start.kind === 'LastPerSubject') return { deliver_policy: 'last_per_subject' };
  if (start.kind === 'Time') {
    const startTime = new Date(start.atMs).toISOString();
    return { deliver_policy: 'by_start_time', opt_start_time: startTime };
  }
  return { deliver_policy: 'by_start_sequence', opt_start_seq: Math.max(1, start.sequence) };
}

function begin(state: State, info: ConsumerInfo): void {
  state.deliverySequence = 0;
  state.hasBegun = true;
  if (state.lastSequence === undefined) {
    // A consumer of what is new begins after what was there when it was made.
    const isNew = state.options.start.kind === 'New';
    if (isNew) state.lastSequence = info.delivered.stream_seq;
  }
  if (info.num_pending === 0) catchUp(state);
}

function catchUp(state: State): void {
  if (state.isCaughtUp) return;
  state.isCaughtUp = true;
  state.buffer.push({ kind: 'CaughtUp' });
  state.wake();
}

async function pullUntilLost(state: State, consumer: string): Promise<void> {
  const { signal } = state.stopped;
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      signal.removeEventListener('abort', finish);
      stopListening();
      state.pull?.close();
      state.pull = undefined;
      resolve();
    };
    const stopListening = state.context.connection.onStatus((status) => {
      if (status.kind === 'Disconnected') finish();
    });
    signal.addEventListener('abort', finish, { once: true });
    state.pull = openPull(state.context.connection, {
      stream: state.options.stream,
      consumer,
      free: () => BUFFERED_MESSAGES_MAX - state.buffer.length,
      onMessage: (message) => {
        const raw = rawFromDelivery(message);
        if (accept(state, raw)) return;
        // Messages were lost on the way; a new consumer brings them.
        finish();
      },
      onDry: () => {
        catchUp(state);
      },
      onProblem: finish,
    });
    if (signal.aborted) finish();
  });
}

function accept(state: State, raw: RawMessage): boolean {
  if (raw.deliverySequence !== state.deliverySequence + 1) return false;
  state.deliverySequence = raw.deliverySequence;
  state.lastSequence = raw.sequence;
  state.buffer.push({ kind: 'Message', raw });
  if (raw.pending === 0) catchUp(state);
  state.wake();
  return true;
}

async function removeFollower(state: State, name: string): Promise<void> {
  const { connection, requests } = state.context;
  if (connection.status.kind === 'Disconnected') return;
  const options = { timeoutMs: DELETE_TIMEOUT_MS };
  // If this fails, the server forgets the consumer by itself after a while.
  await requests
    .api(`CONSUMER.DELETE.${state.options.stream}.${name}`, undefined, options)
    .catch(() => undefined);
}
