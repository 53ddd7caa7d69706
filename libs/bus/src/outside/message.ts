import type { Msg } from '@nats-io/transport-node';

/** A message of a NATS server that belongs to somebody else. */
export interface OutsideMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** The values by name, as they were sent; undefined when there are none. */
  readonly headers: Readonly<Record<string, readonly string[]>> | undefined;
}

export function headersOf(message: {
  readonly headers?: Msg['headers'] | undefined;
}): OutsideMessage['headers'] {
  const { headers } = message;
  const names = headers?.keys() ?? [];
  if (headers === undefined || names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, headers.values(name)]));
}
