const REPLACEMENT = 0xfffd;

/** The UTF-8 bytes of a text. A lone surrogate becomes U+FFFD, as in every encoder of the web. */
export function utf8Bytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    let code = character.codePointAt(0) ?? REPLACEMENT;
    if (code >= 0xd800 && code <= 0xdfff) code = REPLACEMENT;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) {
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    } else {
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
    }
  }
  return Uint8Array.from(bytes);
}

/** The text of UTF-8 bytes; each byte that is no part of a valid sequence becomes U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  const parts: string[] = [];
  let index = 0;
  while (index < bytes.length) {
    const size = sequenceSize(bytes, index);
    parts.push(String.fromCodePoint(size === 0 ? REPLACEMENT : codePointAt(bytes, index, size)));
    index += size === 0 ? 1 : size;
  }
  return parts.join('');
}

/** Length of the valid sequence at the index, 0 when there is none. */
function sequenceSize(bytes: Uint8Array, index: number): number {
  const size = sizeOfLead(bytes[index] ?? 0);
  if (size <= 1 || index + size > bytes.length) return size === 1 ? 1 : 0;
  const isWhole = bytes.slice(index + 1, index + size).every((byte) => (byte & 0xc0) === 0x80);
  return isWhole && isCodePoint(codePointAt(bytes, index, size), size) ? size : 0;
}

function isCodePoint(code: number, size: number): boolean {
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return code >= (SMALLEST[size] ?? 0) && code <= 0x10ffff && !isSurrogate;
}

/** The smallest code point that needs so many bytes; a smaller one is written too long. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

function sizeOfLead(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead >= 0xf5) return 0;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function codePointAt(bytes: Uint8Array, index: number, size: number): number {
  const lead = bytes[index] ?? 0;
  if (size === 1) return lead;
  let code = lead & (0xff >> (size + 1));
  for (let offset = 1; offset < size; offset += 1) {
    code = (code << 6) | ((bytes[index + offset] ?? 0) & 63);
  }
  return code;
}
