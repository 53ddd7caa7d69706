import { randomInt } from 'node:crypto';
import { generateName, NAME_SUFFIX_LENGTH, nameSuffix } from '@argosy/model';

const RANDOM_STEPS = 2 ** 32;

/** A name from `generateName`: the prefix, cut if need be, and five random characters. */
export function generatedName(prefix: string): string {
  const randoms = Array.from(
    { length: NAME_SUFFIX_LENGTH },
    () => randomInt(RANDOM_STEPS) / RANDOM_STEPS,
  );
  return generateName(prefix, nameSuffix(randoms));
}
