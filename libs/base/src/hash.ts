const encoder = new TextEncoder();

/** FNV-1a, 32 bits, over the UTF-8 bytes: the hash in Argo's node ids and pod names. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return fnv1a32Bytes(encoder.encode(text));
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  return hash >>> 0;
}

function fnv1a32Bytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Argo's node id: the workflow's name for the root, else `<workflow>-<fnv1a32 of the full node name>`. */
export function nodeIdOf(workflowName: string, nodeName: string): string {
  return nodeName === workflowName ? workflowName : `${workflowName}-${fnv1a32(nodeName)}`;
}

/** The partition of a run, 0 ≤ p < partitions: all messages about one run go to one partition. */
export function partitionOf(uid: string, partitions: number): number {
  return fnv1a32(uid) % partitions;
}
