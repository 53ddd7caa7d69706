/** How a field's value is laid out; the low three bits of its tag. */
export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_DELIMITED = 2;
export const WIRE_FIXED32 = 5;

const INITIAL_BYTES = 4_096;
/** Texts up to this length are copied character by character, which is faster than a call. */
const SHORT_TEXT_LENGTH = 64;
/** A varint of 32 bits. */
const VARINT32_BYTES_MAX = 5;
/** Room that is left for the length of a message whose length is not known yet. */
const LENGTH_BYTES = 1;

const encoder = new TextEncoder();

/**
 * Writes protobuf into one growing buffer. Values that are proto3's defaults are left away, as every
 * encoder does; whoever must have them writes them with the methods named `…Always`.
 */
export class WireWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** The first bytes of what was written (all of it by default), as bytes of their own; the writer begins anew. */
  finish(length = this.#length): Uint8Array {
    const written = this.#bytes.slice(0, length);
    this.#length = 0;
    return written;
  }

  /** Whole numbers from 0 to 2^32 - 1, enums too. */
  uint(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(2 * VARINT32_BYTES_MAX);
    this.#varint((field << 3) | WIRE_VARINT);
    this.#varint(value);
  }

  bool(field: number, value: boolean): void {
    this.uint(field, value ? 1 : 0);
  }

  double(field: number, value: number): void {
    if (value !== 0) this.doubleAlways(field, value);
  }

  doubleAlways(field: number, value: number): void {
    this.#reserve(VARINT32_BYTES_MAX + 8);
    this.#varint((field << 3) | WIRE_FIXED64);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  text(field: number, value: string): void {
    if (value !== '') this.textAlways(field, value);
  }

  textAlways(field: number, value: string): void {
    const mark = this.open(field);
    // UTF-8 takes three bytes at most for a unit of UTF-16.
    this.#reserve(3 * value.length);
    if (value.length > SHORT_TEXT_LENGTH || !this.#ascii(value)) {
      const room = this.#bytes.subarray(this.#length);
      this.#length += encoder.encodeInto(value, room).written;
    }
    this.close(mark);
  }

  bytes(field: number, value: Uint8Array): void {
    if (value.length === 0) return;
    this.#reserve(2 * VARINT32_BYTES_MAX + value.length);
    this.#varint((field << 3) | WIRE_DELIMITED);
    this.#varint(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  texts(field: number, values: readonly string[]): void {
    for (const value of values) this.textAlways(field, value);
  }

  /** A repeated number, packed. */
  uints(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    const mark = this.open(field);
    this.#reserve(values.length * VARINT32_BYTES_MAX);
    for (const value of values) this.#varint(value);
    this.close(mark);
  }

  textMap(field: number, values: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(values)) {
      const mark = this.open(field);
      this.textAlways(1, key);
      this.textAlways(2, value);
      this.close(mark);
    }
  }

  /** Begins a message; what is written until `close` is in it. */
  open(field: number): number {
    this.#reserve(VARINT32_BYTES_MAX + LENGTH_BYTES);
    this.#varint((field << 3) | WIRE_DELIMITED);
    this.#length += LENGTH_BYTES;
    return this.#length;
  }

  /** Ends the message that `open` began and answered this mark for. */
  close(mark: number): void {
    const length = this.#length - mark;
    if (length > 0x7f) {
      // Rare: the length takes more room than was left for it, so the content moves up.
      const extra = varintBytes(length) - LENGTH_BYTES;
      this.#reserve(extra);
      this.#bytes.copyWithin(mark + extra, mark, this.#length);
      this.#length += extra;
    }
    const end = this.#length;
    this.#length = mark - LENGTH_BYTES;
    this.#varint(length);
    this.#length = end;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length] = (rest & 0x7f) | 0x80;
      this.#length += 1;
      rest >>>= 7;
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  /** Copies the text if it is ASCII; otherwise nothing counts as written. */
  #ascii(value: string): boolean {
    const bytes = this.#bytes;
    const start = this.#length;
    for (let index = 0; index < value.length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) return false;
      bytes[start + index] = unit;
    }
    this.#length = start + value.length;
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) count += 1;
  return count;
}
