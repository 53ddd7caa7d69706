import { ArgosyError } from '@argosy/base';
import { decodeCommand, encodeCommand, MESSAGE_METADATA, type Command } from './commands.ts';
import type { MessageMetadata } from './commands.ts';
import { crc32c } from './crc32c.ts';

/** What stands behind the commands `send` and `message`. */
export interface Entry {
  readonly metadata: MessageMetadata;
  /** Compressed, and a batch, as the metadata say. */
  readonly payload: Uint8Array;
}

/** A command as it goes over the wire. */
export interface Frame {
  /** Undefined: one that is not spoken here. */
  readonly command: Command | undefined;
  /** What stands behind the command; empty for most. */
  readonly rest: Buffer;
}

const SIZE_BYTES = 4;
const CHECKSUM_MAGIC = 0x0e01;
/** Largest frame that is taken; brokers allow 5 MiB unless they are told otherwise. */
const FRAME_BYTES_MAX = 128 * 1_048_576;

/** The bytes of a frame: sizes, command and, if there is one, the entry with its checksum. */
export function encodeFrame(command: Command, entry?: Entry): Buffer {
  const body = encodeCommand(command);
  const rest = entry === undefined ? Buffer.alloc(0) : encodeEntry(entry);
  const sizes = Buffer.alloc(2 * SIZE_BYTES);
  sizes.writeUInt32BE(SIZE_BYTES + body.length + rest.length, 0);
  sizes.writeUInt32BE(body.length, SIZE_BYTES);
  return Buffer.concat([sizes, body, rest]);
}

function encodeEntry({ metadata, payload }: Entry): Buffer {
  const described = MESSAGE_METADATA.encode(metadata);
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeUInt32BE(described.length);
  const checked = Buffer.concat([size, described, payload]);
  const head = Buffer.alloc(6);
  head.writeUInt16BE(CHECKSUM_MAGIC, 0);
  head.writeUInt32BE(crc32c(checked), 2);
  return Buffer.concat([head, checked]);
}

/** Reads what stands behind the command `message`. @throws ArgosyError UNAVAILABLE when it is damaged */
export function decodeEntry(rest: Buffer): Entry {
  let checked = rest;
  if (rest.length >= 6 && rest.readUInt16BE(0) === CHECKSUM_MAGIC) {
    checked = rest.subarray(6);
    if (crc32c(checked) !== rest.readUInt32BE(2)) throw damaged('its checksum is wrong');
  }
  const size = checked.length < SIZE_BYTES ? Infinity : checked.readUInt32BE(0);
  if (size > checked.length - SIZE_BYTES) throw damaged('its metadata are cut off');
  const payloadFrom = SIZE_BYTES + size;
  return {
    metadata: MESSAGE_METADATA.decode(checked.subarray(SIZE_BYTES, payloadFrom)),
    payload: checked.subarray(payloadFrom),
  };
}

/**
 * Cuts what comes in into frames.
 * @returns a function that takes the next bytes and gives the frames that they complete; it throws
 * ArgosyError UNAVAILABLE when they are no frames
 */
export function createFrameReader(): (chunk: Buffer) => readonly Frame[] {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let neededBytes = SIZE_BYTES;

  return (chunk) => {
    held.push(chunk);
    heldBytes += chunk.length;
    const frames: Frame[] = [];
    if (heldBytes < neededBytes) return frames;
    let all = Buffer.concat(held);
    neededBytes = SIZE_BYTES;
    while (all.length >= SIZE_BYTES) {
      const size = all.readUInt32BE(0);
      if (size < SIZE_BYTES || size > FRAME_BYTES_MAX) throw damaged(`its size is ${size}`);
      neededBytes = SIZE_BYTES + size;
      if (all.length < neededBytes) break;
      frames.push(decodeFrame(all.subarray(SIZE_BYTES, neededBytes)));
      all = all.subarray(neededBytes);
      neededBytes = SIZE_BYTES;
    }
    held = [all];
    heldBytes = all.length;
    return frames;
  };
}

function decodeFrame(frame: Buffer): Frame {
  const size = frame.readUInt32BE(0);
  if (size > frame.length - SIZE_BYTES) throw damaged('its command is cut off');
  const restFrom = SIZE_BYTES + size;
  return {
    command: decodeCommand(frame.subarray(SIZE_BYTES, restFrom)),
    rest: frame.subarray(restFrom),
  };
}

function damaged(reason: string): ArgosyError {
  return new ArgosyError('UNAVAILABLE', `the broker sent a damaged frame: ${reason}`);
}
