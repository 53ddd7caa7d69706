import type { MsgHdrs } from '@nats-io/nats-core';
import type { Headers } from '../cloud-event-codec.ts';

const VERSION_LINE = 'NATS/1.0\r\n';

/**
 * The header block of a message, encoded once: its size is needed before it is sent, and the same
 * bytes are sent again by a retry. Values are percent-encoded before, so none holds a line break.
 */
export function encodeHeaders(headers: Headers): Uint8Array {
  let text = VERSION_LINE;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return Buffer.from(`${text}\r\n`, 'utf8');
}

/**
 * Dresses encoded headers as what the client takes; of those it calls `encode` only when it
 * publishes.
 */
export function asClientHeaders(encoded: Uint8Array): MsgHdrs {
  return { encode: () => encoded } as unknown as MsgHdrs;
}

/** The headers of a message that came in, each with its first value. */
export function readHeaders(headers: MsgHdrs | undefined): Map<string, string> {
  const read = new Map<string, string>();
  for (const [name, values] of headers ?? []) read.set(name, values[0] ?? '');
  return read;
}
