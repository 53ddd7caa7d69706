import { ArgosyError } from '@argosy/base';
import { checkKey } from '../keys.ts';
import type { Headers } from '../cloud-event-codec.ts';
import type {
  KeyValueBucket,
  KeyValueEntry,
  KeyValueNotice,
  KeyValueWriteOptions,
} from '../types.ts';
import { readRecords } from './memory-read.ts';
import type { MemoryRecord, MemoryStream } from './memory-stream.ts';

const NO_HEADERS: Headers = new Map();
const DELETED: Headers = new Map([['KV-Operation', 'DEL']]);
const NO_DATA = new Uint8Array();
const SECOND_MS = 1_000;

/** A bucket on an in-memory stream. Expired entries leave a marker, as on the server. */
export function createMemoryBucket(stream: MemoryStream, name: string): KeyValueBucket {
  const prefix = `$KV.${name}.`;
  const entryOf = (record: MemoryRecord): KeyValueEntry => ({
    key: record.subject.slice(prefix.length),
    value: record.headers.has('KV-Operation') ? undefined : record.data,
    revision: record.sequence,
  });
  const write = (
    key: string,
    value: Uint8Array,
    expected: number | undefined,
    options: KeyValueWriteOptions = {},
  ): number => {
    const subject = prefix + checkKey(key);
    const receipt = stream.append(subject, NO_HEADERS, value.slice(), {
      expectedLastSubjectSequence: expected,
    });
    if (options.ttlMs !== undefined) expire(stream, subject, receipt.sequence, options.ttlMs);
    return receipt.sequence;
  };
  const current = (key: string): KeyValueEntry | undefined => {
    const record = stream.lastOn(prefix + checkKey(key));
    return record === undefined ? undefined : entryOf(record);
  };
  return {
    get: async (key) => {
      const entry = current(key);
      return Promise.resolve(entry?.value === undefined ? undefined : entry);
    },
    create: async (key, value, options) => {
      const entry = current(key);
      if (entry?.value !== undefined) {
        throw new ArgosyError('ALREADY_EXISTS', `the key ${key} exists in the bucket ${name}`);
      }
      return Promise.resolve(write(key, value, entry?.revision ?? 0, options));
    },
    put: async (key, value, options) => Promise.resolve(write(key, value, undefined, options)),
    update: async (key, value, revision, options) =>
      Promise.resolve(write(key, value, revision, options)),
    delete: async (key, revision) => {
      stream.append(prefix + checkKey(key), DELETED, NO_DATA, {
        expectedLastSubjectSequence: revision,
      });
      return Promise.resolve();
    },
    keys: async (pattern = '>') => {
      const keys = stream
        .subjects(prefix + pattern)
        .map((subject) => subject.slice(prefix.length))
        .filter((key) => current(key)?.value !== undefined);
      return Promise.resolve(keys);
    },
    watch: (pattern, signal) => watch(stream, prefix + pattern, { signal, entryOf }),
  };
}

interface WatchOptions {
  readonly signal: AbortSignal;
  readonly entryOf: (record: MemoryRecord) => KeyValueEntry;
}

async function* watch(
  stream: MemoryStream,
  pattern: string,
  options: WatchOptions,
): AsyncGenerator<KeyValueNotice> {
  const { signal, entryOf } = options;
  const startSequence = stream.lastSequence + 1;
  const existing = stream
    .subjects(pattern)
    .map((subject) => stream.lastOn(subject))
    .filter((record) => record !== undefined)
    .toSorted((left, right) => left.sequence - right.sequence);
  for (const record of existing) {
    if (signal.aborted) return;
    yield { kind: 'Entry', entry: entryOf(record) };
  }
  yield { kind: 'CaughtUp' };
  const later = { follow: true, fromSequence: startSequence, signal };
  for await (const record of readRecords(stream, pattern, later)) {
    yield { kind: 'Entry', entry: entryOf(record) };
  }
}

function expire(stream: MemoryStream, subject: string, sequence: number, ttlMs: number): void {
  const wholeMs = Math.max(1, Math.ceil(ttlMs / SECOND_MS)) * SECOND_MS;
  const timer = setTimeout(() => {
    if (stream.lastOn(subject)?.sequence !== sequence) return;
    stream.append(subject, DELETED, NO_DATA, {});
  }, wholeMs);
  timer.unref();
}
