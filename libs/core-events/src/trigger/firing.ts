import { goJson, sha256, utf8Bytes } from '@argosy/lang';
import type { SensorEvent } from '../event/sensor-event.ts';

/** Letters and digits Kubernetes uses in generated names: none that is mistaken for another. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 10;
/** Longest name Kubernetes and label values take. */
const NAME_UNITS_MAX = 63;

/** The trigger a firing belongs to. */
export interface TriggerIdentity {
  readonly namespace: string;
  readonly sensor: string;
  readonly trigger: string;
}

/**
 * The id of a firing: 64 hexadecimal digits, the same whenever the same events fire the same trigger,
 * so a redelivery can be recognised by whoever acts on it.
 */
export function firingId(
  identity: TriggerIdentity,
  events: Readonly<Record<string, Pick<SensorEvent, 'source' | 'id'>>>,
): string {
  const parts = Object.entries(events)
    .map(([dependency, event]) => goJson([dependency, event.source, event.id]))
    .sort();
  const { namespace, sensor, trigger } = identity;
  const bytes = sha256(utf8Bytes(`${goJson([namespace, sensor, trigger])}\n${parts.join('\n')}`));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The uid of the run a firing submits: a UUID (version 8) made of the firing's id. */
export function uidOfFiring(id: string): string {
  const variant = ((Number.parseInt(id.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const groups = [
    id.slice(0, 8),
    id.slice(8, 12),
    `8${id.slice(13, 16)}`,
    `${variant}${id.slice(17, 20)}`,
    id.slice(20, 32),
  ];
  return groups.join('-');
}

/** `generateName` completed from the firing's id, so a redelivery makes the same name. */
export function nameOfFiring(generateName: string, id: string): string {
  let rest = BigInt(`0x${id.slice(32)}`);
  let suffix = '';
  for (let index = 0; index < SUFFIX_LENGTH; index += 1) {
    suffix += SUFFIX_ALPHABET.charAt(Number(rest % BigInt(SUFFIX_ALPHABET.length)));
    rest /= BigInt(SUFFIX_ALPHABET.length);
  }
  return generateName.slice(0, NAME_UNITS_MAX - SUFFIX_LENGTH) + suffix;
}
