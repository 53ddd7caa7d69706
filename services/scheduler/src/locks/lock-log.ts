import { randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  decodeLockFacts,
  encodeLockFacts,
  EVENT_TYPES,
  LOCK_FACTS_SUBJECT,
  PROTOBUF_CONTENT_TYPE,
  STREAMS,
} from '@argosy/api';
import { ArgosyError } from '@argosy/base';
import type { Bus, StoredMessage } from '@argosy/bus';
import {
  initialLocks,
  lockMachine,
  lockSnapshot,
  type LockFact,
  type LockState,
} from '@argosy/core-workflow';

/** All locks as whoever keeps them holds them: the fold of their facts, and where in the log that fold ends. */
export interface LoadedLocks {
  readonly state: LockState;
  /** Sequence of the last message of the log; 0 when there is none. */
  sequence: number;
  /** Messages since the one that describes the state anew. */
  messagesSinceSnapshot: number;
  /** When that one, or the first message, was stored. */
  snapshotAtMs: number;
}

/** Facts in one message; more are cut into several. */
const FACTS_PER_MESSAGE_MAX = 1_000;
/** From this many bytes on a message is compressed. */
const COMPRESSED_FROM_BYTES = 64 * 1024;
/** Most bytes of a message: what the bus takes, less room for headers. */
const MESSAGE_BYTES_MAX = 8 * 1024 * 1024 - 64 * 1024;

/** Folds the log. @throws Error when it holds what this version does not know. */
export async function loadLocks(bus: Bus): Promise<LoadedLocks> {
  const locks: LoadedLocks = {
    state: initialLocks(),
    sequence: 0,
    messagesSinceSnapshot: 0,
    snapshotAtMs: Date.now(),
  };
  for await (const message of bus.read(STREAMS.facts, LOCK_FACTS_SUBJECT)) {
    if (locks.sequence === 0) locks.snapshotAtMs = message.storedAtMs;
    locks.messagesSinceSnapshot += 1;
    for (const fact of factsOf(message)) {
      lockMachine.evolve(locks.state, fact);
      if (fact.kind === 'LocksReset') {
        locks.messagesSinceSnapshot = 0;
        locks.snapshotAtMs = message.storedAtMs;
      }
    }
    locks.sequence = message.sequence;
  }
  return locks;
}

/**
 * Makes facts durable that the state has already.
 * @throws ArgosyError CONFLICT when somebody else keeps the locks now; what is in memory is worthless then.
 */
export async function appendLockFacts(
  bus: Bus,
  locks: LoadedLocks,
  facts: readonly LockFact[],
): Promise<void> {
  for (let at = 0; at < facts.length; at += FACTS_PER_MESSAGE_MAX) {
    await append(bus, locks, encodeLockFacts(facts.slice(at, at + FACTS_PER_MESSAGE_MAX)));
    locks.messagesSinceSnapshot += 1;
  }
}

/**
 * That an input changes nothing may only be said by who knows all: a keeper of the past, who has not noticed that it is
 * one, would acknowledge the release of a lock that it never heard of.
 * @throws ArgosyError CONFLICT when somebody else keeps the locks now.
 */
export async function confirmLocks(bus: Bus, { sequence }: LoadedLocks): Promise<void> {
  const last = await bus.last(STREAMS.facts, LOCK_FACTS_SUBJECT);
  if (last === undefined || last.sequence === sequence) return;
  throw new ArgosyError('CONFLICT', 'the locks were changed by another keeper');
}

/**
 * Describes the state anew and removes what led to it, so that the log neither grows without end nor is lost to the
 * age limit of its stream.
 * @returns false when the description is too large for one message: then all stays as it is.
 */
export async function compactLocks(bus: Bus, locks: LoadedLocks, atMs: number): Promise<boolean> {
  const data = encodeLockFacts(lockSnapshot(locks.state, atMs));
  if (packed(data).data.length > MESSAGE_BYTES_MAX) return false;
  await append(bus, locks, data);
  locks.messagesSinceSnapshot = 0;
  locks.snapshotAtMs = atMs;
  await bus.purge(STREAMS.facts, LOCK_FACTS_SUBJECT, { beforeSequence: locks.sequence });
  return true;
}

async function append(bus: Bus, locks: LoadedLocks, encoded: Uint8Array): Promise<void> {
  const { data, extensions } = packed(encoded);
  const receipt = await bus.publish(
    {
      subject: LOCK_FACTS_SUBJECT,
      event: {
        id: randomUUID(),
        source: '/locks',
        type: EVENT_TYPES.lockFacts,
        datacontenttype: PROTOBUF_CONTENT_TYPE,
        ...(extensions === undefined ? {} : { extensions }),
        data,
      },
    },
    { expectedLastSubjectSequence: locks.sequence },
  );
  locks.sequence = receipt.sequence;
}

function packed(data: Uint8Array): {
  readonly data: Uint8Array;
  readonly extensions?: Readonly<Record<string, string>>;
} {
  if (data.length < COMPRESSED_FROM_BYTES) return { data };
  return { data: gzipSync(data), extensions: { compression: 'gzip' } };
}

function factsOf({ event }: StoredMessage): readonly LockFact[] {
  const isPacked = event.extensions?.['compression'] === 'gzip';
  return decodeLockFacts(isPacked ? gunzipSync(event.data) : event.data);
}
