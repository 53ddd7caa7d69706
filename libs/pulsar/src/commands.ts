import { bytes, flag, message, nested, number, several, text, unsigned } from './wire.ts';
import type { Decoded, Fields, Message } from './wire.ts';

/** Where a stored entry is; one entry holds one message or a batch. */
export const MESSAGE_ID = message({
  ledgerId: unsigned(1),
  entryId: unsigned(2),
  partition: number(3),
  batchIndex: number(4),
});
export type EntryId = Decoded<typeof MESSAGE_ID>;

const PROPERTY = message({ key: text(1), value: text(2) });

/** Before the payload of an entry. */
export const MESSAGE_METADATA = message({
  producerName: text(1),
  sequenceId: unsigned(2),
  publishTimeMs: number(3),
  properties: several(nested(4, PROPERTY)),
  partitionKey: text(6),
  compression: number(8),
  uncompressedBytes: number(9),
  messagesInBatch: number(11),
  encryptionKeys: several(bytes(13)),
});
export type MessageMetadata = Decoded<typeof MESSAGE_METADATA>;

/** Before each message of a batch. */
export const SINGLE_METADATA = message({
  properties: several(nested(1, PROPERTY)),
  partitionKey: text(2),
  payloadBytes: number(3),
  isCompactedOut: flag(4),
});

const REQUEST = { requestId: number(1) };
const CLOSING = message({ id: number(1), requestId: number(2) });
const NOTHING = message({});

/** The commands that are spoken here. A command's number is also that of its field in the frame. */
const COMMANDS = {
  connect: command(
    2,
    message({
      clientVersion: text(1),
      authData: bytes(3),
      protocolVersion: number(4),
      authMethodName: text(5),
      proxyToBrokerUrl: text(6),
    }),
  ),
  connected: command(3, message({ serverVersion: text(1), messageBytesMax: number(3) })),
  subscribe: command(
    4,
    message({
      topic: text(1),
      subscription: text(2),
      type: number(3),
      consumerId: number(4),
      requestId: number(5),
      consumerName: text(6),
    }),
  ),
  producer: command(5, message({ topic: text(1), producerId: number(2), requestId: number(3) })),
  send: command(6, message({ producerId: number(1), sequenceId: number(2) })),
  sendReceipt: command(
    7,
    message({ producerId: number(1), sequenceId: number(2), messageId: nested(3, MESSAGE_ID) }),
  ),
  sendError: command(
    8,
    message({ producerId: number(1), sequenceId: number(2), error: number(3), message: text(4) }),
  ),
  message: command(9, message({ consumerId: number(1), messageId: nested(2, MESSAGE_ID) })),
  ack: command(
    10,
    message({ consumerId: number(1), type: number(2), messageId: nested(3, MESSAGE_ID) }),
  ),
  flow: command(11, message({ consumerId: number(1), permits: number(2) })),
  success: command(13, message(REQUEST)),
  error: command(14, message({ ...REQUEST, error: number(2), message: text(3) })),
  closeProducer: command(15, CLOSING),
  closeConsumer: command(16, CLOSING),
  producerSuccess: command(17, message({ ...REQUEST, producerName: text(2) })),
  ping: command(18, NOTHING),
  pong: command(19, NOTHING),
  partitions: command(21, message({ topic: text(1), requestId: number(2) })),
  partitionsAnswer: command(
    22,
    message({
      count: number(1),
      requestId: number(2),
      outcome: number(3),
      error: number(4),
      message: text(5),
    }),
  ),
  lookup: command(23, message({ topic: text(1), requestId: number(2), isAuthoritative: flag(3) })),
  lookupAnswer: command(
    24,
    message({
      url: text(1),
      tlsUrl: text(2),
      outcome: number(3),
      requestId: number(4),
      isAuthoritative: flag(5),
      error: number(6),
      message: text(7),
      isThroughProxy: flag(8),
    }),
  ),
};

type Commands = typeof COMMANDS;
type CommandName = keyof Commands;
type FieldsOf<Name extends CommandName> = Decoded<Commands[Name]['kind']>;

/** A command with its fields. */
export type Command = {
  readonly [Name in CommandName]: { readonly kind: Name; readonly fields: FieldsOf<Name> };
}[CommandName];

function command<Shape>(
  code: number,
  kind: Message<Shape>,
): { readonly code: number; readonly kind: Message<Shape> } {
  return { code, kind };
}

const TYPE = message({ type: number(1) });
const CODECS = COMMANDS as Record<CommandName, { code: number; kind: Message<object> }>;
const ENVELOPES = new Map(
  (Object.keys(COMMANDS) as CommandName[]).map((name) => {
    const { code, kind } = CODECS[name];
    return [code, { name, envelope: message({ type: number(1), body: nested(code, kind) }) }];
  }),
);

/** The bytes of a command's frame, without sizes. */
export function encodeCommand({ kind, fields }: Command): Uint8Array {
  const { code } = CODECS[kind];
  const body = fields as Fields<object>;
  return ENVELOPES.get(code)?.envelope.encode({ type: code, body }) ?? new Uint8Array();
}

/** Undefined: a command that is not spoken here. @throws when the bytes are no command */
export function decodeCommand(frame: Uint8Array): Command | undefined {
  const found = ENVELOPES.get(TYPE.decode(frame).type ?? 0);
  if (found === undefined) return undefined;
  const fields = found.envelope.decode(frame).body ?? {};
  return { kind: found.name, fields } as Command;
}
