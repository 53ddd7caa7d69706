import { ArgosyError } from '@argosy/base';
import type { Artifact } from '@argosy/model';

/** The kinds of location that are a key in some store, with the field that holds it. */
const KEYED = [
  ['s3', 'key'],
  ['gcs', 'key'],
  ['oss', 'key'],
  ['azure', 'blob'],
  ['artifactory', 'url'],
  ['hdfs', 'path'],
  ['plugin', 'key'],
] as const;

/** Fields that name a store of its own, next to the key. */
const OWN_STORE = ['bucket', 'endpoint', 'container', 'addresses'] as const;

/**
 * The key under which an artifact lies in the store of the bus; undefined when it names none.
 * @throws ArgosyError UNIMPLEMENTED for a location in a store that is not the bus's.
 */
export function keyOf(artifact: Artifact): string | undefined {
  for (const [kind, field] of KEYED) {
    const location = artifact[kind] as Readonly<Record<string, unknown>> | undefined;
    if (location === undefined) continue;
    const own = OWN_STORE.find((name) => isSet(location[name]));
    if (own !== undefined || kind === 'artifactory' || kind === 'hdfs' || kind === 'plugin') {
      throw new ArgosyError(
        'UNIMPLEMENTED',
        `${kind}${own === undefined ? '' : ` with its own ${own}`} is not available here: give the key alone ` +
          '(the artifact is then kept on the bus), or use http, git or raw',
      );
    }
    const key = location[field];
    return typeof key === 'string' && key !== '' ? key.replace(/^\/+/, '') : undefined;
  }
  return undefined;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** The artifact with the place where it lies now; one without a location gets the form of a key alone. */
export function withKey(artifact: Artifact, key: string): Artifact {
  const hasKey = keyOf(artifact) !== undefined;
  return hasKey ? artifact : { ...artifact, s3: { key } };
}
