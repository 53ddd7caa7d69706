import type { LockKey } from '@argosy/core-workflow';
import { LockKind } from './gen/argosy/workflow/v1/locks_pb.js';
import { delimited, varint, type WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';
import { names } from './workflow-fact-names.ts';

export const LOCK_KINDS = names<LockKey['kind'], LockKind>('lock kind', {
  Mutex: LockKind.MUTEX,
  DatabaseMutex: LockKind.DATABASE_MUTEX,
  ConfigMap: LockKind.CONFIG_MAP,
  Database: LockKind.DATABASE,
  Slot: LockKind.SLOT,
});

/** Writes a message LockKey of locks.proto under a field. */
export function writeLockKey(writer: WireWriter, field: number, lock: LockKey): void {
  const mark = writer.open(field);
  writer.uint(1, LOCK_KINDS.toWire(lock.kind));
  writer.text(2, lock.namespace);
  writer.text(3, lock.name);
  writer.text(4, lock.key);
  writer.close(mark);
}

/** Reads the content of a LockKey that ends at `end`. */
export function readLockKey(reader: WireReader, end: number): LockKey {
  let kind = 0;
  let namespace = '';
  let name = '';
  let key = '';
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) kind = reader.uint();
    else if (tag === delimited(2)) namespace = reader.text();
    else if (tag === delimited(3)) name = reader.text();
    else if (tag === delimited(4)) key = reader.text();
    else reader.skip(tag);
  }
  return { kind: LOCK_KINDS.fromWire(kind), namespace, name, key };
}
