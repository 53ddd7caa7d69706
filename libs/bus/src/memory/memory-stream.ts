import { ArgosyError } from '@argosy/base';
import { MAX_PAYLOAD_BYTES_DEFAULT } from '../limits.ts';
import type { Headers } from '../cloud-event-codec.ts';
import { subjectMatches } from '../subject-match.ts';
import type { StreamDeclaration } from '../topology.ts';
import type { PublishReceipt } from '../types.ts';

/** A message as a stream of the in-memory bus keeps it. */
export interface MemoryRecord {
  readonly sequence: number;
  readonly storedAtMs: number;
  readonly subject: string;
  readonly headers: Headers;
  readonly data: Uint8Array;
}

export interface AppendOptions {
  readonly messageId?: string | undefined;
  readonly expectedLastSubjectSequence?: number | undefined;
}

/** One stream in memory, with the rules of JetStream: de-duplication, expected sequence, limits. */
export interface MemoryStream {
  readonly declaration: StreamDeclaration;
  readonly lastSequence: number;
  append(
    subject: string,
    headers: Headers,
    data: Uint8Array,
    options: AppendOptions,
  ): PublishReceipt;
  get(sequence: number): MemoryRecord | undefined;
  /** The first record at or after a sequence that matches one of the patterns. */
  next(fromSequence: number, patterns: readonly string[]): MemoryRecord | undefined;
  lastOn(subject: string): MemoryRecord | undefined;
  remove(sequence: number): void;
  purge(subject: string, beforeSequence?: number): void;
  subjects(pattern: string): readonly string[];
  /** Told of every record that is stored. */
  onAppend(listener: (record: MemoryRecord) => void): () => void;
}

/** The records, found by sequence and by subject. */
interface Records {
  get(sequence: number): MemoryRecord | undefined;
  add(record: MemoryRecord): void;
  remove(sequence: number): void;
  /** Sequences on a subject, in order; undefined when there are none. */
  on(subject: string): ReadonlySet<number> | undefined;
  subjects(): Iterable<string>;
  all(): Iterable<MemoryRecord>;
}

function createRecords(): Records {
  const bySequence = new Map<number, MemoryRecord>();
  const bySubject = new Map<string, Set<number>>();
  return {
    get: (sequence) => bySequence.get(sequence),
    add: (record) => {
      bySequence.set(record.sequence, record);
      const sequences = bySubject.get(record.subject) ?? new Set();
      bySubject.set(record.subject, sequences.add(record.sequence));
    },
    remove: (sequence) => {
      const record = bySequence.get(sequence);
      if (record === undefined) return;
      bySequence.delete(sequence);
      const sequences = bySubject.get(record.subject);
      sequences?.delete(sequence);
      if (sequences?.size === 0) bySubject.delete(record.subject);
    },
    on: (subject) => bySubject.get(subject),
    subjects: () => bySubject.keys(),
    all: () => bySequence.values(),
  };
}

/** An empty stream. */
export function createMemoryStream(
  declaration: StreamDeclaration,
  nowMs: () => number,
): MemoryStream {
  const records = createRecords();
  const known = new Map<string, { readonly sequence: number; readonly untilMs: number }>();
  const listeners = new Set<(record: MemoryRecord) => void>();
  let lastSequence = 0;

  const lastOn = (subject: string): MemoryRecord | undefined => {
    const sequence = lastOf(records.on(subject));
    return sequence === undefined ? undefined : records.get(sequence);
  };
  const duplicateOf = (messageId: string | undefined): number | undefined => {
    if (messageId === undefined) return undefined;
    const entry = known.get(messageId);
    return entry !== undefined && entry.untilMs > nowMs() ? entry.sequence : undefined;
  };
  const store = (record: MemoryRecord, messageId: string | undefined): void => {
    records.add(record);
    if (messageId !== undefined) {
      const untilMs = nowMs() + declaration.duplicateWindowMs;
      known.set(messageId, { sequence: record.sequence, untilMs });
    }
    for (const listener of [...listeners]) listener(record);
  };

  return {
    declaration,
    get lastSequence() {
      return lastSequence;
    },
    append: (subject, headers, data, options) => {
      checkSize(headers, data);
      const duplicate = duplicateOf(options.messageId);
      if (duplicate !== undefined) return { sequence: duplicate, duplicate: true };
      const previous = lastOn(subject);
      checkExpected(subject, previous, options);
      const held = records.on(subject);
      const limit = declaration.maxMessagesPerSubject ?? Infinity;
      if (held !== undefined && held.size >= limit) {
        if (declaration.discardNewPerSubject === true) {
          return { sequence: previous?.sequence ?? 0, duplicate: true };
        }
        records.remove(firstOf(held) ?? 0);
      }
      lastSequence += 1;
      const record = { sequence: lastSequence, storedAtMs: nowMs(), subject, headers, data };
      store(record, options.messageId);
      return { sequence: lastSequence, duplicate: false };
    },
    get: (sequence) => records.get(sequence),
    next: (fromSequence, patterns) => nextIn(records, { fromSequence, lastSequence, patterns }),
    lastOn,
    remove: (sequence) => {
      records.remove(sequence);
    },
    purge: (subject, beforeSequence = Number.POSITIVE_INFINITY) => {
      for (const record of [...records.all()]) {
        if (record.sequence >= beforeSequence) continue;
        if (subjectMatches(subject, record.subject)) records.remove(record.sequence);
      }
    },
    subjects: (pattern) => [...records.subjects()].filter((name) => subjectMatches(pattern, name)),
    onAppend: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function nextIn(
  records: Records,
  range: {
    readonly fromSequence: number;
    readonly lastSequence: number;
    readonly patterns: readonly string[];
  },
): MemoryRecord | undefined {
  for (let sequence = range.fromSequence; sequence <= range.lastSequence; sequence += 1) {
    const record = records.get(sequence);
    if (record === undefined) continue;
    if (range.patterns.some((pattern) => subjectMatches(pattern, record.subject))) return record;
  }
  return undefined;
}

function checkSize(headers: Headers, data: Uint8Array): void {
  let sizeBytes = data.length;
  for (const [name, value] of headers) sizeBytes += name.length + value.length + ': \r\n'.length;
  if (sizeBytes <= MAX_PAYLOAD_BYTES_DEFAULT) return;
  throw new ArgosyError(
    'RESOURCE_EXHAUSTED',
    `the message has ${sizeBytes} bytes, and the server takes at most ${MAX_PAYLOAD_BYTES_DEFAULT}`,
  );
}

function checkExpected(
  subject: string,
  previous: MemoryRecord | undefined,
  options: AppendOptions,
): void {
  const expected = options.expectedLastSubjectSequence;
  const actual = previous?.sequence ?? 0;
  if (expected === undefined || expected === actual) return;
  throw new ArgosyError(
    'CONFLICT',
    `the last message on ${subject} was expected to have the sequence ${expected}, and has ${actual}`,
  );
}

function lastOf(sequences: ReadonlySet<number> | undefined): number | undefined {
  let last: number | undefined;
  for (const sequence of sequences ?? []) last = sequence;
  return last;
}

function firstOf(sequences: ReadonlySet<number>): number | undefined {
  for (const sequence of sequences) return sequence;
  return undefined;
}
