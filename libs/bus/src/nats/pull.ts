import { createInbox } from '@nats-io/nats-core';
import type { Msg, Subscription } from '@nats-io/nats-core';
import type { Connection } from './connection.ts';

/** Why pulling stopped being possible. `Lost`: the consumer or its stream is gone, or may be. */
export type PullProblem = { readonly kind: 'Lost'; readonly reason: string };

export interface PullOptions {
  readonly stream: string;
  readonly consumer: string;
  /** How many messages can be taken now, those asked for already not counted. */
  readonly free: () => number;
  readonly onMessage: (message: Msg) => void;
  /** Everything that lay there has been delivered (a request ran out unanswered). */
  readonly onDry?: () => void;
  /** Called at most once; then nothing more comes, and the caller opens another. */
  readonly onProblem: (problem: PullProblem) => void;
}

/**
 * Keeps a request for messages outstanding at a consumer, so that a message is on its way the
 * moment it is stored, and never asks for more than can be taken: what is not asked for waits on
 * the server, for any replica.
 */
export interface Pull {
  /** To be called when `free` has grown. */
  topUp(): void;
  close(): void;
}

const REQUEST_EXPIRES_MS = 30_000;
/** The server shows with one that a request is still waiting. */
const HEARTBEAT_MS = 5_000;
/** Two heartbeats and something for the way. */
const SILENCE_MS_MAX = 12_000;
const BUSY_DELAY_MS = 100;
const NANOSECONDS_PER_MS = 1_000_000;

interface State {
  readonly options: PullOptions;
  readonly connection: Connection;
  readonly inbox: string;
  /** How many messages each outstanding request still waits for, oldest first. */
  readonly outstanding: Map<string, number>;
  subscription: Subscription | undefined;
  watchdog: NodeJS.Timeout | undefined;
  busy: NodeJS.Timeout | undefined;
  counter: number;
  lastHeardMs: number;
  isClosed: boolean;
}

/** Begins pulling. */
export function openPull(connection: Connection, options: PullOptions): Pull {
  const state: State = {
    options,
    connection,
    inbox: createInbox(),
    outstanding: new Map(),
    subscription: undefined,
    watchdog: undefined,
    busy: undefined,
    counter: 0,
    lastHeardMs: performance.now(),
    isClosed: false,
  };
  state.subscription = connection.client.subscribe(`${state.inbox}.*`, {
    callback: (error, message) => {
      if (error !== null) fail(state, error.message);
      else receive(state, message);
    },
  });
  state.watchdog = setInterval(() => {
    const silentMs = performance.now() - state.lastHeardMs;
    if (state.outstanding.size > 0 && silentMs > SILENCE_MS_MAX) fail(state, 'nothing was heard');
  }, HEARTBEAT_MS);
  topUp(state);
  return {
    topUp: () => {
      topUp(state);
    },
    close: () => {
      close(state);
    },
  };
}

function topUp(state: State): void {
  if (state.isClosed || state.busy !== undefined) return;
  let asked = 0;
  for (const count of state.outstanding.values()) asked += count;
  const wanted = state.options.free() - asked;
  // Few large requests rather than many of one message each; but never none while there is room.
  if (wanted <= 0 || (asked > 0 && wanted < asked)) return;
  state.counter += 1;
  const id = state.counter.toString(36);
  if (state.outstanding.size === 0) state.lastHeardMs = performance.now();
  state.outstanding.set(id, wanted);
  const { stream, consumer } = state.options;
  const request = {
    batch: wanted,
    expires: REQUEST_EXPIRES_MS * NANOSECONDS_PER_MS,
    idle_heartbeat: HEARTBEAT_MS * NANOSECONDS_PER_MS,
  };
  try {
    state.connection.client.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
      JSON.stringify(request),
      { reply: `${state.inbox}.${id}` },
    );
  } catch (error) {
    fail(state, error instanceof Error ? error.message : String(error));
  }
}

function receive(state: State, message: Msg): void {
  if (state.isClosed) return;
  state.lastHeardMs = performance.now();
  const isAboutRequest = message.subject.startsWith(state.inbox);
  if (!isAboutRequest) {
    countDown(state);
    state.options.onMessage(message);
    topUp(state);
    return;
  }
  const id = message.subject.slice(state.inbox.length + 1);
  receiveStatus(state, id, {
    code: message.headers?.code ?? 0,
    text: (message.headers?.description ?? '').toLowerCase(),
  });
}

/** Requests are served in the order in which they were made. */
function countDown(state: State): void {
  for (const [id, count] of state.outstanding) {
    if (count > 1) state.outstanding.set(id, count - 1);
    else state.outstanding.delete(id);
    return;
  }
}

const HEARTBEAT = 100;
const NOT_FOUND = 404;
const EXPIRED = 408;
const CONFLICT = 409;
const NO_RESPONDERS = 503;

function receiveStatus(
  state: State,
  id: string,
  status: { readonly code: number; readonly text: string },
): void {
  if (status.code === HEARTBEAT) return;
  state.outstanding.delete(id);
  if (status.code === EXPIRED || status.code === NOT_FOUND) {
    state.options.onDry?.();
    topUp(state);
    return;
  }
  const isGone = status.text.includes('deleted') || status.code === NO_RESPONDERS;
  if (isGone || status.code !== CONFLICT) {
    fail(state, status.code === NO_RESPONDERS ? 'the consumer does not exist' : status.text);
    return;
  }
  // The server is busy, shuts down or changes its leader: the same request is good again in a
  // moment.
  state.busy = setTimeout(() => {
    state.busy = undefined;
    topUp(state);
  }, BUSY_DELAY_MS);
}

function fail(state: State, reason: string): void {
  if (state.isClosed) return;
  close(state);
  state.options.onProblem({ kind: 'Lost', reason });
}

function close(state: State): void {
  state.isClosed = true;
  clearInterval(state.watchdog);
  clearTimeout(state.busy);
  state.subscription?.unsubscribe();
}
