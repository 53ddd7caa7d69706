import type { Msg } from '@nats-io/nats-core';
import { ArgosyError } from '@argosy/base';
import { decodeMessage } from '../cloud-event-codec.ts';
import type { Headers } from '../cloud-event-codec.ts';
import type { StoredMessage } from '../types.ts';
import { readHeaders } from './headers.ts';

/** A message of a stream before its headers are understood. */
export interface RawMessage {
  readonly subject: string;
  readonly headers: Headers;
  readonly data: Uint8Array;
  readonly sequence: number;
  readonly storedAtMs: number;
  /** Where to ack; empty for a direct get. */
  readonly ackSubject: string;
  readonly deliveryCount: number;
  /**
   * Position in what this consumer was given, from 1: a gap means that messages were lost on the
   * way.
   */
  readonly deliverySequence: number;
  /** Messages for the same consumer that lie behind this one. */
  readonly pending: number;
}

const NANOSECONDS_PER_MS = 1_000_000;

/**
 * Reads what a consumer delivered. The reply subject says all about the delivery, and is one of
 * `$JS.ACK.<stream>.<consumer>.<count>.<seq>.<delivery seq>.<time>.<pending>` and
 * `$JS.ACK.<domain>.<account>.<stream>.<consumer>.<count>.<seq>.<delivery
 * seq>.<time>.<pending>[.<random>]`.
 */
export function rawFromDelivery(message: Msg): RawMessage {
  const tokens = (message.reply ?? '').split('.');
  const offset = tokens.length >= 11 ? 6 : 4;
  if (tokens[0] !== '$JS' || tokens.length < 9) {
    throw new ArgosyError('INTERNAL', `"${message.reply ?? ''}" is no reply subject of a consumer`);
  }
  const numberAt = (index: number): number => Number(tokens[offset + index]);
  return {
    subject: message.subject,
    headers: readHeaders(message.headers),
    data: message.data,
    ackSubject: message.reply ?? '',
    deliveryCount: numberAt(0),
    sequence: numberAt(1),
    deliverySequence: numberAt(2),
    storedAtMs: Math.floor(numberAt(3) / NANOSECONDS_PER_MS),
    pending: numberAt(4),
  };
}

/** Reads the answer to a direct get; headers of the server say where it lay. */
export function rawFromDirectGet(message: Msg): RawMessage {
  const headers = readHeaders(message.headers);
  return {
    subject: headers.get('Nats-Subject') ?? '',
    headers,
    data: message.data,
    ackSubject: '',
    deliveryCount: 1,
    sequence: Number(headers.get('Nats-Sequence')),
    deliverySequence: 0,
    storedAtMs: Math.floor(Date.parse(headers.get('Nats-Time-Stamp') ?? '')),
    pending: Number(headers.get('Nats-Num-Pending') ?? 0),
  };
}

/** The message with its event. */
export function storedFromRaw(raw: RawMessage): StoredMessage {
  return {
    ...decodeMessage(raw.subject, raw.headers, raw.data),
    sequence: raw.sequence,
    storedAtMs: raw.storedAtMs,
  };
}
