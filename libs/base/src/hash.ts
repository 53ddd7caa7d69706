/** FNV-1a, 32 bits, over the UTF-8 bytes: the hash in Argo's node ids and pod names. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return fnv1a32Bytes(utf8Bytes(text));
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  return hash >>> 0;
}

function fnv1a32Bytes(bytes: Iterable<number>): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** First bits of the lead byte, by the number of bytes that follow it. */
const LEAD_BITS = [0, 0xc0, 0xe0, 0xf0];

/** The UTF-8 bytes of a text; written out because pure code has no TextEncoder. */
function* utf8Bytes(text: string): Generator<number> {
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) {
      yield point;
      continue;
    }
    const tail = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    yield (LEAD_BITS[tail] ?? 0) | (point >> (6 * tail));
    for (let rest = tail - 1; rest >= 0; rest -= 1) yield 0x80 | ((point >> (6 * rest)) & 0x3f);
  }
}

/** Argo's node id: the workflow's name for the root, else `<workflow>-<fnv1a32 of the full node name>`. */
export function nodeIdOf(workflowName: string, nodeName: string): string {
  return nodeName === workflowName ? workflowName : `${workflowName}-${fnv1a32(nodeName)}`;
}

/** The partition of a run, 0 ≤ p < partitions: all messages about one run go to one partition. */
export function partitionOf(uid: string, partitions: number): number {
  return fnv1a32(uid) % partitions;
}
