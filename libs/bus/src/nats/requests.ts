import { createInbox } from '@nats-io/nats-core';
import type { Msg } from '@nats-io/nats-core';
import { ArgosyError } from '@argosy/base';
import { ATTEMPT_TIMEOUT_MS, RETRY_DELAY_MS, RETRY_DELAY_MS_MAX } from '../limits.ts';
import { fromApiError } from './api-errors.ts';
import type { ApiError } from './api-errors.ts';
import { pause } from './connection.ts';
import type { Connection } from './connection.ts';
import { asClientHeaders } from './headers.ts';

/**
 * Request and answer on one subscription. Unlike the client's own, a request fails at once when
 * the connection is lost, so that it can be sent again as soon as it is back, and it takes headers
 * that are encoded already.
 */
export interface Requests {
  /**
   * Sends once. @throws ArgosyError UNAVAILABLE: no answer in time, nobody listens, or the
   * connection was lost; the server may or may not have done it.
   */
  once(subject: string, data: Uint8Array, options?: RequestOptions): Promise<Msg>;
  /**
   * Asks JetStream's API and reads its JSON, again and again while it is unavailable.
   * @throws ArgosyError as the answer says; UNAVAILABLE when the time is over.
   */
  api<T>(subject: string, body: object | undefined, options?: ApiOptions): Promise<T>;
  /**
   * An address for any number of answers. `onLost` is called at most once, when the connection
   * goes; the address is dead then, and after `close`.
   */
  listen(onMessage: (message: Msg) => void, onLost: (error: ArgosyError) => void): Listening;
  close(): void;
}

export interface Listening {
  readonly replyTo: string;
  close(): void;
}

export interface RequestOptions {
  readonly encodedHeaders?: Uint8Array | undefined;
  readonly timeoutMs?: number;
}

export interface ApiOptions {
  /** All attempts together. Default 15 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const API_TIMEOUT_MS = 15_000;
const NO_RESPONDERS = 503;
const NO_DATA = new Uint8Array();

interface Listener {
  readonly onMessage: (message: Msg) => void;
  readonly onLost: (error: ArgosyError) => void;
}

/** Opens the subscription for the answers. */
export function openRequests(connection: Connection): Requests {
  const { client } = connection;
  const inbox = createInbox();
  const listeners = new Map<string, Listener>();
  let counter = 0;

  const subscription = client.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error !== null) return;
      listeners.get(message.subject.slice(inbox.length + 1))?.onMessage(message);
    },
  });
  const loseAll = (reason: string): void => {
    const lost = [...listeners.values()];
    listeners.clear();
    for (const listener of lost) listener.onLost(unavailable('the bus', reason));
  };
  const stop = connection.onStatus((status) => {
    if (status.kind === 'Disconnected') loseAll(status.reason);
  });
  const listen: Requests['listen'] = (onMessage, onLost) => {
    counter += 1;
    const token = counter.toString(36);
    listeners.set(token, { onMessage, onLost });
    return { replyTo: `${inbox}.${token}`, close: () => listeners.delete(token) };
  };
  const once: Requests['once'] = async (subject, data, options = {}) =>
    sendOnce({ client, listen }, { subject, data, options });
  return {
    once,
    listen,
    api: async (subject, body, options = {}) =>
      askApi(connection, once, { subject, body, options }),
    close: () => {
      stop();
      subscription.unsubscribe();
      loseAll('it is closed');
    },
  };
}

async function sendOnce(
  via: { readonly client: Connection['client']; readonly listen: Requests['listen'] },
  request: {
    readonly subject: string;
    readonly data: Uint8Array;
    readonly options: RequestOptions;
  },
): Promise<Msg> {
  const { subject, data, options } = request;
  const timeoutMs = options.timeoutMs ?? ATTEMPT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer);
      listening.close();
    };
    const fail = (error: ArgosyError): void => {
      finish();
      reject(error);
    };
    const timer = setTimeout(() => {
      fail(unavailable(subject, `no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    const listening = via.listen((message) => {
      if (isSilence(message)) {
        fail(unavailable(subject, 'nobody answers there', NO_RESPONDERS));
        return;
      }
      finish();
      resolve(message);
    }, fail);
    try {
      via.client.publish(subject, data, {
        reply: listening.replyTo,
        ...(options.encodedHeaders === undefined
          ? {}
          : { headers: asClientHeaders(options.encodedHeaders) }),
      });
    } catch (error) {
      fail(publishProblem(subject, error));
    }
  });
}

/** Whether it is the server's word that nobody listens on the subject of a request. */
export function isSilence(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === NO_RESPONDERS;
}

interface ApiCall {
  readonly subject: string;
  readonly body: object | undefined;
  readonly options: ApiOptions;
}

async function askApi<T>(
  connection: Connection,
  once: Requests['once'],
  call: ApiCall,
): Promise<T> {
  const { subject, body } = call;
  const data = body === undefined ? NO_DATA : Buffer.from(JSON.stringify(body), 'utf8');
  const attempts = { subject, timeoutMs: call.options.timeoutMs ?? API_TIMEOUT_MS };
  return untilAvailable(
    connection,
    { ...attempts, signal: call.options.signal },
    async (timeoutMs) => {
      const message = await once(`$JS.API.${subject}`, data, { timeoutMs });
      const answer = message.json<{ readonly error?: ApiError }>();
      if (answer.error !== undefined) throw fromApiError(answer.error, subject);
      return answer as T;
    },
  );
}

export interface Attempts {
  /** What is tried, for the message of the error. */
  readonly subject: string;
  /** All attempts together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Tries something again, with growing waits, while it fails with UNAVAILABLE; waits for the
 * connection first.
 * @throws ArgosyError UNAVAILABLE when the time is over, CANCELLED, and at once whatever else
 *   `attempt` throws.
 */
export async function untilAvailable<T>(
  connection: Connection,
  attempts: Attempts,
  attempt: (timeoutMs: number) => Promise<T>,
): Promise<T> {
  const { signal } = attempts;
  const giveUpAtMs = performance.now() + attempts.timeoutMs;
  let delayMs = RETRY_DELAY_MS;
  for (;;) {
    if (signal?.aborted === true) {
      throw new ArgosyError('CANCELLED', `${attempts.subject} was cancelled`);
    }
    const leftMs = Math.max(1, giveUpAtMs - performance.now());
    await connection.whenConnected(leftMs, signal);
    try {
      return await orAborted(attempt(Math.min(ATTEMPT_TIMEOUT_MS, leftMs)), attempts);
    } catch (thrown) {
      const error = ArgosyError.fromUnknown(thrown);
      const isOver = performance.now() + delayMs >= giveUpAtMs;
      if (error.code !== 'UNAVAILABLE' || error.retry === 'never' || isOver) throw error;
    }
    await pause(delayMs, signal);
    delayMs = Math.min(delayMs * 2, RETRY_DELAY_MS_MAX);
  }
}

/**
 * The outcome of an attempt, or CANCELLED at once when the signal is aborted; the attempt then
 * goes on unheard.
 */
async function orAborted<T>(attempt: Promise<T>, attempts: Attempts): Promise<T> {
  const { signal, subject } = attempts;
  if (signal === undefined) return attempt;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(new ArgosyError('CANCELLED', `${subject} was cancelled`));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    attempt.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}

/** Whether a request failed because nobody listens on its subject. */
export function isNoResponders(error: unknown): boolean {
  return error instanceof ArgosyError && error.cause === NO_RESPONDERS;
}

function unavailable(subject: string, why: string, status?: number): ArgosyError {
  const options = status === undefined ? {} : { cause: status };
  return new ArgosyError('UNAVAILABLE', `${subject}: ${why}`, options);
}

function publishProblem(subject: string, error: unknown): ArgosyError {
  const why = error instanceof Error ? error.message : String(error);
  const isClosed = error instanceof Error && error.name === 'ClosedConnectionError';
  if (isClosed) return new ArgosyError('UNAVAILABLE', `${subject}: ${why}`, { retry: 'never' });
  return new ArgosyError('INVALID_ARGUMENT', `${subject}: ${why}`, { cause: error });
}
