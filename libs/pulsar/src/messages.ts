import { constants, inflateSync, zstdDecompressSync } from 'node:zlib';
import { err, ok, type Result } from '@argosy/base';
import { SINGLE_METADATA, type MessageMetadata } from './commands.ts';
import type { Entry } from './frame.ts';

/** One message of a topic. */
export interface PulsarMessage {
  /** Its place within a batch; -1 when it came alone. */
  readonly batchIndex: number;
  /** Empty: it has none. */
  readonly key: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly publishTimeMs: number;
  readonly payload: Uint8Array;
}

const ZLIB = 2;
const ZSTD = 3;
const COMPRESSIONS: Readonly<Record<number, string>> = { 1: 'LZ4', 4: 'SNAPPY' };
/** Largest entry after decompression. */
const ENTRY_BYTES_MAX = 128 * 1_048_576;
const SIZE_BYTES = 4;

/** The messages of an entry, in their order. The error is a sentence: the entry cannot be read here. */
export function messagesOf({ metadata, payload }: Entry): Result<readonly PulsarMessage[], string> {
  if (metadata.encryptionKeys !== undefined) {
    return err('it is encrypted, which is not supported here; send without encryption');
  }
  const plain = decompressed(payload, metadata.compression ?? 0);
  if (!plain.ok) return plain;
  const isWhole = plain.value === payload || plain.value.length === metadata.uncompressedBytes;
  if (!isWhole) return err('it cannot be decompressed: its size is another one');
  const common = { publishTimeMs: metadata.publishTimeMs ?? 0 };
  if (metadata.messagesInBatch !== undefined) {
    return batchMessages(plain.value, metadata.messagesInBatch, common);
  }
  const key = metadata.partitionKey ?? '';
  const properties = propertiesOf(metadata);
  return ok([{ ...common, batchIndex: -1, key, properties, payload: plain.value }]);
}

function decompressed(payload: Uint8Array, compression: number): Result<Uint8Array, string> {
  const limits = { maxOutputLength: ENTRY_BYTES_MAX };
  // Pulsar's own client leaves the end of the stream out; the size tells whether all is there.
  const endless = { ...limits, finishFlush: constants.Z_SYNC_FLUSH };
  try {
    if (compression === 0) return ok(payload);
    if (compression === ZLIB) return ok(inflateSync(payload, endless));
    if (compression === ZSTD) return ok(zstdDecompressSync(payload, limits));
  } catch (error) {
    return err(`it cannot be decompressed: ${error instanceof Error ? error.message : ''}`);
  }
  const name = COMPRESSIONS[compression] ?? String(compression);
  return err(`its compression ${name} is not supported here; send with ZLIB, ZSTD or none`);
}

function batchMessages(
  batch: Uint8Array,
  count: number,
  common: Pick<PulsarMessage, 'publishTimeMs'>,
): Result<readonly PulsarMessage[], string> {
  const messages: PulsarMessage[] = [];
  const view = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  let at = 0;
  for (let batchIndex = 0; batchIndex < count; batchIndex += 1) {
    if (at + SIZE_BYTES > view.length) return err('its batch is cut off');
    const payloadFrom = at + SIZE_BYTES + view.readUInt32BE(at);
    const single = SINGLE_METADATA.decode(view.subarray(at + SIZE_BYTES, payloadFrom));
    at = payloadFrom + (single.payloadBytes ?? 0);
    if (at > view.length) return err('its batch is cut off');
    if (single.isCompactedOut === true) continue;
    messages.push({
      ...common,
      batchIndex,
      key: single.partitionKey ?? '',
      properties: propertiesOf(single),
      payload: view.subarray(payloadFrom, at),
    });
  }
  return ok(messages);
}

function propertiesOf({
  properties = [],
}: Pick<MessageMetadata, 'properties'>): Record<string, string> {
  return Object.fromEntries(properties.map(({ key = '', value = '' }) => [key, value]));
}
