import { randomUUID } from 'node:crypto';
import { ArgosyError } from '@argosy/base';
import { checkKey, checkKeyPattern } from '../keys.ts';
import type {
  KeyValueBucket,
  KeyValueEntry,
  KeyValueNotice,
  KeyValueWriteOptions,
} from '../types.ts';
import type { Connection } from './connection.ts';
import { readLast } from './direct-get.ts';
import { follow } from './follow.ts';
import type { Publisher } from './publisher.ts';
import type { RawMessage } from './raw-message.ts';
import type { Requests } from './requests.ts';

export interface BucketContext {
  readonly connection: Connection;
  readonly requests: Requests;
  readonly publisher: Publisher;
}

const SECOND_MS = 1_000;
const NO_DATA = new Uint8Array();

interface Write {
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers?: Map<string, string>;
  readonly expected?: number | undefined;
  readonly options?: KeyValueWriteOptions | undefined;
}

/**
 * A bucket as NATS lays it on a stream: subject `$KV.<bucket>.<key>`, deletion as a marked
 * message.
 */
export function openBucket(context: BucketContext, name: string): KeyValueBucket {
  const stream = `KV_${name}`;
  const prefix = `$KV.${name}.`;
  const entryOf = (raw: RawMessage): KeyValueEntry => ({
    key: raw.subject.slice(prefix.length),
    value: isDeletion(raw) ? undefined : raw.data,
    revision: raw.sequence,
  });
  const current = async (key: string): Promise<KeyValueEntry | undefined> => {
    const raw = await readLast(context, stream, prefix + checkKey(key));
    return raw === undefined ? undefined : entryOf(raw);
  };
  const write = async (what: Write): Promise<number> => {
    const { options, value } = what;
    const headers = what.headers ?? new Map<string, string>();
    if (options?.ttlMs !== undefined) headers.set('Nats-TTL', ttlText(options.ttlMs));
    const receipt = await context.publisher.store({
      subject: prefix + checkKey(what.key),
      headers,
      data: value,
      // Makes a retry after a lost answer the same write, not a conflict with itself.
      messageId: randomUUID(),
      expectedLastSubjectSequence: what.expected,
      signal: options?.signal,
    });
    return receipt.sequence;
  };
  return {
    get: async (key) => {
      const entry = await current(key);
      return entry?.value === undefined ? undefined : entry;
    },
    create: async (key, value, options) => create({ key, value, options }, current, write),
    put: async (key, value, options) => write({ key, value, options }),
    update: async (key, value, revision, options) =>
      write({ key, value, expected: revision, options }),
    delete: async (key, revision) => {
      const headers = new Map([['KV-Operation', 'DEL']]);
      await write({ key, value: NO_DATA, headers, expected: revision });
    },
    keys: async (pattern = '>') => {
      const found: string[] = [];
      const what = { stream, pattern: prefix + checkKeyPattern(pattern), headersOnly: true };
      const start = { kind: 'LastPerSubject' } as const;
      for await (const notice of follow(context, { ...what, start })) {
        if (notice.kind === 'CaughtUp') break;
        if (!isDeletion(notice.raw)) found.push(notice.raw.subject.slice(prefix.length));
      }
      return found;
    },
    watch: (pattern, signal) => {
      const what = { stream, pattern: prefix + checkKeyPattern(pattern), signal };
      const notices = follow(context, { ...what, start: { kind: 'LastPerSubject' } });
      return (async function* (): AsyncGenerator<KeyValueNotice> {
        for await (const notice of notices) {
          if (notice.kind === 'CaughtUp') yield notice;
          else yield { kind: 'Entry', entry: entryOf(notice.raw) };
        }
      })();
    },
  };
}

async function create(
  what: Write,
  current: (key: string) => Promise<KeyValueEntry | undefined>,
  write: (what: Write) => Promise<number>,
): Promise<number> {
  try {
    return await write({ ...what, expected: 0 });
  } catch (error) {
    if (!isConflict(error)) throw error;
    const entry = await current(what.key);
    if (entry?.value !== undefined) throw exists(what.key, error);
    // There was a value once: what lies there now is the mark of its deletion, or has just expired.
    return await write({ ...what, expected: entry?.revision ?? 0 }).catch((again: unknown) => {
      throw isConflict(again) ? exists(what.key, again) : again;
    });
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof ArgosyError && error.code === 'CONFLICT';
}

function exists(key: string, cause: unknown): ArgosyError {
  return new ArgosyError('ALREADY_EXISTS', `the key ${key} exists`, { cause });
}

/** Deleted by somebody, or expired. */
function isDeletion(raw: RawMessage): boolean {
  return raw.headers.has('KV-Operation') || raw.headers.has('Nats-Marker-Reason');
}

function ttlText(ttlMs: number): string {
  return `${Math.max(1, Math.ceil(ttlMs / SECOND_MS))}s`;
}
