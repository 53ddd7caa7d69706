import type { Msg } from '@nats-io/nats-core';
import { ArgosyError } from '@argosy/base';
import type { Connection } from './connection.ts';
import { rawFromDirectGet } from './raw-message.ts';
import type { RawMessage } from './raw-message.ts';
import { isNoResponders, isSilence, untilAvailable } from './requests.ts';
import type { Requests } from './requests.ts';

/** How much one request for stored messages may bring. */
const BATCH_MESSAGES_MAX = 1_000;
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
const READ_TIMEOUT_MS = 30_000;
const NOT_FOUND = 404;
const END_OF_BATCH = 204;
const NO_DATA = new Uint8Array();

export interface DirectGetContext {
  readonly connection: Connection;
  readonly requests: Requests;
}

export interface ReadRange {
  readonly stream: string;
  readonly pattern: string;
  readonly fromSequence: number;
  /** Where the first batch begins instead. */
  readonly fromTimeMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The messages that a stream holds now, in order. Asked for directly, in large batches: no
 * consumer is made, so a short subject costs one round trip.
 * @throws ArgosyError NOT_FOUND when there is no such stream; UNAVAILABLE, CANCELLED.
 */
export async function* readStored(
  context: DirectGetContext,
  range: ReadRange,
): AsyncGenerator<RawMessage> {
  let { fromSequence, fromTimeMs } = range;
  let left: number | undefined;
  for (;;) {
    const batch = await readBatch(context, { ...range, fromSequence, fromTimeMs });
    // Later messages than those that were there at the first answer belong to another read.
    left ??= (batch.messages[0]?.pending ?? -1) + 1;
    for (const raw of batch.messages) {
      if (left <= 0) return;
      left -= 1;
      fromSequence = raw.sequence + 1;
      fromTimeMs = undefined;
      yield raw;
    }
    if (left <= 0 || batch.messages.length === 0) return;
  }
}

/** The last message on a subject. */
export async function readLast(
  context: DirectGetContext,
  stream: string,
  subject: string,
): Promise<RawMessage | undefined> {
  const attempts = { subject: `${stream}: ${subject}`, timeoutMs: READ_TIMEOUT_MS };
  return untilAvailable(context.connection, attempts, async (timeoutMs) => {
    const request = `$JS.API.DIRECT.GET.${stream}.${subject}`;
    const message = await context.requests
      .once(request, NO_DATA, { timeoutMs })
      .catch(async (error: unknown) => explainSilence(context.requests, stream, error));
    const status = message.headers?.code ?? 0;
    if (status === NOT_FOUND) return undefined;
    if (status !== 0) throw statusProblem(message, stream);
    return rawFromDirectGet(message);
  });
}

interface Batch {
  readonly messages: readonly RawMessage[];
}

async function readBatch(context: DirectGetContext, range: ReadRange): Promise<Batch> {
  const attempts = {
    subject: `reading ${range.stream}: ${range.pattern}`,
    timeoutMs: READ_TIMEOUT_MS,
    signal: range.signal,
  };
  return untilAvailable(context.connection, attempts, async (timeoutMs) =>
    requestBatch(context, range, timeoutMs).catch(async (error: unknown) =>
      explainSilence(context.requests, range.stream, error),
    ),
  );
}

async function requestBatch(
  context: DirectGetContext,
  range: ReadRange,
  timeoutMs: number,
): Promise<Batch> {
  const { requests, connection } = context;
  const messages: RawMessage[] = [];
  return new Promise((resolve, reject) => {
    const finish = (error?: ArgosyError): void => {
      clearTimeout(timer);
      listening.close();
      if (error === undefined) resolve({ messages });
      else reject(error);
    };
    const timer = setTimeout(() => {
      finish(new ArgosyError('UNAVAILABLE', `${range.stream}: no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    const listening = requests.listen((message) => {
      // Silence is what times out, not a long answer.
      timer.refresh();
      const status = message.headers?.code ?? 0;
      if (status === 0) messages.push(rawFromDirectGet(message));
      else if (status === END_OF_BATCH || status === NOT_FOUND) finish();
      else finish(statusProblem(message, range.stream));
    }, finish);
    const { fromSequence, fromTimeMs } = range;
    const start =
      fromTimeMs === undefined
        ? { seq: Math.max(1, fromSequence) }
        : { start_time: new Date(fromTimeMs).toISOString() };
    const request = {
      ...start,
      next_by_subj: range.pattern,
      batch: BATCH_MESSAGES_MAX,
      max_bytes: BATCH_BYTES_MAX,
    };
    connection.client.publish(`$JS.API.DIRECT.GET.${range.stream}`, JSON.stringify(request), {
      reply: listening.replyTo,
    });
  });
}

function statusProblem(message: Msg, stream: string): ArgosyError {
  const why = message.headers?.description ?? 'unknown';
  if (isSilence(message)) {
    return new ArgosyError('UNAVAILABLE', `${stream}: nobody answers`, { cause: 503 });
  }
  return new ArgosyError('INTERNAL', `${stream} cannot be read: ${why}`);
}

/** Nobody answered a direct get: because the stream does not exist, or for now only. */
async function explainSilence(requests: Requests, stream: string, error: unknown): Promise<never> {
  if (isNoResponders(error)) await requests.api(`STREAM.INFO.${stream}`, undefined);
  throw error;
}
