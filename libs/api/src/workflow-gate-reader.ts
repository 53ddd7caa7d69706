import type { Fact, LockKey, MemoQuery, NodeGate } from '@argosy/core-workflow';
import { readLockKey } from './lock-key-wire.ts';
import { delimited, fixed64, varint, type WireReader } from './wire-reader.ts';

/** Reads the content of a NodeGate that ends at `end`. */
export function readGate(reader: WireReader, end: number): NodeGate {
  const locks: LockKey[] = [];
  let memo: MemoQuery | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === delimited(1)) locks.push(readLockKey(reader, reader.end()));
    else if (tag === delimited(2)) memo = readMemoQuery(reader, reader.end());
    else reader.skip(tag);
  }
  return { ...(locks.length === 0 ? {} : { locks }), ...(memo === undefined ? {} : { memo }) };
}

function readMemoQuery(reader: WireReader, end: number): MemoQuery {
  let namespace = '';
  let name = '';
  let key = '';
  let maxAgeMs: number | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === delimited(1)) namespace = reader.text();
    else if (tag === delimited(2)) name = reader.text();
    else if (tag === delimited(3)) key = reader.text();
    else if (tag === fixed64(4)) maxAgeMs = reader.double();
    else reader.skip(tag);
  }
  const query = { cache: { namespace, name }, key };
  return maxAgeMs === undefined ? query : { ...query, maxAgeMs };
}

export function readLocksAsked(reader: WireReader, end: number, at: number): Fact {
  const { locks = [] } = readGate(reader, end);
  return { kind: 'LocksAsked', at, locks };
}

export function readLocksWaiting(reader: WireReader, end: number, at: number): Fact {
  let nodePlusOne = 0;
  let message = '';
  let lock = '';
  const heldBy: string[] = [];
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) nodePlusOne = reader.uint();
    else if (tag === delimited(2)) message = reader.text();
    else if (tag === delimited(3)) lock = reader.text();
    else if (tag === delimited(4)) heldBy.push(reader.text());
    else reader.skip(tag);
  }
  return { kind: 'LocksWaiting', at, node: nodePlusOne - 1, message, lock, heldBy };
}

export function readLocksReturned(reader: WireReader, end: number, at: number): Fact {
  let holder = '';
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === delimited(1)) holder = reader.text();
    else reader.skip(tag);
  }
  return { kind: 'LocksReturned', at, holder };
}

export function readMemoAnswered(reader: WireReader, end: number, at: number): Fact {
  let node = 0;
  let hit = false;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) node = reader.uint();
    else if (tag === varint(2)) hit = reader.uint() !== 0;
    else reader.skip(tag);
  }
  return { kind: 'MemoAnswered', at, node, hit };
}

export function readNodeAdmitted(reader: WireReader, end: number, at: number): Fact {
  let node = 0;
  let until = 0;
  let pendingUntil = 0;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === varint(1)) node = reader.uint();
    else if (tag === fixed64(2)) until = reader.double();
    else if (tag === fixed64(3)) pendingUntil = reader.double();
    else reader.skip(tag);
  }
  const admitted = { kind: 'NodeAdmitted', at, node, until } as const;
  return pendingUntil === 0 ? admitted : { ...admitted, pendingUntil };
}
