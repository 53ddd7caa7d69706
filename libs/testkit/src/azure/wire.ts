import rhea, { type Message } from 'rhea';
import { LOCK_MS } from './answers.ts';
import { offsetOf, type AzureMessage, type StoredMessage } from './entities.ts';

/** Of a delivery whose data sections are messages of their own. */
const BATCH_FORMAT = 0x80013700;

/** A message as the service hands it out. */
export function outgoing(stored: StoredMessage): Message {
  const { message, sequence, atMs } = stored;
  const { messageId, subject, contentType, partitionKey, applicationProperties } = message;
  return {
    body: rhea.message.data_section(Buffer.from(message.body)),
    ...(messageId === undefined ? {} : { message_id: messageId }),
    ...(subject === undefined ? {} : { subject }),
    ...(contentType === undefined ? {} : { content_type: contentType }),
    application_properties: { ...applicationProperties },
    message_annotations: {
      'x-opt-sequence-number': rhea.types.wrap_long(sequence),
      'x-opt-enqueued-time': rhea.types.wrap_timestamp(atMs),
      'x-opt-locked-until': rhea.types.wrap_timestamp(Date.now() + LOCK_MS),
      'x-opt-offset': String(offsetOf(stored)),
      ...(partitionKey === undefined ? {} : { 'x-opt-partition-key': partitionKey }),
    },
  };
}

/** The messages of a delivery that a client sent. */
export function incoming(message: Message, format: number | undefined): readonly AzureMessage[] {
  if (format !== BATCH_FORMAT) return [plain(message)];
  // The library leaves what is in a format of somebody's own undecoded.
  const batch = decoded(message as unknown as Buffer);
  return dataOf(batch.body).map((bytes) => plain(decoded(bytes)));
}

function decoded(bytes: Buffer): Message {
  return rhea.message.decode(bytes) as unknown as Message;
}

function plain(message: Message): AzureMessage {
  const { message_id, content_type, application_properties } = message;
  return {
    body: Buffer.concat(dataOf(message.body)).toString(),
    ...(message_id === undefined ? {} : { messageId: String(message_id) }),
    ...(content_type === undefined ? {} : { contentType: content_type }),
    ...(application_properties === undefined
      ? {}
      : { applicationProperties: application_properties }),
  };
}

function dataOf(body: unknown): readonly Buffer[] {
  const { content } = (body ?? {}) as { readonly content?: Buffer | readonly Buffer[] };
  if (content === undefined) return [];
  return Buffer.isBuffer(content) ? [content] : content;
}
