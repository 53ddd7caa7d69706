import { ArgosyError } from '@argosy/base';
import { encodeHeaderValue } from '../cloud-event-codec.ts';
import {
  MAX_PAYLOAD_BYTES_DEFAULT,
  PUBLISHES_IN_FLIGHT_MAX,
  PUBLISH_BYTES_IN_FLIGHT_MAX,
  PUBLISH_TIMEOUT_MS,
} from '../limits.ts';
import type { PublishReceipt } from '../types.ts';
import { fromApiError, isConflict, isHeldAlready } from './api-errors.ts';
import type { ApiError } from './api-errors.ts';
import type { Connection } from './connection.ts';
import { readLast } from './direct-get.ts';
import { createGate } from './gate.ts';
import { encodeHeaders } from './headers.ts';
import { isNoResponders, untilAvailable } from './requests.ts';
import type { Requests } from './requests.ts';

/** A message with everything on it, ready to be stored. */
export interface Outgoing {
  readonly subject: string;
  readonly headers: Map<string, string>;
  readonly data: Uint8Array;
  /** Makes it safe to send it again; always given. */
  readonly messageId: string;
  readonly expectedLastSubjectSequence?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Stores messages in streams, bounded in number and bytes, and over reconnects. */
export interface Publisher {
  store(outgoing: Outgoing): Promise<PublishReceipt>;
}

interface PublishAnswer {
  readonly error?: ApiError;
  readonly stream?: string;
  readonly seq?: number;
  readonly duplicate?: boolean;
}

interface StreamNames {
  readonly streams?: readonly string[] | null;
}

/** A publisher on a connection. */
export function createPublisher(connection: Connection, requests: Requests): Publisher {
  const gate = createGate({
    count: PUBLISHES_IN_FLIGHT_MAX,
    bytes: PUBLISH_BYTES_IN_FLIGHT_MAX,
  });
  return {
    store: async (outgoing) => {
      const encodedHeaders = encodeHeaders(withServerHeaders(outgoing));
      const sizeBytes = encodedHeaders.length + outgoing.data.length;
      refuseTooLarge(connection, outgoing.subject, sizeBytes);
      await gate.enter(sizeBytes, outgoing.signal);
      try {
        const attempts = {
          subject: outgoing.subject,
          timeoutMs: outgoing.timeoutMs ?? PUBLISH_TIMEOUT_MS,
          signal: outgoing.signal,
        };
        return await untilAvailable(connection, attempts, async (timeoutMs) => {
          const options = { encodedHeaders, timeoutMs };
          const message = await requests
            .once(outgoing.subject, outgoing.data, options)
            .catch(async (error: unknown) => explainSilence(requests, outgoing.subject, error));
          const answer = message.json<PublishAnswer>();
          if (answer.error === undefined) return receiptOf(answer, outgoing.subject);
          const held = await heldAlready({ connection, requests }, outgoing, answer.error);
          if (held !== undefined) return { sequence: held, duplicate: true };
          throw fromApiError(answer.error, outgoing.subject);
        });
      } finally {
        gate.leave(sizeBytes);
      }
    },
  };
}

function withServerHeaders(outgoing: Outgoing): Map<string, string> {
  const { headers, messageId, expectedLastSubjectSequence } = outgoing;
  headers.set('Nats-Msg-Id', encodeHeaderValue(messageId));
  if (expectedLastSubjectSequence !== undefined) {
    headers.set('Nats-Expected-Last-Subject-Sequence', String(expectedLastSubjectSequence));
  }
  return headers;
}

function refuseTooLarge(connection: Connection, subject: string, sizeBytes: number): void {
  const maxBytes = connection.client.info?.max_payload ?? MAX_PAYLOAD_BYTES_DEFAULT;
  if (sizeBytes <= maxBytes) return;
  throw new ArgosyError(
    'RESOURCE_EXHAUSTED',
    `the message on ${subject} has ${sizeBytes} bytes, and the server takes at most ${maxBytes}`,
  );
}

/**
 * Nobody answered: because no stream takes the subject, which waiting does not mend, or for now
 * only.
 */
async function explainSilence(requests: Requests, subject: string, error: unknown): Promise<never> {
  if (!isNoResponders(error)) throw error;
  const names = await requests.api<StreamNames>('STREAM.NAMES', { subject });
  if ((names.streams ?? []).length > 0) throw error;
  const message = `no stream takes messages on ${subject}; has the topology been applied?`;
  throw new ArgosyError('NOT_FOUND', message, { cause: error });
}

function receiptOf(answer: PublishAnswer, subject: string): PublishReceipt {
  if (answer.seq === undefined) {
    throw new ArgosyError('INTERNAL', `${subject}: the server answered without a sequence`);
  }
  return { sequence: answer.seq, duplicate: answer.duplicate === true };
}

/**
 * The sequence under which the stream has a refused message already. A work queue refuses a second
 * message on a subject; and the server compares the expected sequence before the message id, so
 * that a message which was stored, but whose answer was lost, conflicts with itself when it is
 * sent again.
 */
async function heldAlready(
  via: { readonly connection: Connection; readonly requests: Requests },
  outgoing: Outgoing,
  error: ApiError,
): Promise<number | undefined> {
  const isHeld = isHeldAlready(error);
  if (!isHeld && !isConflict(error)) return undefined;
  const { subject } = outgoing;
  const names = await via.requests.api<StreamNames>('STREAM.NAMES', { subject });
  const stream = names.streams?.[0];
  const last = stream === undefined ? undefined : await readLast(via, stream, subject);
  if (isHeld) return last?.sequence ?? 0;
  const isOurs = last?.headers.get('Nats-Msg-Id') === encodeHeaderValue(outgoing.messageId);
  return isOurs ? last?.sequence : undefined;
}
