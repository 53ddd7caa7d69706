import { EVENT_TYPES, logSubject } from '@argosy/api';
import type { Bus } from '@argosy/bus';
import type { LogStream } from '@argosy/runner';
import {
  LOG_BACKLOG_BYTES_MAX,
  LOG_CHUNK_BYTES_MAX,
  LOG_FLUSH_MS,
  LOG_TASK_BYTES_MAX,
} from './limits.ts';

/** Where the output of one attempt at a task goes. */
export interface LogAddress {
  readonly namespace: string;
  readonly uid: string;
  readonly workflow: string;
  readonly nodeId: string;
  /** Prefix of the ids of chunks; differs between deliveries, so that a second run is logged too. */
  readonly idPrefix: string;
  readonly traceparent?: string;
}

/** Sends output to the bus in whole lines, in order, and holds the task back when the bus is slow. */
export interface LogShipper {
  /** Takes output; while a returned promise is pending no more should be read from the task. */
  push(stream: LogStream, container: string, chunk: Uint8Array): Promise<void> | undefined;
  /** Sends the rest; resolves when everything is stored. Never rejects: what failed is in `lost`. */
  close(): Promise<void>;
  /** Bytes that could not be stored, or were over the limit. */
  readonly lostBytes: number;
  readonly sentBytes: number;
}

interface Pending {
  readonly stream: LogStream;
  readonly container: string;
  readonly chunks: Uint8Array[];
  size: number;
}

export function createLogShipper(bus: Bus, address: LogAddress): LogShipper {
  const subject = logSubject(address.namespace, address.uid, address.nodeId);
  const pending = new Map<string, Pending>();
  let sending: Promise<void> = Promise.resolve();
  let backlog = 0;
  let count = 0;
  let sentBytes = 0;
  let lostBytes = 0;
  let isCutSaid = false;
  let timer: NodeJS.Timeout | undefined;

  const send = (entry: Pick<Pending, 'stream' | 'container'>, data: Uint8Array): void => {
    const id = `${address.idPrefix}-log-${count}`;
    count += 1;
    const event = {
      id,
      source: `/${address.namespace}/workflow/${address.workflow}`,
      type: EVENT_TYPES.logChunk,
      time: new Date().toISOString(),
      datacontenttype: 'text/plain',
      extensions: { stream: entry.stream, container: entry.container },
      data,
    };
    const traceparent =
      address.traceparent === undefined ? {} : { traceparent: address.traceparent };
    sending = sending
      .then(() => bus.publish({ subject, event, ...traceparent }, { messageId: id }))
      .then(
        () => void (sentBytes += data.length),
        () => void (lostBytes += data.length),
      )
      .then(() => void (backlog -= data.length));
  };

  const flush = (entry: Pending, everything: boolean): void => {
    let rest = Buffer.concat(entry.chunks);
    while (rest.length > 0) {
      const end = chunkEnd(rest, everything);
      if (end === 0) break;
      send(entry, rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    entry.chunks.length = 0;
    if (rest.length > 0) entry.chunks.push(rest);
    entry.size = rest.length;
  };

  const flushAll = (everything: boolean): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const entry of pending.values()) flush(entry, everything);
  };

  const accept = (chunk: Uint8Array, entry: Pending): void => {
    const room = LOG_TASK_BYTES_MAX - (sentBytes + backlog);
    if (chunk.length > room) {
      lostBytes += chunk.length;
      if (!isCutSaid) sayCut(entry);
      isCutSaid = true;
      return;
    }
    entry.chunks.push(chunk);
    entry.size += chunk.length;
    backlog += chunk.length;
    if (entry.size >= LOG_CHUNK_BYTES_MAX) flush(entry, false);
    timer ??= setTimeout(() => flushAll(true), LOG_FLUSH_MS);
  };

  const sayCut = (entry: Pending): void => {
    flush(entry, true);
    const text = `\n[argosy: more than ${LOG_TASK_BYTES_MAX} bytes of output; the rest is not kept]\n`;
    backlog += text.length;
    send(entry, new TextEncoder().encode(text));
  };

  return {
    push: (stream, container, chunk) => {
      const key = `${stream} ${container}`;
      const entry = pending.get(key) ?? { stream, container, chunks: [], size: 0 };
      pending.set(key, entry);
      accept(chunk, entry);
      return backlog > LOG_BACKLOG_BYTES_MAX ? sending : undefined;
    },
    close: () => {
      flushAll(true);
      return sending;
    },
    get lostBytes() {
      return lostBytes;
    },
    get sentBytes() {
      return sentBytes;
    },
  };
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
