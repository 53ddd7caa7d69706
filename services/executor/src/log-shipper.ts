import type { Bus } from '@argosy/bus';
import type { LogStream } from '@argosy/runner';
import { createChunkSender, type ChunkSource, type LogAddress } from './chunk-sender.ts';
import {
  LOG_BACKLOG_BYTES_MAX,
  LOG_CHUNK_BYTES_MAX,
  LOG_FLUSH_MS,
  LOG_TASK_BYTES_MAX,
} from './limits.ts';

/** Sends output to the bus in whole lines, in order, and holds the task back when the bus is slow. */
export interface LogShipper {
  /** Takes output; while a returned promise is pending no more should be read from the task. */
  push(stream: LogStream, container: string, chunk: Uint8Array): Promise<void> | undefined;
  /** Sends the rest, the last line ended; resolves when everything is stored. Never rejects: what failed is in `lostBytes`. */
  close(): Promise<void>;
  /** Bytes that could not be stored, or were over the limit. */
  readonly lostBytes: number;
  readonly sentBytes: number;
}

interface Buffered extends ChunkSource {
  chunks: Uint8Array[];
  size: number;
  /** The last byte taken did not end a line. */
  isUnfinished: boolean;
}

export interface LogShipperOptions {
  /** Most bytes of output that are kept; default LOG_TASK_BYTES_MAX. */
  readonly bytesMax?: number;
}

export function createLogShipper(
  bus: Bus,
  address: LogAddress,
  options: LogShipperOptions = {},
): LogShipper {
  const bytesMax = options.bytesMax ?? LOG_TASK_BYTES_MAX;
  const sender = createChunkSender(bus, address);
  const buffers = new Map<string, Buffered>();
  let takenBytes = 0;
  let refusedBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const flushAll = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const buffered of buffers.values()) flush(buffered, sender.send, true);
  };
  const refuse = (buffered: Buffered, bytes: number): void => {
    if (refusedBytes === 0) {
      flush(buffered, sender.send, true);
      const text = `\n[argosy: more than ${bytesMax} bytes of output; the rest is not kept]\n`;
      sender.send(buffered, new TextEncoder().encode(text));
    }
    refusedBytes += bytes;
  };
  return {
    push: (stream, container, chunk) => {
      const key = `${stream} ${container}`;
      const fresh = { stream, container, chunks: [], size: 0, isUnfinished: false };
      const buffered: Buffered = buffers.get(key) ?? fresh;
      buffers.set(key, buffered);
      if (takenBytes + chunk.length > bytesMax) {
        refuse(buffered, chunk.length);
        return undefined;
      }
      takenBytes += chunk.length;
      buffered.chunks.push(chunk);
      buffered.size += chunk.length;
      if (chunk.length > 0) buffered.isUnfinished = chunk.at(-1) !== NEWLINE;
      if (buffered.size >= LOG_CHUNK_BYTES_MAX) flush(buffered, sender.send, false);
      timer ??= setTimeout(flushAll, LOG_FLUSH_MS);
      const backlog = takenBytes - sender.sentBytes - sender.lostBytes;
      return backlog > LOG_BACKLOG_BYTES_MAX ? sender.idle() : undefined;
    },
    close: () => {
      // Readers put lines together: without its end they would hold the last one back for more.
      for (const buffered of buffers.values()) {
        if (buffered.isUnfinished) buffered.chunks.push(Uint8Array.of(NEWLINE));
        buffered.isUnfinished = false;
      }
      flushAll();
      return sender.idle();
    },
    get lostBytes() {
      return sender.lostBytes + refusedBytes;
    },
    get sentBytes() {
      return sender.sentBytes;
    },
  };
}

/** Sends what is whole, or everything; the rest stays in the buffer. */
function flush(
  buffered: Buffered,
  send: (source: ChunkSource, data: Uint8Array) => void,
  everything: boolean,
): void {
  let rest = Buffer.concat(buffered.chunks);
  for (;;) {
    const end = chunkEnd(rest, everything);
    if (end === 0) break;
    send(buffered, rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  buffered.chunks = rest.length > 0 ? [rest] : [];
  buffered.size = rest.length;
}

/**
 * Where the next chunk ends: after the last line that fits, else (a line that is too long, or the time is
 * over) at the limit, but never within a character. 0 = wait for the rest of the line.
 */
function chunkEnd(bytes: Uint8Array, everything: boolean): number {
  const limit = Math.min(bytes.length, LOG_CHUNK_BYTES_MAX);
  const lineEnd = bytes.subarray(0, limit).lastIndexOf(NEWLINE) + 1;
  if (lineEnd > 0) return lineEnd;
  if (!everything && bytes.length < LOG_CHUNK_BYTES_MAX) return 0;
  let end = limit;
  while (end < bytes.length && end > limit - CHARACTER_BYTES_MAX && isContinuation(bytes[end])) {
    end -= 1;
  }
  return end;
}

const NEWLINE = 0x0a;
const CHARACTER_BYTES_MAX = 4;

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
