/** Tar archives are made of blocks of this size: a header, then the content, padded. */
const BLOCK_BYTES = 512;
const NAME = { start: 0, end: 100 };
const SIZE = { start: 124, end: 136 };
const TYPE_OFFSET = 156;
const REGULAR_FILE = new Set(['0', '\0']);

/**
 * The content of the first regular file with that base name in a POSIX tar archive, or undefined.
 * Names longer than 100 bytes (in `prefix` or extension headers) are not understood; release
 * archives have none.
 */
export function fileFromTar(archive: Buffer, baseName: string): Buffer | undefined {
  let offset = 0;
  while (offset + BLOCK_BYTES <= archive.length) {
    const header = archive.subarray(offset, offset + BLOCK_BYTES);
    const name = text(header, NAME);
    if (name === '') return undefined;
    const sizeBytes = Number.parseInt(text(header, SIZE).trim() || '0', 8);
    const start = offset + BLOCK_BYTES;
    const end = start + sizeBytes;
    if (!Number.isFinite(sizeBytes) || end > archive.length) return undefined;
    const isFile = REGULAR_FILE.has(String.fromCharCode(header[TYPE_OFFSET] ?? 0));
    if (isFile && name.split('/').at(-1) === baseName) return archive.subarray(start, end);
    offset = start + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return undefined;
}

function text(header: Buffer, field: { readonly start: number; readonly end: number }): string {
  const bytes = header.subarray(field.start, field.end);
  const zero = bytes.indexOf(0);
  return bytes.subarray(0, zero === -1 ? bytes.length : zero).toString('utf8');
}
