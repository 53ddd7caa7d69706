import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ArgosyError } from '@argosy/base';
import type { Artifact, ArtifactLocationKind } from '@argosy/model';
import type { ArtifactAccess, ArtifactScope } from '../types.ts';
import type { TaskRoot } from './task-root.ts';

const MODE_DIRECTORY_BITS = 0o111;

/**
 * Puts the declared input artifacts at their paths.
 * @throws ArgosyError naming the artifact.
 */
export async function placeInputs(
  artifacts: readonly Artifact[],
  root: TaskRoot,
  access: { readonly artifacts: ArtifactAccess; readonly scope: ArtifactScope },
): Promise<void> {
  for (const artifact of artifacts) {
    if (artifact.path === undefined) continue;
    const place = root.placeOf(artifact.path);
    try {
      if (!hasLocation(artifact)) {
        throw new ArgosyError('NOT_FOUND', 'it was not supplied and has no location');
      }
      await access.artifacts.load(artifact, place, access.scope);
    } catch (thrown) {
      const error = ArgosyError.fromUnknown(thrown);
      if (artifact.optional === true && error.code === 'NOT_FOUND') continue;
      const message = `input artifact "${artifact.name}": ${error.message}`;
      throw new ArgosyError(error.code, message, { cause: error });
    }
    if (artifact.mode !== undefined) await setMode(place, artifact.mode, artifact.recurseMode);
  }
}

const LOCATIONS = [
  'raw',
  'http',
  'git',
  's3',
  'gcs',
  'azure',
  'oss',
  'hdfs',
  'artifactory',
  'plugin',
] as const satisfies readonly ArtifactLocationKind[];

function hasLocation(artifact: Artifact): boolean {
  if (artifact.http?.url === '') return false;
  return LOCATIONS.some((kind) => artifact[kind] !== undefined);
}

async function setMode(place: string, mode: number, recurse: boolean | undefined): Promise<void> {
  await chmod(place, mode);
  if (recurse !== true) return;
  const entries = await readdir(place, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() ? mode | MODE_DIRECTORY_BITS : mode);
  }
}
