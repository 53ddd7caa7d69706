/** What nsqd sends. Each frame: its size, its type, its data. */
export type NsqFrame =
  | { readonly kind: 'Response'; readonly text: string }
  | { readonly kind: 'Error'; readonly text: string }
  | { readonly kind: 'Message'; readonly message: NsqMessage };

export interface NsqMessage {
  /** 16 characters; the same when the message comes again. */
  readonly id: string;
  /** When nsqd got it, nanoseconds since 1970. */
  readonly timestampNs: bigint;
  readonly body: Buffer;
}

const FRAME_BYTES_MAX = 64 * 1_048_576;
const KINDS = ['Response', 'Error', 'Message'] as const;
const ID_AT = 10;
const BODY_AT = 26;

/**
 * Makes frames of the chunks of a connection.
 * @returns takes a chunk. @throws Error when it is not nsqd that speaks.
 */
export function createFrameReader(onFrame: (frame: NsqFrame) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const size = rest.readUInt32BE(0);
      if (size < 4 || size > FRAME_BYTES_MAX) throw new Error('the server does not speak as nsqd');
      if (rest.length < 4 + size) return;
      const data = rest.subarray(8, 4 + size);
      const frame = frameOf(rest.readInt32BE(4), data);
      rest = rest.subarray(4 + size);
      onFrame(frame);
    }
  };
}

function frameOf(type: number, data: Buffer): NsqFrame {
  const kind = KINDS[type];
  if (kind === undefined || (kind === 'Message' && data.length < BODY_AT)) {
    throw new Error('the server does not speak as nsqd');
  }
  if (kind !== 'Message') return { kind, text: data.toString() };
  return {
    kind,
    message: {
      timestampNs: data.readBigUInt64BE(0),
      id: data.toString('latin1', ID_AT, BODY_AT),
      body: data.subarray(BODY_AT),
    },
  };
}

/** A command with a body, whose size stands before it. */
export function commandWithBody(line: string, body: string): Buffer {
  const bytes = Buffer.from(body);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([Buffer.from(`${line}\n`), size, bytes]);
}
