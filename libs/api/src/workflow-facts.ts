import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Fact } from '@argosy/core-workflow';
import { delimited, fixed64, WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';
import { readFact } from './workflow-fact-reader.ts';
import { writeFact } from './workflow-fact-writer.ts';

/** Bytes that a compressed batch may grow to when it is read: far more than any fact has, and still no danger. */
const INFLATED_BYTES_MAX = 1024 ** 3;

/** Facts as the data of one message of the FACTS stream: a FactBatch of facts.proto. */
export function encodeFacts(facts: readonly Fact[]): Uint8Array {
  const [whole] = encodeFactsInPieces(facts, Number.POSITIVE_INFINITY);
  return whole ?? new Uint8Array();
}

/**
 * Facts as the data of as many messages as it takes, in order: each has `bytesMax` bytes at most, unless
 * one fact alone has more. Such a one is compressed. What is not asked for yet is not encoded yet.
 */
export function* encodeFactsInPieces(
  facts: readonly Fact[],
  bytesMax: number,
): Generator<Uint8Array> {
  const writer = new WireWriter();
  let atMs = 0;
  for (const fact of facts) {
    const before = writer.length;
    if (before === 0) {
      atMs = fact.at;
      writer.double(1, atMs);
    }
    writeFact(writer, 2, { fact, atMs });
    if (writer.length <= bytesMax || before === 0) continue;
    yield compressed(writer.finish(before), bytesMax);
    atMs = fact.at;
    writer.double(1, atMs);
    writeFact(writer, 2, { fact, atMs });
  }
  if (writer.length > 0) yield compressed(writer.finish(), bytesMax);
}

/** The batch as it is when it is small enough, and within another one, compressed, when it is not. */
function compressed(batch: Uint8Array, bytesMax: number): Uint8Array {
  if (batch.length <= bytesMax) return batch;
  const writer = new WireWriter();
  writer.bytes(3, deflateRawSync(batch));
  return writer.finish();
}

/**
 * Reads the facts of one message.
 * @throws Error when the bytes are no FactBatch, or hold a kind that this version does not know: a
 * history must not be read with holes.
 */
export function decodeFacts(data: Uint8Array): Fact[] {
  const reader = new WireReader(data);
  const facts: Fact[] = [];
  let atMs = 0;
  while (reader.position < reader.length) {
    const tag = reader.tag();
    if (tag === fixed64(1)) atMs = reader.double();
    else if (tag === delimited(2)) facts.push(readFact(reader, reader.end(), atMs));
    else if (tag === delimited(3)) facts.push(...decodeFacts(inflated(reader.bytes())));
    else reader.skip(tag);
  }
  return facts;
}

function inflated(bytes: Uint8Array): Uint8Array {
  return inflateRawSync(bytes, { maxOutputLength: INFLATED_BYTES_MAX });
}
