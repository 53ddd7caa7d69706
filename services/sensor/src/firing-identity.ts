import { createHash } from 'node:crypto';

/** One event of a firing, as it is identified on the bus. */
export interface FiredEvent {
  readonly dependency: string;
  readonly source: string;
  readonly id: string;
}

export interface FiringParts {
  readonly namespace: string;
  readonly sensor: string;
  readonly trigger: string;
  readonly events: readonly FiredEvent[];
}

/** Letters and digits that Kubernetes uses in generated names: none that are mistaken for another. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
/** Long enough that a million names of one prefix meet with a chance below one in a hundred. */
const SUFFIX_LENGTH = 10;
/** Longest name that Kubernetes and label values take. */
const NAME_LENGTH_MAX = 63;

/** The id of a firing: the same whenever the same events fire the same trigger. 64 hexadecimal digits. */
export function firingId(parts: FiringParts): string {
  const events = parts.events
    .map(({ dependency, source, id }) => [dependency, source, id])
    .toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
  const text = JSON.stringify([parts.namespace, parts.sensor, parts.trigger, events]);
  return createHash('sha256').update(text).digest('hex');
}

/** The uid of the run that a firing submits: a UUID (version 8) made from the firing's id. */
export function uidOfFiring(id: string): string {
  const variant = ((Number.parseInt(id.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const digits = `${id.slice(0, 12)}8${id.slice(13, 16)}${variant}${id.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** `generateName` completed from the firing's id, so that a redelivery makes the same name. */
export function nameOfFiring(generateName: string, id: string): string {
  let rest = BigInt(`0x${id.slice(32)}`);
  let suffix = '';
  for (let index = 0; index < SUFFIX_LENGTH; index += 1) {
    suffix += SUFFIX_ALPHABET.charAt(Number(rest % BigInt(SUFFIX_ALPHABET.length)));
    rest /= BigInt(SUFFIX_ALPHABET.length);
  }
  return generateName.slice(0, NAME_LENGTH_MAX - SUFFIX_LENGTH) + suffix;
}
