import { WIRE_DELIMITED, WIRE_FIXED32, WIRE_FIXED64, WIRE_VARINT } from './wire-writer.ts';

/** A varint of 64 bits, as other encoders write negative numbers. */
const VARINT_BYTES_MAX = 10;
/** Texts up to this length are looked up among those read lately. */
const CACHED_TEXT_BYTES_MAX = 64;
/** A power of two. */
const CACHED_TEXTS = 1_024;
const FNV_PRIME = 0x01000193;
const FNV_OFFSET = 0x811c9dc5;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads protobuf. Texts that come again and again (messages, labels) are handed out as one string, which
 * saves both time and memory.
 * Every method throws an Error when the bytes end too early or are no protobuf.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  /** The same memory. */
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #texts: (string | undefined)[];
  position = 0;

  /** `texts` is a memory that several readers may share: an empty list at first. */
  constructor(bytes: Uint8Array, texts: (string | undefined)[] = []) {
    this.#bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#texts = texts;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Field number and wire type as one number, as it lies on the wire. */
  tag(): number {
    return this.uint();
  }

  /** The low 32 bits of a varint. */
  uint(): number {
    let value = 0;
    for (let count = 0; count < VARINT_BYTES_MAX; count += 1) {
      const byte = this.#bytes[this.position];
      if (byte === undefined) throw truncated();
      this.position += 1;
      if (count < 5) value |= (byte & 0x7f) << (7 * count);
      if (byte < 0x80) return value >>> 0;
    }
    throw new Error('a number of the message does not end');
  }

  double(): number {
    if (this.position + 8 > this.#bytes.length) throw truncated();
    const value = this.#view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  /** Reads a length; answers where the value that begins here ends. */
  end(): number {
    const length = this.uint();
    const end = this.position + length;
    if (end > this.#bytes.length) throw truncated();
    return end;
  }

  text(): string {
    const end = this.end();
    const start = this.position;
    this.position = end;
    if (end - start > CACHED_TEXT_BYTES_MAX)
      return decoder.decode(this.#bytes.subarray(start, end));
    return start === end ? '' : this.#cachedText(start, end);
  }

  /** Shares the memory of the message. */
  bytes(): Uint8Array {
    const end = this.end();
    const value = this.#bytes.subarray(this.position, end);
    this.position = end;
    return value;
  }

  /** One element of a repeated number, or many of them packed: both are allowed. */
  uints(tag: number, into: number[]): void {
    if ((tag & 7) === WIRE_VARINT) {
      into.push(this.uint());
      return;
    }
    const end = this.end();
    while (this.position < end) into.push(this.uint());
  }

  textEntry(into: Record<string, string>): void {
    const end = this.end();
    let key = '';
    let value = '';
    while (this.position < end) {
      const tag = this.tag();
      if (tag === delimited(1)) key = this.text();
      else if (tag === delimited(2)) value = this.text();
      else this.skip(tag);
    }
    // Not by assignment: a key may be `__proto__`.
    Object.defineProperty(into, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }

  /** Leaves a field out that this version does not know. */
  skip(tag: number): void {
    switch (tag & 7) {
      case WIRE_VARINT:
        this.uint();
        return;
      case WIRE_FIXED64:
        this.position += 8;
        return;
      case WIRE_DELIMITED:
        this.position = this.end();
        return;
      case WIRE_FIXED32:
        this.position += 4;
        return;
      default:
        throw new Error(`the message holds a field of the unknown wire type ${tag & 7}`);
    }
  }

  #cachedText(start: number, end: number): string {
    const bytes = this.#bytes;
    let hash = FNV_OFFSET;
    let union = 0;
    for (let index = start; index < end; index += 1) {
      const byte = bytes[index] ?? 0;
      union |= byte;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
    const place = (hash ^ (hash >>> 15)) & (CACHED_TEXTS - 1);
    const known = this.#texts[place];
    if (known !== undefined && isSame(known, bytes, start, end)) return known;
    // What is ASCII is Latin-1 too, which is read several times as fast as UTF-8.
    const text =
      union < 0x80
        ? this.#buffer.toString('latin1', start, end)
        : decoder.decode(bytes.subarray(start, end));
    this.#texts[place] = text;
    return text;
  }
}

export function varint(field: number): number {
  return (field << 3) | WIRE_VARINT;
}

export function delimited(field: number): number {
  return (field << 3) | WIRE_DELIMITED;
}

export function fixed64(field: number): number {
  return (field << 3) | WIRE_FIXED64;
}

/** Whether the bytes are this text; only ever true for ASCII. */
function isSame(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f || unit !== bytes[start + index]) return false;
  }
  return true;
}

function truncated(): Error {
  return new Error('the message ends too early');
}
