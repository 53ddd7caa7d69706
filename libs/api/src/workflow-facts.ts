import type { Fact } from '@argosy/core-workflow';
import { delimited, fixed64, WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';
import { readFact } from './workflow-fact-reader.ts';
import { writeFact } from './workflow-fact-writer.ts';

/** Facts as the data of one message of the FACTS stream: a FactBatch of facts.proto. */
export function encodeFacts(facts: readonly Fact[]): Uint8Array {
  const [whole] = encodeFactsInPieces(facts, Number.POSITIVE_INFINITY);
  return whole ?? new Uint8Array();
}

/**
 * Facts as the data of as many messages as it takes, in order: each has `bytesMax` bytes at most, unless
 * one fact alone has more. What is not asked for yet is not encoded yet.
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
    yield writer.finish(before);
    atMs = fact.at;
    writer.double(1, atMs);
    writeFact(writer, 2, { fact, atMs });
  }
  if (writer.length > 0) yield writer.finish();
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
    else reader.skip(tag);
  }
  return facts;
}
