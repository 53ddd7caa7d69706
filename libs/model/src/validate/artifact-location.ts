import type { ArtifactLocation, ArtifactLocationKind } from '../types/artifact.ts';
import { below, type Site, type Validation } from './context.ts';

/** The stores an artifact can lie in. */
export const LOCATION_KINDS: readonly ArtifactLocationKind[] = [
  's3',
  'git',
  'http',
  'artifactory',
  'hdfs',
  'raw',
  'oss',
  'gcs',
  'azure',
  'plugin',
];

/** The fields of each store that must not be empty. */
const REQUIRED: Readonly<Partial<Record<ArtifactLocationKind, string>>> = {
  git: 'repo',
  http: 'url',
  artifactory: 'url',
  hdfs: 'path',
};

/** True when the artifact says where it lies, be it only by key within the default store. */
export function hasLocation(location: ArtifactLocation): boolean {
  return LOCATION_KINDS.some((kind) => location[kind] !== undefined);
}

/** A store that is named must be told enough to find the artifact. `label` as Argo writes it. */
export function checkLocation(
  validation: Validation,
  site: Site,
  label: string,
  location: ArtifactLocation,
): void {
  for (const kind of LOCATION_KINDS) {
    const field = REQUIRED[kind];
    const store = location[kind] as Readonly<Record<string, unknown>> | undefined;
    if (field === undefined || store === undefined) continue;
    const value = store[field];
    if (value === undefined || value === '') {
      validation.report(below(site, '', kind), `${label}.${kind}.${field} is required`);
    }
  }
}
