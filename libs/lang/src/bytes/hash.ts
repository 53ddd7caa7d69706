/** Adler-32 over bytes. */
export function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return high * 65536 + low;
}

/** The message with the padding all SHA functions share: 0x80, zeros, the length in bits. */
function padded(bytes: Uint8Array, blockSize: number): Uint8Array {
  const lengthSize = blockSize / 8;
  const size = Math.ceil((bytes.length + 1 + lengthSize) / blockSize) * blockSize;
  const result = new Uint8Array(size);
  result.set(bytes);
  result[bytes.length] = 0x80;
  new DataView(result.buffer).setBigUint64(size - 8, BigInt(bytes.length) * 8n);
  return result;
}

const rotateLeft = (value: number, count: number): number =>
  (value << count) | (value >>> (32 - count));

/** SHA-1 (FIPS 180-4); for checksums of text, not for security. */
export function sha1(bytes: Uint8Array): Uint8Array {
  const view = new DataView(padded(bytes, 64).buffer);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  for (let offset = 0; offset < view.byteLength; offset += 64) {
    for (let index = 0; index < 80; index += 1) {
      const at = (back: number): number => words[index - back] ?? 0;
      words[index] =
        index < 16
          ? view.getInt32(offset + index * 4)
          : rotateLeft(at(3) ^ at(8) ^ at(14) ^ at(16), 1);
    }
    sha1Block(state, words);
  }
  return wordsToBytes(state);
}

function sha1Block(state: number[], words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let index = 0; index < 80; index += 1) {
    const [mix, constant] = sha1Round(index, [b, c, d]);
    const next = (rotateLeft(a, 5) + mix + e + constant + (words[index] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  [a, b, c, d, e].forEach((value, index) => {
    state[index] = ((state[index] ?? 0) + value) | 0;
  });
}

function sha1Round(
  index: number,
  [b, c, d]: readonly [number, number, number],
): readonly [number, number] {
  if (index < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (index < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (index < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

function wordsToBytes(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => view.setInt32(index * 4, word));
  return bytes;
}

const MASK_64 = (1n << 64n) - 1n;

/** The first `bits` bits of the fractional part of the n-th root of a prime: SHA-2's constants. */
function rootFraction(prime: number, root: bigint, bits: bigint): bigint {
  const target = BigInt(prime) << (bits * root);
  let low = 0n;
  let high = 1n << (bits + 8n);
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** root <= target) low = middle;
    else high = middle;
  }
  return low & ((1n << bits) - 1n);
}

function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

interface Sha2Parameters {
  readonly bits: bigint;
  readonly rounds: number;
  /** Rotations of Σ0, Σ1, σ0, σ1; the last one of each σ is a shift. */
  readonly rotations: readonly (readonly [bigint, bigint, bigint])[];
}

const SHA_512: Sha2Parameters = {
  bits: 64n,
  rounds: 80,
  rotations: [
    [28n, 34n, 39n],
    [14n, 18n, 41n],
    [1n, 8n, 7n],
    [19n, 61n, 6n],
  ],
};

/** SHA-512 (FIPS 180-4). */
export function sha512(bytes: Uint8Array): Uint8Array {
  return sha2(bytes, SHA_512);
}

function sha2(bytes: Uint8Array, parameters: Sha2Parameters): Uint8Array {
  const { bits, rounds } = parameters;
  const mask = MASK_64 >> (64n - bits);
  const wordSize = Number(bits) / 8;
  const message = padded(bytes, wordSize * 16);
  const constants = primes(rounds).map((prime) => rootFraction(prime, 3n, bits));
  const state = primes(8).map((prime) => rootFraction(prime, 2n, bits));
  for (let offset = 0; offset < message.length; offset += wordSize * 16) {
    const words: bigint[] = [];
    for (let index = 0; index < 16; index += 1) {
      let word = 0n;
      for (let byte = 0; byte < wordSize; byte += 1) {
        word = (word << 8n) | BigInt(message[offset + index * wordSize + byte] ?? 0);
      }
      words.push(word);
    }
    sha2Block(state, words, { parameters, constants, mask });
  }
  const result = new Uint8Array(8 * wordSize);
  state.forEach((word, index) => {
    for (let byte = 0; byte < wordSize; byte += 1) {
      result[index * wordSize + byte] = Number((word >> BigInt(8 * (wordSize - 1 - byte))) & 255n);
    }
  });
  return result;
}

interface Sha2Block {
  readonly parameters: Sha2Parameters;
  readonly constants: readonly bigint[];
  readonly mask: bigint;
}

type EightWords = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

function sha2Block(state: bigint[], words: bigint[], block: Sha2Block): void {
  const { parameters, constants, mask } = block;
  const rotate = (value: bigint, count: bigint): bigint =>
    ((value >> count) | (value << (parameters.bits - count))) & mask;
  const mixed = (value: bigint, which: number, last: 'rotate' | 'shift'): bigint => {
    const [first, second, third] = parameters.rotations[which] ?? [0n, 0n, 0n];
    const end = last === 'shift' ? value >> third : rotate(value, third);
    return rotate(value, first) ^ rotate(value, second) ^ end;
  };
  for (let index = 16; index < parameters.rounds; index += 1) {
    const at = (back: number): bigint => words[index - back] ?? 0n;
    words.push((mixed(at(2), 3, 'shift') + at(7) + mixed(at(15), 2, 'shift') + at(16)) & mask);
  }
  let [a, b, c, d, e, f, g, h] = state as EightWords;
  for (let index = 0; index < parameters.rounds; index += 1) {
    const choice = (e & f) ^ (~e & mask & g);
    const first =
      h + mixed(e, 1, 'rotate') + choice + (constants[index] ?? 0n) + (words[index] ?? 0n);
    const second = mixed(a, 0, 'rotate') + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) & mask, c, b, a, (first + second) & mask];
  }
  [a, b, c, d, e, f, g, h].forEach((value, index) => {
    state[index] = ((state[index] ?? 0n) + value) & mask;
  });
}
