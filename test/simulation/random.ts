/**
 * A small seeded source of chance (sfc32 after a mixing of the seed by splitmix32): the same seed gives the same numbers
 * on every machine and version of Node. Not for secrets.
 */
export interface Random {
  /** 0 ≤ x < 1, with 32 bits. */
  next(): number;
  /** A whole number 0 ≤ n < limit. */
  below(limit: number): number;
  /** A whole number low ≤ n ≤ high. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  /** @throws Error for an empty list. */
  pick<T>(list: readonly T[]): T;
}

const TWO_TO_32 = 2 ** 32;
/** Numbers thrown away at the start, until every bit of the seed has reached every bit of the state. */
const WARM_UP_ROUNDS = 12;

/** The label makes independent sources from one seed, so that using one never shifts another. */
export function createRandom(seed: number, label: string): Random {
  const mix = createMixer((seed ^ hashOf(label)) >>> 0);
  let [a, b, c, counter] = [mix(), mix(), mix(), 1];
  const next32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) next32();
  const next = (): number => next32() / TWO_TO_32;
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => next() < probability,
    pick(list) {
      if (list.length === 0) throw new Error('nothing to pick from');
      return list[below(list.length)] as (typeof list)[number];
    },
  };
}

/** A number 0 ≤ x < 1 that depends on nothing but the text. */
export function chanceOf(text: string): number {
  return (createMixer(hashOf(text))() >>> 0) / TWO_TO_32;
}

function createMixer(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}

/** FNV-1a over the UTF-16 units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
