import type { Redis } from 'ioredis';
import type { StreamAnswer } from './entry.ts';
import type { RedisStreamSettings } from './settings.ts';

/** The name of the one who reads; the same as Argo Events', so that what it left undone is found. */
const CONSUMER = 'argo-events-worker';
/** How long one read waits for new entries. */
const BLOCK_MS = 2_000;
/** Stands for all that nobody in the group has read yet. */
const NEW_ENTRIES = '>';
const FIRST_ID = '0-0';
const END_OF_STREAM = '$';

/** The entries of one stream that were read at once. */
export interface EntryBatch {
  readonly stream: string;
  readonly entries: StreamAnswer[1];
}

/** How far the reader has come, by stream. It outlives a connection. */
export type StreamPositions = Map<string, string>;

/** Reads what the group has to read: first what was read before and not acknowledged, then what is new. */
export interface StreamReader {
  /** Rejects when the server is gone or answers with an error. */
  read(): Promise<readonly EntryBatch[]>;
  acknowledge(stream: string, ids: readonly string[]): Promise<void>;
}

/**
 * Sets the groups up where they are missing. A group begins at the end of its stream, or, when it was lost
 * while this process read it, behind the entry that was read last.
 * @throws whatever the server answers
 */
export async function openReader(
  client: Redis,
  settings: RedisStreamSettings,
  positions: StreamPositions,
): Promise<StreamReader> {
  const { streams, consumerGroup, entriesMax } = settings;
  const cursors = new Map(streams.map((stream) => [stream, FIRST_ID]));
  for (const stream of streams) {
    const group = { stream, name: consumerGroup };
    await createGroup(client, group, positions.get(stream) ?? END_OF_STREAM);
    positions.set(stream, await lastDeliveredId(client, group));
  }

  /** Streams with entries that are pending are read alone, since that does not wait. */
  function wanted(): readonly string[] {
    const pending = streams.filter((stream) => cursors.get(stream) !== NEW_ENTRIES);
    return pending.length > 0 ? pending : streams;
  }

  return {
    async read() {
      const names = wanted();
      const answer = (await client.xreadgroup(
        'GROUP',
        consumerGroup,
        CONSUMER,
        'COUNT',
        entriesMax,
        'BLOCK',
        BLOCK_MS,
        'STREAMS',
        ...names,
        ...names.map((stream) => cursors.get(stream) ?? NEW_ENTRIES),
      )) as readonly StreamAnswer[] | null;
      for (const [stream, entries] of answer ?? []) {
        const last = entries.at(-1)?.[0];
        if (cursors.get(stream) !== NEW_ENTRIES) cursors.set(stream, last ?? NEW_ENTRIES);
        else if (last !== undefined) positions.set(stream, last);
      }
      return (answer ?? []).map(([stream, entries]) => ({ stream, entries }));
    },
    async acknowledge(stream, ids) {
      if (ids.length > 0) await client.xack(stream, consumerGroup, ...ids);
    },
  };
}

interface Group {
  readonly stream: string;
  readonly name: string;
}

async function createGroup(client: Redis, group: Group, after: string): Promise<void> {
  try {
    await client.xgroup('CREATE', group.stream, group.name, after, 'MKSTREAM');
  } catch (error) {
    const isThere = error instanceof Error && error.message.startsWith('BUSYGROUP');
    if (!isThere) throw error;
  }
}

async function lastDeliveredId(client: Redis, group: Group): Promise<string> {
  const groups = (await client.xinfo('GROUPS', group.stream)) as readonly (readonly unknown[])[];
  const found = groups.find((fields) => infoField(fields, 'name') === group.name);
  return String(infoField(found ?? [], 'last-delivered-id') ?? END_OF_STREAM);
}

/** Names and values alternate in what XINFO answers. */
function infoField(fields: readonly unknown[], name: string): unknown {
  const index = fields.findIndex((field, place) => place % 2 === 0 && field === name);
  return index < 0 ? undefined : fields[index + 1];
}
