/** Keeps the last bytes of a stream, however long it is, in at most twice the limit of memory. */
export interface OutputTail {
  push(chunk: Uint8Array): void;
  /** The kept text; a character cut at the beginning is left out. */
  text(): string;
}

export function createOutputTail(bytesMax: number): OutputTail {
  let chunks: Uint8Array[] = [];
  let size = 0;
  const compact = (): Buffer => {
    const all = Buffer.concat(chunks);
    const kept = all.length > bytesMax ? Buffer.from(all.subarray(all.length - bytesMax)) : all;
    chunks = [kept];
    size = kept.length;
    return kept;
  };
  return {
    push: (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > 2 * bytesMax) compact();
    },
    text: () => {
      const cut = size > bytesMax;
      const kept = compact();
      return decodeTail(kept, cut);
    },
  };
}

/** Decodes UTF-8; when the beginning was cut off, bytes that continue a lost character are skipped. */
function decodeTail(bytes: Uint8Array, cut: boolean): string {
  let start = 0;
  while (cut && start < 4 && start < bytes.length && isContinuation(bytes[start])) start += 1;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start));
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Argo drops exactly one newline at the end of results and output parameters. */
export function withoutFinalNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
