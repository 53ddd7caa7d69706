import { ArgosyError } from '@argosy/base';
import { decodeMessage } from '../cloud-event-codec.ts';
import type { ReadOptions, StoredMessage } from '../types.ts';
import type { MemoryRecord, MemoryStream } from './memory-stream.ts';

/** A stored message as readers get it. */
export function toStoredMessage(record: MemoryRecord): StoredMessage {
  return {
    ...decodeMessage(record.subject, record.headers, record.data),
    sequence: record.sequence,
    storedAtMs: record.storedAtMs,
  };
}

/** Reads records in order; with `follow` it stays until the signal is aborted. */
export function readRecords(
  stream: MemoryStream,
  pattern: string,
  options: ReadOptions,
): AsyncIterable<MemoryRecord> {
  // Fixed at the call, not at the first step of the iteration.
  const endSequence = stream.lastSequence;
  const isFollowing = options.follow === true;
  const first = isFollowing && options.onlyNew === true ? endSequence + 1 : 1;
  return follow({
    stream,
    pattern,
    startSequence: Math.max(first, options.fromSequence ?? 1),
    fromTimeMs: options.fromTimeMs ?? 0,
    endSequence: isFollowing ? Infinity : endSequence,
    signal: options.signal,
  });
}

interface Following {
  readonly stream: MemoryStream;
  readonly pattern: string;
  readonly startSequence: number;
  readonly fromTimeMs: number;
  readonly endSequence: number;
  readonly signal: AbortSignal | undefined;
}

async function* follow(following: Following): AsyncGenerator<MemoryRecord> {
  const { stream, signal } = following;
  let sequence = following.startSequence;
  for (;;) {
    if (signal?.aborted === true) return endOfAborted(following);
    const record = stream.next(sequence, [following.pattern]);
    if (record !== undefined && record.sequence > following.endSequence) return;
    if (record === undefined) {
      if (following.endSequence !== Infinity) return;
      await newRecord(stream, signal);
      continue;
    }
    sequence = record.sequence + 1;
    if (record.storedAtMs >= following.fromTimeMs) yield record;
  }
}

/** A follower ends quietly; a reader that was cut short says so. */
function endOfAborted(following: Following): void {
  if (following.endSequence === Infinity) return;
  throw new ArgosyError('CANCELLED', 'reading was cancelled');
}

async function newRecord(stream: MemoryStream, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      stop();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const stop = stream.onAppend(finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
